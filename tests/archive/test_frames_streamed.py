"""Frames that are large together: sent as they are read, never held in memory all at once."""

from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest
from django.http import HttpResponse
from django.test import Client
from PIL import Image
from pydicom.uid import ExplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless

from archive import store
from archive.dicomweb import answers
from archive.ingest import ingest_bytes
from archive.models import Instance
from tests.archive.test_dicomweb import address, pixels_in, rle_frames
from tests.factories.accounts import client_of, make_user
from tests.factories.archive import make_compressed, make_instance

pytestmark = pytest.mark.django_db
PIXELS = np.random.default_rng(3).integers(0, 255, (4, 12, 10), np.uint8)
DECODED = f"transfer-syntax={ExplicitVRLittleEndian}"


@pytest.fixture
def staff() -> Client:
    return client_of(make_user(is_staff=True))


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three frames of 120 bytes and what stands between them are too much at once."""
    monkeypatch.setattr(answers, "AT_ONCE_BYTES", 500)


def get(client: Client, instance: Instance, numbers: str, accept: str = "*/*") -> Any:
    return client.get(f"{address(instance)}/frames/{numbers}", headers={"Accept": accept})


def film() -> Instance:
    ingest_bytes("rle.dcm", make_compressed(rle_frames(PIXELS), RLELossless))
    return Instance.objects.select_related("series__study").get()


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("compressed", [False, True])
def test_it_streams_what_is_large_together(staff: Client, compressed: bool) -> None:
    instance = film() if compressed else make_instance(PIXELS)
    kind = f"multipart/related; type=application/octet-stream; {DECODED}"

    large, little = (get(staff, instance, numbers, kind) for numbers in ("4,1,2", "3"))

    assert large.streaming
    assert not little.streaming
    whole = HttpResponse(large.streaming_content, large["Content-Type"])
    assert pixels_in(whole) == [PIXELS[index].tobytes() for index in (3, 0, 1)]
    assert pixels_in(little) == [PIXELS[2].tobytes()]


@pytest.mark.usefixtures("small")
def test_it_streams_one_that_is_large_alone(staff: Client) -> None:
    pixels = np.random.default_rng(3).integers(0, 255, (40, 30), np.uint8)

    response = get(staff, make_instance(pixels), "1", "application/octet-stream")

    assert response.streaming
    pieces = list(response.streaming_content)
    assert max(map(len, pieces)) <= 500
    assert b"".join(pieces) == pixels.tobytes()


def test_it_reads_no_more_than_it_sends(staff: Client) -> None:
    """40 frames of a megabyte: those that the client has not taken yet are not in memory."""
    frame = np.zeros((1000, 1000), np.uint8)
    instance = make_instance(np.stack([frame] * 40))
    numbers = ",".join(map(str, range(1, 41)))

    response = get(staff, instance, numbers)
    store.originals().delete(instance.file)

    with pytest.raises(FileNotFoundError):
        b"".join(response.streaming_content)


def test_it_says_beforehand_that_a_frame_cannot_be_decoded(staff: Client) -> None:
    instance = film()
    with store.originals().open(instance.file, "r+b") as file:
        file.seek(instance.frames[1][0][0])
        file.write(b"\xff" * 64)

    refused = get(staff, instance, "2,1", f"multipart/related; type=*; {DECODED}")
    sound = get(staff, instance, "1", f"application/octet-stream; {DECODED}")

    assert refused.status_code == 422
    assert "cannot be decoded here" in refused.json()["detail"]
    assert sound.content == PIXELS[0].tobytes()


def test_it_decodes_a_frame_from_its_own_bytes(staff: Client) -> None:
    """Not of the whole file, which may be a gigabyte."""
    instance = film()
    end = instance.frames[0][-1]
    with store.originals().open(instance.file, "r+b") as file:
        file.truncate(sum(end))

    response = get(staff, instance, "1", f"application/octet-stream; {DECODED}")

    assert response.content == PIXELS[0].tobytes()


@pytest.mark.usefixtures("small")
def test_it_decodes_a_file_frame_by_frame_as_it_is_taken(staff: Client) -> None:
    """All frames at once may be gigabytes."""
    instance = film()
    kind = f"application/dicom; {DECODED}"

    response: Any = staff.get(address(instance), headers={"Accept": kind})

    assert response.streaming
    pieces = list(response.streaming_content)
    assert max(map(len, pieces[1:])) == PIXELS[0].nbytes
    got = pydicom.dcmread(BytesIO(b"".join(pieces)))
    assert got.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert (got.pixel_array == PIXELS).all()


def test_it_gives_colours_uncompressed_frame_by_frame(staff: Client) -> None:
    """A JPEG's YBR becomes RGB, in every frame and in the header; odd pixels are padded."""
    colours = np.zeros((9, 7, 3), np.uint8) + np.array([200, 100, 50], np.uint8)
    buffer = BytesIO()
    Image.fromarray(colours).save(buffer, "JPEG", subsampling=0)
    elements = {"Rows": 9, "Columns": 7, "SamplesPerPixel": 3, "PlanarConfiguration": 0}
    sent = make_compressed([buffer.getvalue()] * 3, JPEGBaseline8Bit, PhotometricInterpretation="YBR_FULL", **elements)  # fmt: skip
    item = ingest_bytes("a.dcm", sent)
    assert item.outcome == "taken", item.reason
    instance = Instance.objects.select_related("series__study").get()

    response = staff.get(address(instance), headers={"Accept": f"application/dicom; {DECODED}"})

    got = pydicom.dcmread(BytesIO(response.content))
    assert (got.PhotometricInterpretation, got.NumberOfFrames) == ("RGB", 3)
    assert len(got.PixelData) == 3 * colours.nbytes + 1
    assert np.abs(got.pixel_array.astype(int) - colours).max() <= 2
