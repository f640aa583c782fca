"""MR studies of knees: three stacks of one patient's space, and tears where the truth says."""

import time
from functools import cache

import numpy as np
import numpy.typing as npt
import pytest

from phantoms.mr.knee import KneeMRPhantom, StackPhantom, draw_knee_mr
from phantoms.mr.stack import FROM_MIDDLE_MM, PLANES, Stack
from phantoms.mr.tears import TYPES, draw_tears

SEEDS = range(4)


@cache
def knee(seed: int, meniscus: bool, acl: bool) -> KneeMRPhantom:
    return draw_knee_mr(laterality="RL"[seed % 2], meniscus=meniscus, acl=acl, seed=seed)


def stack(phantom: KneeMRPhantom, plane: str) -> StackPhantom:
    return next(one for one in phantom.stacks if one.stack.plane.name == plane)


def patient_mm(one: Stack, place: tuple[float, float, float]) -> npt.NDArray[np.float64]:
    """Where (slice, row, column) lies, as a viewer computes it from the tags (PS3.3 C.7.6.2.1.1)."""
    number, row, column = place
    orientation = np.array(one.orientation())
    start = np.array(one.position(int(number)))
    return np.asarray(
        start + one.spacing_mm * (column * orientation[:3] + row * orientation[3:]), dtype=float
    )


def test_it_draws_the_same_knee_for_the_same_seed() -> None:
    first = draw_knee_mr(laterality="R", meniscus=True, acl=False, seed=5)
    again = draw_knee_mr(laterality="R", meniscus=True, acl=False, seed=5)
    assert first.tears == again.tears
    for one, same in zip(first.stacks, again.stacks, strict=True):
        assert np.array_equal(one.pixels, same.pixels)
        assert one.places == same.places


def test_it_has_three_stacks_of_the_usual_size() -> None:
    drawn = knee(1, meniscus=False, acl=False)
    assert [one.stack.plane.name for one in drawn.stacks] == ["sagittal", "coronal", "axial"]
    for one in drawn.stacks:
        assert 24 <= len(one.pixels) <= 30
        assert one.pixels.shape[1:] == (256, 256)
        assert one.pixels.max() < 4096


def test_slices_follow_each_other_along_the_normal_of_their_plane() -> None:
    for plane in PLANES:
        for side in "RL":
            one = Stack(plane, side, (1.0, -2.0, 3.0))
            orientation = np.array(one.orientation())
            normal = np.cross(orientation[:3], orientation[3:])
            step = np.array(one.position(1)) - np.array(one.position(0))
            assert abs(np.dot(step, normal)) == pytest.approx(plane.gap_mm)
            assert np.linalg.norm(step) == pytest.approx(plane.gap_mm)


def test_a_right_knee_lies_on_the_patients_right() -> None:
    middles = {
        side: np.mean([Stack(PLANES[0], side, (0, 0, 0)).position(n)[0] for n in range(26)])
        for side in "RL"
    }
    assert middles["R"] == pytest.approx(-FROM_MIDDLE_MM, abs=0.1)
    assert middles["L"] == pytest.approx(FROM_MIDDLE_MM, abs=0.1)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_stacks_meet_where_their_tags_say(seed: int) -> None:
    """The brightness of a place is about the same in two planes: what one shows lies there in the other."""
    drawn = knee(seed, meniscus=False, acl=False)
    sagittal, coronal = stack(drawn, "sagittal"), stack(drawn, "coronal")
    rng = np.random.default_rng(seed)
    here, there = [], []
    for _ in range(4000):
        place = (int(rng.integers(4, 22)), int(rng.integers(40, 216)), int(rng.integers(60, 196)))
        at = patient_mm(sagittal.stack, place)
        y0 = coronal.stack.position(0)[1]
        number = round(float((at[1] - y0) / coronal.stack.plane.gap_mm))
        if not 0 <= number < len(coronal.pixels):
            continue
        offset = at - np.array(coronal.stack.position(number))
        column, row = offset[0] / coronal.stack.spacing_mm, -offset[2] / coronal.stack.spacing_mm
        if abs(offset[1]) > 0.6 or not (0 <= row < 255 and 0 <= column < 255):
            continue
        here.append(sagittal.pixels[place])
        there.append(coronal.pixels[number, round(row), round(column)])
    assert len(here) > 300
    assert np.corrcoef(here, there)[0, 1] > 0.75


@pytest.mark.parametrize("seed", SEEDS)
def test_a_torn_meniscus_is_brighter_in_its_box_than_the_same_one_whole(seed: int) -> None:
    torn = knee(seed, meniscus=True, acl=False)
    place = stack(torn, "sagittal").places["meniscus"]
    assert place.first <= place.best <= place.last
    left, top, right, bottom = (round(part) for part in place.box)
    box = stack(torn, "sagittal").pixels[place.best, top:bottom, left:right]
    tear = torn.tears.meniscus
    assert tear is not None
    bright = box > 1200 * tear.signal
    assert bright.sum() >= 4
    assert (box < 350).any()  # the black meniscus round it


def test_a_torn_acl_is_bright_where_a_whole_one_is_dark() -> None:
    for seed in SEEDS:
        torn, whole = knee(seed, meniscus=False, acl=True), knee(seed, meniscus=False, acl=False)
        place = stack(torn, "sagittal").places["acl"]
        middle = [
            round((place.box[0] + place.box[2]) / 2),
            round((place.box[1] + place.box[3]) / 2),
        ]
        here = np.s_[place.best, middle[1] - 6 : middle[1] + 6, middle[0] - 6 : middle[0] + 6]
        of_torn = stack(torn, "sagittal").pixels[here].mean()
        assert of_torn > 1.4 * stack(whole, "sagittal").pixels[here].mean()


def test_what_is_whole_has_no_place() -> None:
    assert [one.places for one in knee(2, meniscus=False, acl=False).stacks] == [{}, {}, {}]


def test_tears_differ_and_some_whole_menisci_are_degenerate() -> None:
    rng = np.random.default_rng(1)
    drawn = [draw_tears(True, acl=False, rng=rng) for _ in range(200)]
    tears = [one.meniscus for one in drawn if one.meniscus]
    assert len(tears) == 200
    assert {tear.meniscus for tear in tears} == {"medial", "lateral"}
    assert {tear.type for tear in tears} == {*TYPES, "root"}
    assert all((tear.type == "root") == (tear.zone == "posterior_root") for tear in tears)
    faint = [tear for tear in tears if tear.signal < 0.55]
    assert 0.1 < len(faint) / len(tears) < 0.5
    degenerate = [any(one.degeneration.values()) for one in drawn]
    assert 0.15 < np.mean(degenerate) < 0.5


def test_a_study_is_drawn_quickly() -> None:
    start = time.process_time()
    draw_knee_mr(laterality="L", meniscus=True, acl=True, seed=2)
    assert time.process_time() - start < 5.0  # 0.8 s on an idle core


def test_it_refuses_what_does_not_exist() -> None:
    with pytest.raises(ValueError, match='"B" is unknown'):
        draw_knee_mr(laterality="B", meniscus=False, acl=False, seed=1)
