"""Whole instances, bulk data and rendered images: what is given, in which form, and what is refused."""

import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
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


# --- rendered


def test_it_renders_by_the_window_asked_for_the_files_own_or_the_pixels(staff: Client) -> None:
    pixels = np.linspace(0, 4095, 120).astype(np.uint16).reshape(12, 10)
    own = make_instance(pixels, WindowCenter=2048, WindowWidth=4096)
    none = make_instance(pixels)

    def grey_of(instance: Instance, **query: str) -> Any:
        return np.asarray(
            picture_of(get(staff, address(instance) + "/rendered", "image/png", **query))
        ).astype(int)

    by_file, by_pixels = grey_of(own), grey_of(none)
    narrow = grey_of(own, window="1000,1,linear")
    exact = grey_of(own, window="2047.5,4095,linear-exact")
    curved = grey_of(own, window="2048,4096,sigmoid")

    assert abs(by_file - np.round(pixels / 4095 * 255)).max() <= 1
    assert (by_pixels.min(), by_pixels.max()) == (0, 255)
    assert set(np.unique(narrow)) == {0, 255}
    assert (narrow == 255).sum() == (pixels > 999).sum()
    assert abs(exact - np.round(pixels / 4095 * 255)).max() <= 1
    assert (np.diff(curved.ravel()) >= 0).all()
    assert 40 > curved.min() > 20


def test_it_renders_monochrome1_the_right_way_round(staff: Client) -> None:
    pixels = np.linspace(0, 4095, 120).astype(np.uint16).reshape(12, 10)
    kinds = {"BitsStored": 12, "HighBit": 11, "WindowCenter": 1000, "WindowWidth": 1500}
    plain, mirrored = (
        np.asarray(picture_of(get(staff, address(make_instance(pixels, PhotometricInterpretation=kind, **kinds)) + "/rendered", "image/png"))).astype(int)
        for kind in ("MONOCHROME2", "MONOCHROME1")
    )  # fmt: skip

    assert abs(plain + mirrored - 255).max() <= 1


@pytest.mark.parametrize(
    "name", ["SC_rgb_rle_2frame.dcm", "SC_rgb_small_odd_big_endian.dcm", "SC_rgb_dcmtk_+eb+cr.dcm"]
)
def test_it_renders_colour_in_colour(staff: Client, name: str) -> None:
    instance = ingest(FILES / name)
    expected = pydicom.dcmread(FILES / name).pixel_array
    frame = expected[0] if expected.ndim == 4 else expected

    got = np.asarray(picture_of(get(staff, address(instance) + "/frames/1/rendered", "image/png")))

    assert got.shape == frame.shape
    assert (got == frame).all()


def test_it_cuts_scales_and_mirrors(staff: Client) -> None:
    pixels = np.zeros((12, 10), np.uint16)
    pixels[:6, :5] = 100  # the upper left is bright
    where = address(make_instance(pixels)) + "/rendered"

    def corner(viewport: str) -> tuple[tuple[int, int], int]:
        picture = picture_of(get(staff, where, "image/png", viewport=viewport))
        return picture.size, int(np.asarray(picture)[0, 0])

    assert corner("20,24") == ((20, 24), 255)
    assert corner("5,24") == ((5, 6), 255)
    assert corner("10,12,5,0,5,6") == ((10, 12), 0)
    assert corner("10,12,0,0,-10,12") == ((10, 12), 0)
    assert corner("10,12,0,0,10,-12") == ((10, 12), 0)
    assert corner("10,12,0,0,-10,-12") == ((10, 12), 0)
    assert corner("10,12,,,,")[0] == (10, 10)


def test_it_renders_several_frames_as_several_parts(staff: Client) -> None:
    pixels = np.arange(360, dtype=np.uint16).reshape(3, 12, 10)
    where = address(make_instance(pixels)) + "/frames/1,3"

    response = get(staff, where + "/rendered", 'multipart/related; type="image/png"')

    assert [Pictures.open(BytesIO(part)).size for part in pixels_in(response)] == [(10, 12)] * 2
    assert get(staff, where + "/rendered", "image/png").status_code == 406
    assert get(staff, where + "/thumbnail").status_code == 400


def test_it_gives_thumbnails_at_every_level(staff: Client) -> None:
    instance = make_instance(np.arange(240 * 200, dtype=np.uint16).reshape(240, 200))
    study = address(instance).split("/series/")[0]

    for where in (study, series_of(instance), address(instance), address(instance) + "/frames/1"):
        small = get(staff, where + "/thumbnail")
        assert small["Content-Type"] == "image/jpeg"
        assert max(picture_of(small).size) == 160
        assert picture_of(get(staff, where + "/thumbnail", viewport="30,30")).size == (25, 30)
        assert picture_of(get(staff, where + "/rendered")).size == (200, 240)
        again = staff.get(where + "/thumbnail", headers={"If-None-Match": small["ETag"]})
        assert again.status_code == 304


@pytest.mark.parametrize(
    "query",
    [
        *("window=1", "window=1,2", "window=a,b,linear", "window=1,0,linear", "window=1,2,cubic", "window=1,nan,linear"),
        *("viewport=10", "viewport=0,10", "viewport=10,10,0", "viewport=99999,1", "viewport=1,1,-1,0,5,5"),
        *("viewport=10,10,0,0,0,5", "quality=0", "quality=101", "quality=high", "annotation=patient", "nonsense=1"),
    ],
)  # fmt: skip
def test_it_refuses_malformed_wishes_with_a_sentence(staff: Client, query: str) -> None:
    response = staff.get(f"{address(make_instance())}/rendered?{query}")

    assert response.status_code == 400
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
