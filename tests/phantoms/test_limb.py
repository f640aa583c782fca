"""Radiographs of limbs, whole or broken: what they say of themselves is what stands in their pixels."""

import time
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from phantoms.limbs.breaks import draw_break, is_displaced
from phantoms.limbs.limb import LIMBS, LimbPhantom, ViewPhantom, draw_limb

SEEDS = range(8)
COARSE = 0.5


@cache
def limb(name: str, seed: int, *, broken: bool) -> LimbPhantom:
    side = "RL"[seed % 2]
    return draw_limb(limb=name, laterality=side, broken=broken, seed=seed, spacing_mm=COARSE)


def all_broken() -> list[LimbPhantom]:
    return [limb(name, seed, broken=True) for name in LIMBS for seed in SEEDS]


def roughness(view: ViewPhantom, box: tuple[float, float, float, float]) -> float:
    """How much neighbouring rows differ inside a box, in shares of the full range."""
    left, top, right, bottom = (round(part) for part in box)
    inside = view.pixels[top:bottom, left:right].astype(float) / 2**view.bits_stored
    return float(np.abs(inside[2:] - 2 * inside[1:-1] + inside[:-2]).mean())


def test_it_draws_the_same_limb_for_the_same_seed() -> None:
    first, again, other = (
        draw_limb(limb="wrist", laterality="R", broken=True, seed=seed, spacing_mm=COARSE)
        for seed in (7, 7, 8)
    )
    assert first.broken == again.broken
    for view, same, different in zip(first.views, again.views, other.views, strict=True):
        assert np.array_equal(view.pixels, same.pixels)
        assert not np.array_equal(view.pixels, different.pixels)


@pytest.mark.parametrize(("name", "frontal"), [("wrist", "PA"), ("leg", "AP")])
def test_it_has_a_frontal_and_a_lateral_view(name: str, frontal: str) -> None:
    drawn = limb(name, 1, broken=False)
    assert [view.position for view in drawn.views] == [frontal, "LATERAL"]
    for view in drawn.views:
        assert view.pixels.dtype == np.uint16
        assert view.pixels.max() < 2**view.bits_stored
        assert view.pixel_spacing_mm == COARSE


def test_what_is_whole_has_no_break_and_no_box() -> None:
    for name in LIMBS:
        drawn = limb(name, 3, broken=False)
        assert drawn.broken is None
        assert [view.box for view in drawn.views] == [None, None]


def test_a_break_has_a_box_of_its_own_size_inside_the_picture() -> None:
    for drawn in all_broken():
        assert drawn.views[0].box is not None
        for view in drawn.views:
            if view.box is None:
                continue
            left, top, right, bottom = view.box
            rows, columns = view.pixels.shape
            assert 0 <= left < right <= columns
            assert 0 <= top < bottom <= rows
            wide, high = ((right - left) * COARSE, (bottom - top) * COARSE)
            assert 8 < wide < 60
            assert 5 < high < 75


def test_the_bone_is_rougher_in_the_box_than_the_same_bone_unbroken() -> None:
    rougher = []
    for name in LIMBS:
        for seed in SEEDS:
            view = limb(name, seed, broken=True).views[0]
            assert view.box is not None
            away = np.array(view.box) + (0, 1, 0, 1) * np.array(15 / COARSE)
            beside: tuple[float, float, float, float] = tuple(away.tolist())
            rougher.append(roughness(view, view.box) > roughness(view, beside))
    assert np.mean(rougher) > 0.75


def test_half_or_so_of_the_breaks_are_displaced_and_all_places_come_up() -> None:
    rng = np.random.default_rng(1)
    for name, places in (("wrist", 4), ("leg", 3)):
        breaks = [draw_break(name, rng) for _ in range(300)]
        assert 0.3 < np.mean([broken.displaced for broken in breaks]) < 0.7
        assert len({(broken.bone, broken.segment) for broken in breaks}) == places


def test_displaced_means_tilted_shifted_or_shortened() -> None:
    assert not is_displaced((1.0, 2.0), (0.5, 0.5), 0.3)
    assert is_displaced((1.0, 9.0), (0.0, 0.0), 0.0)
    assert is_displaced((0.0, 0.0), (2.5, 0.0), 0.0)
    assert is_displaced((0.0, 0.0), (0.0, 0.0), 2.5)


def bright_side(pixels: npt.NDArray[np.uint16]) -> str:
    """Where the lead letter stands: on the brightest eighth of the picture's columns beside the limb."""
    middle = pixels.shape[1] // 2
    top = pixels >= np.quantile(pixels, 0.999)
    return "left" if top[:, :middle].sum() > top[:, middle:].sum() else "right"


def test_the_letter_stands_on_the_outer_side_of_a_frontal_view() -> None:
    for side, place in (("R", "left"), ("L", "right")):
        for seed in range(3):
            drawn = draw_limb(
                limb="wrist", laterality=side, broken=False, seed=seed, spacing_mm=COARSE
            )
            assert bright_side(drawn.views[0].pixels) == place


def test_a_study_is_drawn_quickly() -> None:
    start = time.process_time()
    draw_limb(limb="leg", laterality="L", broken=True, seed=2)
    assert time.process_time() - start < 4.0  # 0.5 s on an idle core


def test_it_refuses_what_does_not_exist() -> None:
    with pytest.raises(ValueError, match='"thumb" is unknown'):
        draw_limb(limb="thumb", laterality="R", broken=True, seed=1)
    with pytest.raises(ValueError, match='"B" is unknown'):
        draw_limb(limb="leg", laterality="B", broken=True, seed=1)
