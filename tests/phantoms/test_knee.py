import time
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from phantoms.anatomy import shape_knee
from phantoms.findings import MARGINS, KneeFindings, draw_findings
from phantoms.knee import KneePhantom, draw_knee
from tests.phantoms.measuring import joint_space_mm

SMALL = (640, 512)


@cache
def knees(grade: int) -> list[KneePhantom]:
    return [
        draw_knee(grade=grade, laterality="RL"[seed % 2], size=SMALL, seed=500 * grade + seed)
        for seed in range(7)
    ]


def test_it_draws_the_same_knee_for_the_same_seed() -> None:
    first = draw_knee(grade=2, laterality="R", size=SMALL, seed=7)
    again = draw_knee(grade=2, laterality="R", size=SMALL, seed=7)
    other = draw_knee(grade=2, laterality="R", size=SMALL, seed=8)
    assert np.array_equal(first.pixels, again.pixels)
    assert first.findings == again.findings
    assert not np.array_equal(first.pixels, other.pixels)


def test_its_pixels_fill_the_bits_they_claim() -> None:
    for phantom in knees(1):
        assert phantom.pixels.shape == SMALL
        assert phantom.pixels.dtype == np.uint16
        assert phantom.bits_stored in (14, 16)
        assert 0.9 * 2**phantom.bits_stored < phantom.pixels.max() < 2**phantom.bits_stored


def test_the_joint_space_in_the_pixels_shrinks_with_the_grade() -> None:
    medial = [np.median([joint_space_mm(knee, "medial") for knee in knees(g)]) for g in range(5)]
    lateral = [np.median([joint_space_mm(knee, "lateral") for knee in knees(g)]) for g in (0, 4)]
    assert all(earlier >= later for earlier, later in pairwise(medial)), medial
    assert medial[0] > 4.0
    assert 1.2 < medial[3] < 3.2
    assert medial[4] < 1.5
    assert lateral[1] > 3.0


def test_the_joint_space_in_the_pixels_is_the_one_it_reports() -> None:
    drawn = [knee for grade in range(5) for knee in knees(grade)]
    off = [joint_space_mm(knee, "medial") - knee.findings.medial_jsw_mm for knee in drawn]
    assert np.abs(off).mean() < 0.5
    assert np.abs(off).max() < 1.2


def test_a_large_osteophyte_stands_out_of_the_bone() -> None:
    reach = []
    for size in (0.0, 6.0):
        findings = KneeFindings(4.0, 5.0, dict.fromkeys(MARGINS, size), 0.0, 0.0)
        shape = shape_knee(findings, np.random.default_rng(3))
        margin = shape.tibia[np.abs(shape.tibia[:, 1] - 5) < 8]
        reach.append((margin[:, 0].min(), margin[:, 0].max()))
    assert reach[1][0] < reach[0][0] - 3
    assert reach[1][1] > reach[0][1] + 3


def test_findings_rise_with_the_grade_and_overlap() -> None:
    by_grade = {
        g: [draw_findings(g, np.random.default_rng(s)) for s in range(60)] for g in range(5)
    }
    spurs = [np.mean([sum(f.osteophytes.values()) for f in by_grade[g]]) for g in range(5)]
    dense = [np.mean([f.sclerosis for f in by_grade[g]]) for g in range(5)]
    assert all(low < high for low, high in pairwise(spurs))
    assert all(low < high for low, high in pairwise(dense))
    for low, high in pairwise(range(5)):
        narrowest_before = min(f.medial_jsw_mm for f in by_grade[low])
        assert narrowest_before < max(f.medial_jsw_mm for f in by_grade[high])
    assert all(max(f.osteophytes.values()) >= 1.2 for f in by_grade[2])


@pytest.mark.parametrize("laterality", ["R", "L"])
def test_the_marker_lies_on_the_outer_side_and_is_not_mirrored(laterality: str) -> None:
    for seed in range(4):
        knee = draw_knee(grade=0, laterality=laterality, size=SMALL, seed=seed)
        row, column = (round(part) for part in knee.marker)
        assert (column < SMALL[1] / 2) == (laterality == "R")
        half = round(7.5 / knee.pixel_spacing_mm)
        letter = knee.pixels[row - half : row + half, column - half : column + half]
        bright = letter > 0.93 * 2**knee.bits_stored
        rows, columns = np.nonzero(bright)
        glyph = bright[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        left, right = np.array_split(glyph, 2, axis=1)
        assert left.sum() > right.sum()  # both letters have their stem on the left
        top, bottom = np.array_split(glyph, 2, axis=0)
        assert (top.sum() > bottom.sum()) == (
            laterality == "R"
        )  # R has a bowl above, L a foot below


def test_a_left_knee_is_a_right_one_turned_over() -> None:
    right = draw_knee(grade=3, laterality="R", size=SMALL, seed=5)
    left = draw_knee(grade=3, laterality="L", size=SMALL, seed=5)
    assert right.findings == left.findings
    assert right.joint["medial"][1] > right.joint["lateral"][1]
    assert left.joint["medial"][1] < left.joint["lateral"][1]


def test_a_detector_sized_knee_is_drawn_quickly() -> None:
    start = time.process_time()
    knee = draw_knee(grade=3, laterality="L", size=(2500, 2000), seed=2)
    seconds = time.process_time() - start
    assert knee.pixels.shape == (2500, 2000)
    assert knee.pixel_spacing_mm == 0.1
    assert abs(joint_space_mm(knee, "medial") - knee.findings.medial_jsw_mm) < 1.0
    assert seconds < 3.0  # 0.5 s on an idle core


def test_it_refuses_what_does_not_exist() -> None:
    with pytest.raises(ValueError, match="grade 5 does not exist"):
        draw_knee(grade=5, laterality="R", size=SMALL, seed=1)
    with pytest.raises(ValueError, match='"B" is unknown'):
        draw_knee(grade=1, laterality="B", size=SMALL, seed=1)
