"""What a viewer asks for, and that nobody gets what he may not see."""

import email
from email.message import Message
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import generate_frames
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

from archive.ingest import ingest_bytes
from archive.models import Instance
from tests.factories.accounts import client_of, make_user, token_client
from tests.factories.archive import file_bytes, make_compressed, make_dataset, make_instance

pytestmark = pytest.mark.django_db


def series_of(instance: Instance) -> str:
    series = instance.series
    return (
        f"/dicomweb/studies/{series.study.study_instance_uid}/series/{series.series_instance_uid}"
    )


def address(instance: Instance) -> str:
    return f"{series_of(instance)}/instances/{instance.sop_instance_uid}"


def parts_of(response: Any) -> list[Message]:
    message = email.message_from_bytes(
        b"Content-Type: " + response["Content-Type"].encode() + b"\r\n\r\n" + response.content
    )
    parts = message.get_payload()
    assert isinstance(parts, list)
    return [part for part in parts if isinstance(part, Message)]


def pixels_in(response: Any) -> list[bytes]:
    """The parts' bytes by the boundary alone: as text they would be altered."""
    boundary = b"--" + response["Content-Type"].split("boundary=")[1].encode()
    return [part.split(b"\r\n\r\n", 1)[1][:-2] for part in response.content.split(boundary)[1:-1]]


@pytest.fixture
def staff() -> Client:
    return client_of(make_user(is_staff=True))


def test_it_gives_the_metadata_of_an_instance_and_of_its_series(staff: Client) -> None:
    first = make_instance(
        StudyInstanceUID="1.2", SeriesInstanceUID="1.3", PatientID="A", InstanceNumber=2
    )
    second = make_instance(
        StudyInstanceUID="1.2", SeriesInstanceUID="1.3", PatientID="A", InstanceNumber=1
    )

    one = staff.get(address(first) + "/metadata")
    both = staff.get(series_of(first) + "/metadata").json()

    assert one["Content-Type"] == "application/dicom+json"
    assert one.json()[0]["00080018"]["Value"] == [first.sop_instance_uid]
    assert one.json()[0]["00083002"]["Value"] == ["1.2.840.10008.1.2.1"]
    assert [item["00080018"]["Value"][0] for item in both] == [
        second.sop_instance_uid,
        first.sop_instance_uid,
    ]


def test_it_gives_a_frame_as_multipart_unless_asked_for_bytes(staff: Client) -> None:
    pixels = np.arange(120, dtype=np.uint16).reshape(12, 10)
    instance = make_instance(pixels)

    multipart = staff.get(address(instance) + "/frames/1")
    viewer = staff.get(
        address(instance) + "/frames/1",
        headers={"Accept": "multipart/related; type=application/octet-stream; transfer-syntax=*"},
    )
    single = staff.get(
        address(instance) + "/frames/1", headers={"Accept": "application/octet-stream"}
    )

    assert multipart["Content-Type"].startswith(
        'multipart/related; type="application/octet-stream"; boundary='
    )
    [part] = parts_of(multipart)
    assert part["Content-Type"] == "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"
    assert pixels_in(multipart) == pixels_in(viewer) == [pixels.tobytes()] == [single.content]
    assert single["Content-Type"] == "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"


def test_it_gives_several_frames_in_the_order_asked(staff: Client) -> None:
    pixels = np.arange(360, dtype=np.uint16).reshape(3, 12, 10)
    instance = make_instance(pixels)

    response = staff.get(address(instance) + "/frames/3,1")

    assert pixels_in(response) == [pixels[2].tobytes(), pixels[0].tobytes()]


def rle_frames(pixels: npt.NDArray[Any]) -> list[bytes]:
    ds = make_dataset(pixels)
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.compress(RLELossless, encoding_plugin="pydicom", generate_instance_uid=False)
    count = pixels.shape[0] if pixels.ndim == 3 else 1
    return list(generate_frames(ds.PixelData, number_of_frames=count))


def test_it_gives_compressed_frames_as_they_are_stored(staff: Client) -> None:
    frames = rle_frames(np.arange(360, dtype=np.uint8).reshape(3, 12, 10))
    item = ingest_bytes("rle.dcm", make_compressed(frames, RLELossless))
    instance = Instance.objects.get(sop_instance_uid=item.sop_instance_uid)

    single = staff.get(
        address(instance) + "/frames/2",
        headers={"Accept": "application/octet-stream; transfer-syntax=*"},
    )

    assert single.content.startswith(frames[1])
    assert single["Content-Type"].endswith(f"transfer-syntax={RLELossless}")


@pytest.mark.parametrize("resource", ["frames/1", "bulkdata/7FE00010"])
def test_it_decodes_for_clients_that_name_no_transfer_syntax(staff: Client, resource: str) -> None:
    pixels = np.arange(120, dtype=np.uint8).reshape(12, 10)
    item = ingest_bytes("rle.dcm", make_compressed(rle_frames(pixels), RLELossless))
    instance = Instance.objects.get(sop_instance_uid=item.sop_instance_uid)

    single = staff.get(
        f"{address(instance)}/{resource}", headers={"Accept": "application/octet-stream"}
    )

    assert single.content == pixels.tobytes()
    assert single["Content-Type"] == "application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1"


def test_it_joins_the_fragments_of_a_frame(staff: Client) -> None:
    [frame] = rle_frames(np.arange(120, dtype=np.uint8).reshape(12, 10))
    data = make_compressed([frame[:80], frame[80:]], RLELossless)
    data = data.replace(b"IS\x02\x002 ", b"IS\x02\x001 ")  # NumberOfFrames
    item = ingest_bytes("rle.dcm", data)
    instance = Instance.objects.get(sop_instance_uid=item.sop_instance_uid)

    single = staff.get(
        address(instance) + "/frames/1",
        headers={"Accept": "application/octet-stream; transfer-syntax=*"},
    )

    assert single.content == frame


def test_it_names_implicit_pixels_explicit(staff: Client) -> None:
    ingest_bytes("implicit.dcm", file_bytes(make_dataset(), ImplicitVRLittleEndian))

    response = staff.get(
        address(Instance.objects.get()) + "/frames/1",
        headers={"Accept": "application/octet-stream"},
    )

    assert response["Content-Type"].endswith("transfer-syntax=1.2.840.10008.1.2.1")


@pytest.mark.parametrize(
    ("frames", "accept", "status"),
    [
        ("2", "*/*", 404),
        ("0", "*/*", 404),
        ("x", "*/*", 400),
        ("1,", "*/*", 400),
        (",".join(["1"] * 65), "*/*", 400),
        ("1", "multipart/related; type=image/jp2; transfer-syntax=1.2.840.10008.1.2.4.90", 406),
        ("1", "multipart/related; type=\"application/octet-stream\"; transfer-syntax=1.2.840.10008.1.2.1", 200),
    ],
)  # fmt: skip
def test_it_answers_odd_questions_with_a_sentence(
    staff: Client, frames: str, accept: str, status: int
) -> None:
    response = staff.get(address(make_instance()) + f"/frames/{frames}", headers={"Accept": accept})

    assert response.status_code == status
    assert status == 200 or response.json()["detail"].endswith(".")


def test_it_lets_only_the_browser_keep_a_frame_and_ask_again_cheaply(staff: Client) -> None:
    url = address(make_instance()) + "/frames/1"

    first = staff.get(url)
    again = staff.get(url, headers={"If-None-Match": first["ETag"]})

    assert first["Cache-Control"] == "private, max-age=3600"
    assert {"Cookie", "Authorization", "Accept"} <= set(first["Vary"].split(", "))
    assert (again.status_code, again.content) == (304, b"")


def test_it_asks_the_database_little(staff: Client) -> None:
    url = address(make_instance()) + "/frames/1"
    staff.get(url)

    with CaptureQueriesContext(connection) as queries:
        staff.get(url)

    assert len(queries) <= 3  # session, user, instance


def test_it_hides_what_the_caller_may_not_see() -> None:
    instance = make_instance()
    reader = client_of(make_user())
    unknown = reader.get("/dicomweb/studies/1.2/series/1.3/instances/1.4/frames/1")

    for path in ("/frames/1", "/metadata"):
        response = reader.get(address(instance) + path)
        assert (response.status_code, response.content) == (404, unknown.content)
    assert reader.get(series_of(instance) + "/metadata").content == unknown.content
    assert (
        token_client(make_user(is_staff=True)).get(address(instance) + "/metadata").status_code
        == 200
    )


def test_it_hides_what_was_seen_once_the_browser_signs_out(staff: Client) -> None:
    url = address(make_instance()) + "/frames/1"
    seen = staff.get(url)
    staff.logout()

    assert staff.get(url, headers={"If-None-Match": seen["ETag"]}).status_code == 401


def test_it_finds_an_instance_only_under_its_own_study(staff: Client) -> None:
    one, other = make_instance(), make_instance()

    mixed = f"{series_of(one)}/instances/{other.sop_instance_uid}/frames/1"

    assert staff.get(mixed).status_code == 404
