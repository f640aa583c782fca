"""Grey values are what was measured: larger is brighter, the display window plays no part."""

from typing import Any

import numpy as np
import pytest
from PIL import Image

from archive.pixels import Undecodable, grey, thumbnail
from tests.factories.archive import make_instance

pytestmark = pytest.mark.django_db

RAMP = np.arange(120, dtype=np.uint16).reshape(12, 10)


def test_it_gives_the_stored_values_whatever_the_window() -> None:
    values = grey(make_instance(RAMP, WindowCenter=50, WindowWidth=10))

    assert (values == RAMP).all()
    assert values.dtype == np.float32


def test_it_applies_the_modality_lut() -> None:
    values = grey(make_instance(RAMP, RescaleSlope="2", RescaleIntercept="-1000"))

    assert (values == RAMP * 2.0 - 1000).all()


def test_it_turns_monochrome1_round_in_the_range_of_its_bits() -> None:
    values = grey(
        make_instance(RAMP, PhotometricInterpretation="MONOCHROME1", BitsStored=12, HighBit=11)
    )

    assert (values == 4095 - RAMP).all()


def test_it_turns_signed_monochrome1_round_after_the_modality_lut() -> None:
    pixels = RAMP.astype(np.int16) - 60
    values = grey(
        make_instance(
            pixels, PhotometricInterpretation="MONOCHROME1", RescaleSlope="3", RescaleIntercept="5"
        )
    )

    assert (values == 3.0 * (-1 - pixels) + 5).all()


def test_it_ignores_what_stands_in_unused_bits() -> None:
    values = grey(make_instance(RAMP | np.uint16(0xF000), BitsStored=12, HighBit=11))

    assert (values == RAMP).all()


def test_it_extends_the_sign_of_few_bits() -> None:
    pixels = (RAMP.astype(np.int16) - 60) & 0x0FFF
    values = grey(
        make_instance(pixels.astype(np.int16), BitsStored=12, HighBit=11, PixelRepresentation=1)
    )

    assert (values == RAMP.astype(np.float32) - 60).all()


def test_it_gives_each_frame() -> None:
    frames = np.stack([RAMP, RAMP + 1000])
    instance = make_instance(frames)

    assert (grey(instance, 1) == frames[1]).all()
    with pytest.raises(Undecodable, match=r"Frame 2 of .* does not exist"):
        grey(instance, 2)


def test_it_makes_luminance_of_colour() -> None:
    colour = np.zeros((12, 10, 3), np.uint8)
    colour[..., 1] = 100
    instance = make_instance(
        RAMP.astype(np.uint8),
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=0,
        PixelData=colour.tobytes(),
    )

    assert np.allclose(grey(instance), 58.7)


@pytest.mark.parametrize("shape", [(2500, 2000), (20, 3000), (5, 5)])
def test_it_makes_a_thumbnail_that_fits(shape: tuple[int, int]) -> None:
    import io

    pixels = np.random.default_rng(1).integers(0, 4000, shape, np.uint16)

    picture = Image.open(io.BytesIO(thumbnail(make_instance(pixels))))

    assert (picture.format, picture.mode) == ("JPEG", "L")
    assert max(picture.size) == min(160, max(shape))


def test_it_says_when_the_file_is_gone(originals: Any) -> None:
    instance = make_instance()
    (originals / instance.file).unlink()

    with pytest.raises(Undecodable, match="cannot be decoded"):
        grey(instance)
