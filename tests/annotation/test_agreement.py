"""Against published examples, scikit-learn, and figures that can be counted by hand."""

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from annotation.agreement import icc, kappa, overlap
from annotation.kinds import KINDS
from tests.annotation.test_kinds import FRACTURE, KL
from tests.annotation.test_kinds_choice import ACL, SPACE, ZONES
from tests.factories.regions import make_field, make_item

# Shrout & Fleiss 1979, table 2: six subjects by four judges
JUDGES = [[9, 6, 8, 7, 10, 6], [2, 1, 4, 1, 5, 2], [5, 3, 6, 2, 6, 4], [8, 2, 8, 6, 9, 7]]


def reads(seed: int, values: int, n: int = 200) -> tuple[list[int], list[int]]:
    """Two readers who agree on about half of the cases by more than chance."""
    generator = np.random.default_rng(seed)
    first = generator.integers(0, values, n)
    second = np.where(generator.random(n) < 0.5, first, generator.integers(0, values, n))
    return first.tolist(), second.tolist()


@pytest.mark.parametrize("seed", range(5))
def test_kappas_are_those_of_scikit_learn(seed: int) -> None:
    first, second = reads(seed, values=2 + seed)
    assert kappa.cohen(first, second) == pytest.approx(cohen_kappa_score(first, second))
    weighted = cohen_kappa_score(first, second, weights="quadratic")
    assert kappa.quadratic(first, second) == pytest.approx(weighted)


def test_ac1_is_that_of_gwets_example_in_which_kappa_fails() -> None:
    """Gwet 2008: of 125 subjects 118 are seen by both, 5 and 2 by one of them, none by neither."""
    first = ["yes"] * 123 + ["no"] * 2
    second = ["yes"] * 118 + ["no"] * 5 + ["yes"] * 2
    assert kappa.ac1(first, second, 2) == pytest.approx(0.9408, abs=5e-5)
    assert kappa.cohen(first, second) == pytest.approx(-0.0234, abs=5e-5)


def test_ac1_of_several_categories_counts_those_that_nobody_chose() -> None:
    # agreement 0.5; shares 3/4 and 1/4, chance (3/16 + 3/16) / (3 - 1)
    assert kappa.ac1([0, 0], [0, 1], 3) == pytest.approx((0.5 - 3 / 16) / (1 - 3 / 16))


def test_icc_is_that_of_shrout_and_fleiss() -> None:
    assert icc.icc(*JUDGES) == pytest.approx(0.29, abs=0.005)


def test_icc_counts_a_shift_between_readers_as_disagreement() -> None:
    first = [1.0, 2.0, 3.0, 4.0]
    assert icc.icc(first, first) == pytest.approx(1.0)
    assert icc.icc(first, [value + 2 for value in first]) == pytest.approx(5 / 11)
    assert icc.mean_difference(first, [value + 2 for value in first]) == pytest.approx(2.0)


def test_measures_that_are_not_defined_are_none() -> None:
    assert kappa.cohen([], []) is kappa.ac1([], [], 2) is kappa.quadratic([], []) is None
    assert kappa.cohen(["a"], ["a"]) is None
    assert kappa.quadratic([2], [2]) is None
    assert icc.icc([1.0], [1.0]) is icc.icc([1.0, 1.0], [1.0, 1.0]) is None
    assert icc.mean_difference([], []) is None


def test_iou_of_two_boxes() -> None:
    assert overlap.iou([0, 0, 10, 10], [5, 0, 15, 10]) == pytest.approx(1 / 3)
    assert overlap.iou([0, 0, 10, 10], [10, 0, 20, 10]) == 0


def agreement(kind: str, first: Any, second: Any, **field: Any) -> dict[str, float | None]:
    return KINDS[kind].agreement(make_field(kind, **field), first, second)


def test_boxes_match_once_and_at_half_their_union() -> None:
    box = make_item("boxes", box=[0, 0, 10, 10])
    near, far = make_item("boxes", 2, box=[0, 0, 10, 6]), make_item("boxes", 3, box=[0, 0, 10, 4])
    assert agreement("boxes", [[box]], [[near]]) == {"f1": 1.0}
    assert agreement("boxes", [[box]], [[far]]) == {"f1": 0.0}
    assert agreement("boxes", [[box]], [[near, box]]) == {"f1": pytest.approx(2 / 3)}
    assert agreement("boxes", [[box], []], [[box], [near]]) == {"f1": pytest.approx(2 / 3)}
    assert agreement("boxes", [[box]], [[box | {"frame": 2}]]) == {"f1": 0.0}
    assert agreement("boxes", [[]], [[]]) == {"f1": None}


def test_points_match_within_the_fields_distance() -> None:
    point, near = make_item("points", at=[0, 0]), make_item("points", at=[3, 4])
    assert agreement("points", [[point]], [[near]], within=5) == {"f1": 1.0}
    assert agreement("points", [[point]], [[near]], within=4.9) == {"f1": 0.0}


def test_dice_of_masks_and_of_outlines_counts_pixels() -> None:
    mask = make_item("mask", runs=[0, 10])
    assert agreement("mask", [[mask]], [[make_item("mask", runs=[5, 10])]]) == {"dice": 0.5}
    assert agreement("mask", [[mask], []], [[mask], []]) == {"dice": 1.0}
    assert agreement("mask", [[mask]], [[mask | {"segment": "other"}]]) == {"dice": 0.0}
    square = make_item("polygon", points=[[0, 0], [10, 0], [10, 10], [0, 10]])
    half = make_item("polygon", points=[[5, 0], [15, 0], [15, 10], [5, 10]])
    assert agreement("polygon", [[square]], [[half]]) == {"dice": 0.5}


def test_an_outline_holds_the_pixels_whose_centre_lies_inside() -> None:
    triangle = overlap.pixels_of_polygon([[0, 0], [4, 0], [0, 4]])
    assert [(at // overlap.WIDTH, at % overlap.WIDTH) for at in triangle.tolist()] == [
        (row, column) for row in range(4) for column in range(4) if row + column + 1 < 4
    ]


def test_each_kind_has_the_measures_of_its_answers() -> None:
    first, second = reads(1, 5)
    assert KINDS["grade"].agreement(KL, first, second) == {"qwk": kappa.quadratic(first, second)}
    words = ["absent", "present"]
    pair = [words[value % 2] for value in first], [words[value % 2] for value in second]
    assert KINDS["presence"].agreement(FRACTURE, *pair) == {
        "kappa": kappa.cohen(*pair),
        "ac1": kappa.ac1(*pair, 2),
    }
    assert set(KINDS["choice"].agreement(ACL, ["horn"], ["body"])) == {"kappa", "ac1"}
    assert KINDS["number"].agreement(SPACE, [1, 2, 3], [2, 3, 4])["mean_difference"] == 1


def test_many_choices_agree_option_by_option() -> None:
    first, second = [["horn"], ["body"], ["horn", "body"]], [["horn"], ["body"], ["body"]]
    horn = kappa.cohen([True, False, True], [True, False, False])
    body = kappa.cohen([False, True, True], [False, True, True])
    assert horn is not None
    assert body == 1.0
    # nobody chose the root: it has no kappa
    figures = KINDS["choice"].agreement(ZONES, first, second)
    assert figures["kappa"] == pytest.approx((horn + body) / 2)


def test_measures_are_compared_in_their_order_where_both_took_as_many() -> None:
    def lengths(*values: float | None) -> list[dict[str, Any]]:
        return [make_item("measure", n, value=value) for n, value in enumerate(values)]

    first = [lengths(10, 20), lengths(30), lengths(5, 6), lengths(None)]
    second = [lengths(11, 21), lengths(31), lengths(9), lengths(7)]
    figures = agreement("measure", first, second)
    assert figures == {"icc": icc.icc([10, 20, 30], [11, 21, 31]), "mean_difference": 1.0}
