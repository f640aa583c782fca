import numpy as np
import pytest

from training.engine.images import prepare


def test_aspect_is_kept_and_the_rest_is_black() -> None:
    pixels = np.tile(np.linspace(1000, 3000, 400), (200, 1))

    square = prepare(pixels, mirror=False, size=64)

    assert square.shape == (64, 64)
    assert square.dtype == np.uint8
    assert (square[:16] == 0).all()
    assert (square[48:] == 0).all()
    assert square[32, 0] < 5
    assert square[32, -1] > 250


def test_mirror_flips_left_and_right() -> None:
    pixels = np.random.default_rng(0).integers(0, 4096, (90, 70))

    plain, mirrored = prepare(pixels, mirror=False, size=32), prepare(pixels, mirror=True, size=32)

    assert (mirrored == plain[:, ::-1]).all()


def test_a_few_extreme_pixels_do_not_darken_the_image() -> None:
    pixels = np.random.default_rng(0).integers(100, 200, (128, 128)).astype(np.float32)
    marked = pixels.copy()
    marked[:4, :4] = 60000

    clean, with_marker = (
        prepare(pixels, mirror=False, size=64),
        prepare(marked, mirror=False, size=64),
    )

    assert np.abs(clean[8:].astype(int) - with_marker[8:].astype(int)).max() <= 3


def test_shrinking_averages_areas() -> None:
    board = np.indices((256, 256)).sum(0) % 2 * 1000

    square = prepare(board, mirror=False, size=64)

    assert np.abs(square.astype(int) - 128).max() <= 2


@pytest.mark.parametrize("pixels", [np.zeros((0, 5)), np.zeros((3, 4, 5)), np.full((4, 4), np.nan)])
def test_what_is_no_image_is_refused(pixels: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"image"):
        prepare(pixels, mirror=False, size=16)


def test_an_even_image_is_black() -> None:
    assert prepare(np.full((50, 50), 7), mirror=False, size=16).max() == 0
