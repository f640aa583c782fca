"""All calls of dicomweb-client against the web server as it is started, with real files."""

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
import requests
from dicomweb_client.api import DICOMwebClient
from knox.models import AuthToken
from PIL import Image as Pictures
from pydicom.dataset import Dataset
from requests import HTTPError

from archive.models import Instance
from tests.factories.accounts import make_user
from tests.factories.archive import file_bytes, make_dataset
from tests.factories.dicomweb import first_of, numbers_of, refusal, slices, store, uids_of
from tests.instance import free_port
from tests.jobs.processes import Process, wait_for_port

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # the files break rules on purpose, and pydicom says so
    pytest.mark.filterwarnings("ignore::UserWarning:pydicom"),
]
FILES = Path(__file__).parent / "files" / "taken"
ALL = Path(
    os.environ.get("OSTEON_DICOM_FILES", Path(__file__).resolve().parents[3] / "shared/data/dicom")
)


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("dicomweb")
    port = free_port()
    web = Process(
        ["config.server", "--port", str(port)],
        folder / "web.log",
        DJANGO_SETTINGS_MODULE="config.settings",
        STORAGE_URL=(folder / "originals").as_uri(),
    )
    try:
        wait_for_port(port, web)
        yield f"http://127.0.0.1:{port}"
    finally:
        web.kill()


@pytest.fixture
def client(server: str) -> Iterator[DICOMwebClient]:
    _, token = AuthToken.objects.create(user=make_user(is_staff=True))
    headers = {"Authorization": f"Token {token}"}
    with requests.Session() as session:
        yield DICOMwebClient(f"{server}/dicomweb", session=session, headers=headers)


def test_it_finds_studies_series_and_instances(client: DICOMwebClient) -> None:
    store(
        client,
        [*slices(3, Modality="MR"), *slices(1, StudyInstanceUID="1.9", SeriesInstanceUID="1.9.1")],
    )

    [study] = client.search_for_studies(search_filters={"ModalitiesInStudy": "MR"})
    [series] = client.search_for_series(uids_of(study)[0], search_filters={"Modality": "MR"})
    where = uids_of(series)
    instances = client.search_for_instances(
        where[0], where[1], search_filters={"InstanceNumber": "2"}
    )

    assert len(client.search_for_studies()) == len(client.search_for_series()) == 2
    assert len(client.search_for_instances()) == 4
    assert study["00201208"]["Value"] == series["00201209"]["Value"] == [3]
    assert study["00100010"]["Value"][0]["Alphabetic"].startswith("P-")
    assert numbers_of(instances) == [2]
    assert client.search_for_studies(search_filters={"PatientID": "nobody"}) == []


def test_it_gives_a_search_in_pages_and_with_more_fields(client: DICOMwebClient) -> None:
    store(client, slices(5, PatientPosition="FFS"))

    page = client.search_for_instances(limit=2, offset=2)
    rest = client.search_for_instances(limit=2, get_remaining=True)
    [study] = client.search_for_studies(
        fields=["PatientSex", "StudyDescription"], fuzzymatching=True
    )
    [series] = client.search_for_series(fields=["PatientPosition"])
    whole = client.search_for_instances(fields=["all"], limit=1)[0]

    assert numbers_of(page) == [3, 4]
    assert numbers_of(rest) == [1, 2, 3, 4, 5]
    assert study["00100040"]["Value"] == ["F"]
    assert series["00185100"]["Value"] == ["FFS"]
    assert whole["00280004"]["Value"] == ["MONOCHROME2"]


def test_it_gives_whole_studies_series_and_instances(client: DICOMwebClient) -> None:
    sent = slices(3)
    store(client, sent)
    study, series, instance = first_of(client)

    for got in (
        client.retrieve_study(study),
        client.retrieve_series(study, series),
        list(client.iter_study(study)),
        list(client.iter_series(study, series)),
    ):
        assert [one.PixelData for one in got] == [one.PixelData for one in sent]
    any_syntax = (("application/dicom", "*"),)
    for one in (
        client.retrieve_instance(study, series, instance),
        client.retrieve_instance(study, series, instance, media_types=any_syntax),
    ):
        assert one.SOPInstanceUID == instance
        assert (one.pixel_array == sent[0].pixel_array).all()


def test_it_gives_metadata_that_makes_datasets(client: DICOMwebClient) -> None:
    store(client, slices(2))
    study, series, instance = first_of(client)

    of_study = client.retrieve_study_metadata(study)
    of_series = client.retrieve_series_metadata(study, series)
    [of_instance] = [client.retrieve_instance_metadata(study, series, instance)]

    assert of_study == of_series
    assert of_series[0] == (of_instance[0] if isinstance(of_instance, list) else of_instance)
    assert list(of_series[0]) == sorted(of_series[0])
    dataset = Dataset.from_json(of_series[1], lambda tag, vr, uri: b"")
    assert (dataset.Rows, dataset.InstanceNumber) == (12, 2)


def test_it_gives_frames_by_every_name_that_fits(client: DICOMwebClient) -> None:
    pixels = np.arange(360, dtype=np.uint16).reshape(3, 12, 10)
    store(client, [pydicom.dcmread(BytesIO(file_bytes(make_dataset(pixels))))])
    where = first_of(client)
    octets = ("application/octet-stream",)
    explicit = (("application/octet-stream", "1.2.840.10008.1.2.1"),)

    by_default = client.retrieve_instance_frames(*where, frame_numbers=[3, 1])
    streamed = list(client.iter_instance_frames(*where, frame_numbers=[3, 1]))
    named = [
        client.retrieve_instance_frames(*where, frame_numbers=[3, 1], media_types=types)
        for types in (octets, explicit)
    ]

    assert by_default == streamed == named[0] == named[1]
    assert by_default == [pixels[2].tobytes(), pixels[0].tobytes()]


@pytest.mark.parametrize(
    ("name", "media_type"),
    [("JPEG2000.dcm", ("image/jp2", "1.2.840.10008.1.2.4.91")), ("MR_small_RLE.dcm", ("image/x-dicom-rle", "1.2.840.10008.1.2.5"))],
)  # fmt: skip
def test_it_gives_compressed_images_as_they_are_and_decoded_where_asked(
    client: DICOMwebClient, name: str, media_type: tuple[str, str]
) -> None:
    sent = pydicom.dcmread(FILES / name)
    store(client, [sent])
    where = first_of(client)
    expected = sent.pixel_array
    stored = client.retrieve_instance(*where, media_types=(("application/dicom", "*"),))
    explicit = (("application/dicom", "1.2.840.10008.1.2.1"),)

    as_is = client.retrieve_instance_frames(*where, frame_numbers=[1])
    decoded = client.retrieve_instance_frames(
        *where,
        frame_numbers=[1],
        media_types=(("application/octet-stream", "1.2.840.10008.1.2.1"),),
    )
    plain = client.retrieve_instance(*where, media_types=explicit)

    assert (stored.pixel_array == expected).all()
    if stored.file_meta.TransferSyntaxUID == media_type[1]:  # kept as it came
        named = client.retrieve_instance_frames(*where, [1], media_types=(media_type,))
        assert as_is == named
        assert as_is[0] in stored.PixelData
    assert decoded == [expected.tobytes()]
    assert plain.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.1"
    assert (plain.pixel_array == expected).all()


def test_it_gives_explicit_vr_what_came_implicit(client: DICOMwebClient) -> None:
    sent = pydicom.dcmread(FILES / "MR_small_implicit.dcm")
    store(client, [sent])

    got = client.retrieve_instance(*first_of(client))

    assert not got.file_meta.TransferSyntaxUID.is_implicit_VR
    assert (got.pixel_array == sent.pixel_array).all()


def test_it_renders_instances_frames_and_series(client: DICOMwebClient) -> None:
    store(client, slices(2))
    study, series, instance = first_of(client)
    small = {"viewport": "5,6"}

    pictures = [
        client.retrieve_instance_rendered(study, series, instance),
        client.retrieve_instance_rendered(study, series, instance, ("image/png",), small),
        client.retrieve_instance_frames_rendered(study, series, instance, [1], ("image/jpeg",)),
        client.retrieve_series_rendered(study, series, ("image/jpeg",), {"quality": 60}),
    ]

    opened = [Pictures.open(BytesIO(picture)) for picture in pictures]
    assert [(one.format, one.size) for one in opened] == [
        ("JPEG", (10, 12)),
        ("PNG", (5, 6)),
        ("JPEG", (10, 12)),
        ("JPEG", (10, 12)),
    ]


def test_it_gives_the_bulk_data_that_metadata_names(client: DICOMwebClient) -> None:
    sent = slices(1)
    store(client, sent)
    where = first_of(client)
    metadata: Any = client.retrieve_instance_metadata(*where)
    element = (metadata[0] if isinstance(metadata, list) else metadata)["7FE00010"]

    assert client.retrieve_bulkdata(element["BulkDataURI"]) == [sent[0].PixelData]
    assert list(client.iter_bulkdata(element["BulkDataURI"])) == [sent[0].PixelData]
    octets = ("application/octet-stream",)
    assert client.retrieve_bulkdata(element["BulkDataURI"], octets) == [sent[0].PixelData]


def test_it_stores_and_says_what_became_of_each(client: DICOMwebClient) -> None:
    good, pixelless = slices(2)
    del pixelless.PixelData

    answer = store(client, [good, pixelless])

    [stored], [failed] = answer.ReferencedSOPSequence, answer.FailedSOPSequence
    assert stored.ReferencedSOPInstanceUID == good.SOPInstanceUID
    assert failed.ReferencedSOPInstanceUID == pixelless.SOPInstanceUID
    assert failed.ReferencedSOPClassUID == pixelless.SOPClassUID
    assert failed.FailureReason in (0x0122, 0xC000)
    assert failed.ErrorComment.startswith("It ")
    assert Instance.objects.count() == 1


def test_what_it_stored_stands_where_the_answer_says(client: DICOMwebClient) -> None:
    [sent] = slices(1)
    client.store_instances([sent])
    Instance.everything.update(state=Instance.State.READY)

    again = client.store_instances([sent])  # already here: as good as stored

    [stored] = again.ReferencedSOPSequence
    study, series, instance = first_of(client)
    end = f"/dicomweb/studies/{study}/series/{series}/instances/{instance}"
    assert stored.RetrieveURL.endswith(end)
    assert again.RetrieveURL.endswith(f"/dicomweb/studies/{study}")


def test_it_stores_what_comes_in_chunks(client: DICOMwebClient) -> None:
    client.set_chunk_size(10_000)
    pixels = np.random.default_rng(5).integers(0, 4096, (3, 700, 900), np.uint16)

    store(client, [pydicom.dcmread(BytesIO(file_bytes(make_dataset(pixels))))])

    got = client.retrieve_instance(*first_of(client))
    assert (got.pixel_array == pixels).all()


def test_it_stores_into_a_study_only_what_belongs_there(client: DICOMwebClient) -> None:
    [mine], [other] = slices(1), slices(1, StudyInstanceUID="1.9", SeriesInstanceUID="1.9.1")

    answer = client.store_instances([mine, other], study_instance_uid="1.2.3")

    assert [one.ReferencedSOPInstanceUID for one in answer.FailedSOPSequence] == [
        other.SOPInstanceUID
    ]
    assert Instance.everything.count() == 1


def test_it_refuses_what_it_can_take_nothing_of(client: DICOMwebClient) -> None:
    [pixelless] = slices(1)
    del pixelless.PixelData

    with pytest.raises(HTTPError) as error:
        client.store_instances([pixelless])

    assert error.value.response is not None
    assert error.value.response.status_code == 409
    answer = Dataset.from_json(error.value.response.json())
    assert answer.FailedSOPSequence[0].ReferencedSOPInstanceUID == pixelless.SOPInstanceUID


def test_it_deletes_nothing(client: DICOMwebClient) -> None:
    store(client, slices(1))
    study, series, instance = first_of(client)

    for call in (
        lambda: client.delete_study(study),
        lambda: client.delete_series(study, series),
        lambda: client.delete_instance(study, series, instance),
    ):
        status, sentence = refusal(call)
        assert status == 405
        assert sentence.endswith(".")
    assert Instance.objects.count() == 1


def test_it_answers_odd_questions_with_a_sentence(client: DICOMwebClient) -> None:
    store(client, slices(1))
    study, series, instance = first_of(client)

    for call, expected in (
        (lambda: client.search_for_studies(search_filters={"SOPInstanceUID": "1"}), 400),
        (lambda: client.search_for_studies(search_filters={"StudyDate": "yesterday"}), 400),
        (lambda: client.retrieve_study("1.2.999"), 404),
        (lambda: client.retrieve_series_metadata(study, "1.2.999"), 404),
        (lambda: client.retrieve_instance_frames(study, series, instance, [2]), 404),
        (lambda: client.retrieve_instance_rendered(study, series, instance, ("image/gif",)), 406),
        (
            lambda: client.retrieve_instance_rendered(
                study, series, instance, ("image/png",), {"window": "wide"}
            ),
            400,
        ),
    ):
        status, sentence = refusal(call)
        assert status == expected
        assert sentence.endswith(".")


def test_it_shows_nobody_what_is_held(client: DICOMwebClient) -> None:
    store(client, slices(2))
    study, series, instance = first_of(client)
    held = Instance.objects.filter(sop_instance_uid=instance)
    held.update(state=Instance.State.HELD)

    assert numbers_of(client.search_for_instances()) == [2]
    assert client.search_for_studies()[0]["00201208"]["Value"] == [1]
    assert len(client.retrieve_study(study)) == 1
    assert len(client.retrieve_series_metadata(study, series)) == 1
    for call in (
        lambda: client.retrieve_instance(study, series, instance),
        lambda: client.retrieve_instance_metadata(study, series, instance),
        lambda: client.retrieve_instance_frames(study, series, instance, [1]),
        lambda: client.retrieve_instance_rendered(study, series, instance),
    ):
        assert refusal(call)[0] == 404


def test_it_serves_each_of_all_files(client: DICOMwebClient) -> None:
    """Whatever is taken is found, retrieved, rendered, and has the pixels that were sent."""
    if not ALL.is_dir():
        pytest.skip(f"{ALL} is not here; set OSTEON_DICOM_FILES to a folder of DICOM files.")
    served = 0
    for path in sorted(path for path in ALL.rglob("*") if path.is_file()):
        Instance.everything.all().delete()
        if not taken(client, path.read_bytes()):
            continue
        where = first_of(client)
        got = client.retrieve_instance(*where)
        expected = pydicom.dcmread(path).pixel_array
        assert (got.pixel_array == expected).all(), path
        assert client.retrieve_series_metadata(*where[:2])
        frames = client.retrieve_instance_frames(*where, frame_numbers=[1])
        assert frames[0][:1000] in got.PixelData, path
        assert client.retrieve_instance_rendered(*where, ("image/png",)).startswith(b"\x89PNG")
        served += 1
    assert served >= 100


def taken(client: DICOMwebClient, data: bytes) -> bool:
    """Sent as it is: a library would mend a bad file, or not write it at all."""
    head = b"--xx\r\nContent-Type: application/dicom\r\n\r\n"
    answer = client._session.post(
        f"{client.base_url}/studies",
        data=head + data + b"\r\n--xx--",
        headers={"Content-Type": 'multipart/related; type="application/dicom"; boundary=xx'},
    )
    assert answer.status_code in (200, 409), answer.text
    Instance.everything.update(state=Instance.State.READY)
    return bool(answer.status_code == 200)
