"""Rendered images and thumbnails: by which window, at which size, which way round, and what is refused."""

from io import BytesIO
from typing import Any

import numpy as np
import pydicom
import pytest
from django.test import Client
from PIL import Image as Pictures

from archive.models import Instance
from tests.archive.test_dicomweb import address, pixels_in, series_of
from tests.archive.test_wado import FILES, get, ingest, picture_of
from tests.factories.accounts import client_of, make_user
from tests.factories.archive import make_instance

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return client_of(make_user(is_staff=True))


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
