"""Whole instances, bulk data and rendered images: what is given, in which form, and what is refused."""

import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from django.test import Client
from PIL import Image as Pictures
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from archive import store
from archive.dicomweb import wado
from archive.ingest import ingest_bytes
from archive.models import Instance
from tests.archive.test_dicomweb import address, pixels_in, series_of
from tests.factories.accounts import client_of, make_user
from tests.factories.archive import file_bytes, make_dataset, make_instance

pytestmark = pytest.mark.django_db
FILES = Path(__file__).parent / "files" / "taken"
EXPLICIT = "1.2.840.10008.1.2.1"


@pytest.fixture
def staff() -> Client:
    return client_of(make_user(is_staff=True))


def get(client: Client, where: str, accept: str = "*/*", **query: str) -> Any:
    return client.get(where, query, headers={"Accept": accept})


def stored(instance: Instance) -> bytes:
    with store.originals().open(instance.file) as file:
        return bytes(file.read())


def ingest(path: Path) -> Instance:
    item = ingest_bytes(path.name, path.read_bytes())
    Instance.everything.update(state=Instance.State.READY)
    return Instance.objects.select_related("series__study").get(
        sop_instance_uid=item.sop_instance_uid
    )


def picture_of(response: Any) -> Pictures.Image:
    assert response.status_code == 200, response.content
    return Pictures.open(BytesIO(response.content))


# --- instances


def test_it_gives_the_stored_bytes(staff: Client) -> None:
    instance = make_instance()

    several = get(
        staff, address(instance), 'multipart/related; type="application/dicom"; transfer-syntax=*'
    )
    alone = get(staff, address(instance), "application/dicom")

    assert several["Content-Type"].startswith(
        'multipart/related; type="application/dicom"; boundary='
    )
    assert pixels_in(several) == [stored(instance)] == [alone.content]
    assert alone["Content-Type"] == f"application/dicom; transfer-syntax={EXPLICIT}"
    assert int(alone["Content-Length"]) == instance.size_bytes
    assert alone["Cache-Control"].startswith("private")


def test_it_gives_a_series_in_order_and_says_when_it_is_unchanged(staff: Client) -> None:
    same: dict[str, Any] = {"StudyInstanceUID": "1.2", "SeriesInstanceUID": "1.3", "PatientID": "A"}
    second, first = (make_instance(InstanceNumber=number, **same) for number in (2, 1))

    response = get(staff, series_of(first))
    again = staff.get(series_of(first), headers={"If-None-Match": response["ETag"]})

    assert pixels_in(response) == [stored(first), stored(second)]
    assert (again.status_code, again.content) == (304, b"")


def test_it_streams_what_is_large(staff: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.dicomweb.answers.AT_ONCE_BYTES", 100)
    monkeypatch.setattr(wado, "PIECE_BYTES", 100)
    instance = make_instance()

    response = get(staff, series_of(instance))

    alone = get(staff, address(instance), "application/dicom")

    assert response.streaming
    body = b"".join(response.streaming_content)
    assert stored(instance) in body
    assert body.endswith(b"--\r\n")
    assert b"".join(alone.streaming_content) == stored(instance)


def test_it_streams_the_decoded_frames_of_a_film(staff: Client) -> None:
    instance = ingest(FILES / "SC_rgb_rle_2frame.dcm")
    with store.originals().open(instance.file) as file:
        pixels = pydicom.dcmread(file).pixel_array

    response = get(staff, address(instance) + "/bulkdata/7FE00010", "application/octet-stream")

    assert response.streaming
    assert len(b"".join(response.streaming_content)) == pixels.nbytes


def test_it_gives_implicit_files_explicit(staff: Client) -> None:
    sent = make_dataset()
    ingest_bytes("implicit.dcm", file_bytes(sent, ImplicitVRLittleEndian))
    instance = Instance.objects.select_related("series__study").get()

    got = pydicom.dcmread(BytesIO(get(staff, address(instance), "application/dicom").content))

    assert got.file_meta.TransferSyntaxUID == EXPLICIT
    assert got.PixelData == sent.PixelData
    assert got.Rows == 12


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "MR_small_RLE.dcm", "SC_rgb_rle_2frame.dcm"])
def test_it_gives_compressed_files_uncompressed_where_asked(staff: Client, name: str) -> None:
    instance = ingest(FILES / name)
    plain = f'multipart/related; type="application/dicom"; transfer-syntax={EXPLICIT}'

    got = pydicom.dcmread(BytesIO(pixels_in(get(staff, address(instance), plain))[0]))

    assert got.file_meta.TransferSyntaxUID == EXPLICIT
    assert (got.pixel_array == pydicom.dcmread(FILES / name).pixel_array).all()
    assert got.SOPInstanceUID == instance.sop_instance_uid


@pytest.mark.parametrize(
    ("name", "syntax"),
    [("MR_small_RLE.dcm", EXPLICIT), ("JPEG2000.dcm", "1.2.840.10008.1.2.4.91")],
)
@pytest.mark.parametrize(
    "accept", ["application/dicom", 'multipart/related; type="application/dicom"']
)
def test_who_names_no_transfer_syntax_gets_a_file_that_everybody_reads(
    staff: Client, name: str, syntax: str, accept: str
) -> None:
    answer = get(staff, address(ingest(FILES / name)), accept)

    [data] = pixels_in(answer) if accept.startswith("multipart") else [answer.content]
    got = pydicom.dcmread(BytesIO(data))
    assert got.file_meta.TransferSyntaxUID == syntax
    assert (got.pixel_array == pydicom.dcmread(FILES / name).pixel_array).all()


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/dicom+xml", 406),
        ("application/zip", 406),
        (
            'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.50',
            406,
        ),
        ('multipart/related; type="application/dicom+xml"', 406),
        ('application/zip, multipart/related; type="application/dicom"', 200),
        ("*/*;q=0", 406),
    ],
)
def test_it_gives_no_form_that_was_not_asked_for(staff: Client, accept: str, status: int) -> None:
    response = get(staff, address(make_instance()), accept)

    assert response.status_code == status
    assert status == 200 or response.json()["detail"].endswith(".")


@pytest.mark.parametrize(
    "name", ["MR_small_padded.dcm", "JPEG2000.dcm", "MR_small_jpeg_ls_lossless.dcm"]
)
def test_dcmtk_reads_what_it_gives(staff: Client, tmp_path: Path, name: str) -> None:
    if shutil.which("dcmftest") is None or shutil.which("dcmdump") is None:
        pytest.skip("dcmtk is not here; apt-get install dcmtk.")
    instance = ingest(FILES / name)
    path = tmp_path / "got.dcm"
    answer = get(staff, address(instance), "application/dicom; transfer-syntax=*")
    path.write_bytes(answer.content)

    tested = subprocess.run(["dcmftest", path], capture_output=True, text=True, check=False)
    dumped = subprocess.run(
        ["dcmdump", "-q", "+P", "SOPInstanceUID", path], capture_output=True, text=True, check=False
    )

    assert tested.stdout.startswith("yes:")
    assert dumped.returncode == 0
    assert instance.sop_instance_uid in dumped.stdout


# --- bulk data


def test_metadata_says_where_bulk_data_is_and_there_it_is(staff: Client) -> None:
    lut = Dataset()
    lut.LUTDescriptor, lut.ModalityLUTType = [4, 0, 16], "US"
    lut.add_new("LUTData", "OW", b"\0\0\1\0\2\0\3\0")
    instance = make_instance(ModalityLUTSequence=[lut])
    [found] = staff.get(address(instance) + "/metadata").json()

    pixels = found["7FE00010"]["BulkDataURI"]
    table = found["00283000"]["Value"][0]["00283006"]["BulkDataURI"]

    assert pixels == f"http://testserver{address(instance)}/bulkdata/7FE00010"
    assert table == f"http://testserver{address(instance)}/bulkdata/00283000/1/00283006"
    assert get(staff, table, "application/octet-stream").content == b"\0\0\1\0\2\0\3\0"
    assert pixels_in(get(staff, table)) == [b"\0\0\1\0\2\0\3\0"]
    assert get(staff, pixels, "application/octet-stream").content in stored(instance)


def test_compressed_pixels_come_frame_by_frame(staff: Client) -> None:
    instance = ingest(FILES / "SC_rgb_rle_2frame.dcm")

    response = get(staff, address(instance) + "/bulkdata/7FE00010")
    frames = get(staff, address(instance) + "/frames/1,2")

    assert pixels_in(response) == pixels_in(frames)
    assert len(pixels_in(response)) == 2


@pytest.mark.parametrize(
    ("tags", "status"),
    [("nonsense", 400), ("00283006/0/00283006", 400), ("00283006", 404), ("00080060", 404), ("00283010/1/00283006", 404)],
)  # fmt: skip
def test_it_gives_no_bulk_data_that_is_not_there(staff: Client, tags: str, status: int) -> None:
    response = get(staff, f"{address(make_instance())}/bulkdata/{tags}")

    assert response.status_code == status
    assert response.json()["detail"].endswith(".")


# --- who may


def paths(instance: Instance) -> Iterator[str]:
    study = address(instance).split("/series/")[0]
    for where in (study, series_of(instance), address(instance)):
        yield from (where, where + "/metadata", where + "/rendered", where + "/thumbnail")
    frame = address(instance) + "/frames/1"
    yield from (
        frame,
        frame + "/rendered",
        frame + "/thumbnail",
        address(instance) + "/bulkdata/7FE00010",
    )


def test_nobody_gets_what_is_held_nor_what_is_of_others(staff: Client) -> None:
    instance = make_instance()
    for path in paths(instance):
        assert get(staff, path).status_code == 200, path
    foreign = client_of(make_user())
    Instance.objects.filter(pk=make_instance().pk).update(state=Instance.State.HELD)
    held = Instance.everything.select_related("series__study").get(state=Instance.State.HELD)

    for client, hidden in ((foreign, instance), (staff, held)):
        answers = {
            (get(client, path).status_code, get(client, path).content) for path in paths(hidden)
        }
        assert len(answers) == 1
        assert answers.pop()[0] == 404


def test_it_changes_nothing_by_other_methods(staff: Client) -> None:
    instance = make_instance()

    for path in paths(instance):
        for method in ("post", "put", "patch", "delete"):
            if (method, path) == ("post", address(instance).split("/series/")[0]):
                continue  # that is STOW-RS
            response = getattr(staff, method)(path)
            assert response.status_code == 405
            assert "GET" in response["Allow"]
            assert response.json()["detail"].endswith(".")


def test_it_says_when_a_stored_file_is_gone(staff: Client, originals: Path) -> None:
    instance = make_instance()
    (originals / instance.file).unlink()

    for path in (address(instance), address(instance) + "/frames/1"):
        response = get(staff, path)
        assert response.status_code == 503
        assert response.json()["detail"].endswith(".")
