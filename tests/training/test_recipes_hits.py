"""The figures of places, against a plain count of the same."""

from typing import Any

import numpy as np
import pytest

from training.recipes import DENSE
from training.recipes.boxes import Boxes, iou
from training.recipes.hits import average_precision, best_threshold, curve, matched, sensitivity_at
from training.recipes.statistics import Floats

FIELD: dict[str, Any] = {"key": "where", "kind": "boxes"}


def item(case: int, x: float, **more: Any) -> dict[str, Any]:
    return {"image": f"1.{case}", "frame": 1, "box": [x, 0.0, x + 10, 10.0], **more}


def near(one: Any, other: Any) -> float | None:
    return Boxes().near(FIELD, one, other)


def drawn(cases: int, seed: int) -> tuple[list[list[Any]], list[list[Any]]]:
    """Items, and hits near them, beside them and twice."""
    rng = np.random.default_rng(seed)
    truth, found = [], []
    for case in range(cases):
        marked = [item(case, 40.0 * n) for n in range(rng.integers(0, 4))]
        hits = [item(case, one["box"][0] + rng.normal(0, 3)) for one in marked for _ in range(2)]
        hits += [item(case, rng.uniform(0, 200)) for _ in range(rng.integers(0, 4))]
        truth.append(marked)
        found.append([one | {"score": float(rng.uniform())} for one in hits])
    return truth, found


def brute_precision(truth: list[list[Any]], found: list[list[Any]]) -> float:
    """Area under the raised precision, walked hit by hit."""
    every = sorted(
        ((hit["score"], case, hit) for case, hits in enumerate(found) for hit in hits),
        key=lambda one: -one[0],
    )
    taken: set[tuple[int, int]] = set()
    total, right, walked = sum(map(len, truth)), 0, []
    for seen, (_, case, hit) in enumerate(every, 1):
        options = [
            (iou(one["box"], hit["box"]), n)
            for n, one in enumerate(truth[case])
            if (case, n) not in taken and iou(one["box"], hit["box"]) >= 0.5
        ]
        if options:
            taken.add((case, max(options)[1]))
            right += 1
        walked.append((right / total, right / seen))
    area = before = 0.0
    for recall in sorted({recall for recall, _ in walked}):
        area += (recall - before) * max(p for r, p in walked if r >= recall)
        before = recall
    return area


def once(cases: int) -> Floats:
    return np.ones((1, cases))


@pytest.mark.parametrize("seed", range(5))
def test_average_precision_is_the_area_that_a_walk_through_the_hits_finds(seed: int) -> None:
    truth, found = drawn(12, seed)

    measured = average_precision(matched(truth, found, near), once(12))[0]

    assert measured == pytest.approx(brute_precision(truth, found))
    assert 0 < measured < 1


def test_a_resample_counts_as_if_its_cases_had_come_again() -> None:
    truth, found = drawn(6, 1)
    again = [0, 0, 3, 4, 4, 4]
    weights = np.array([[2.0, 0, 0, 1, 3, 0]])

    weighted = average_precision(matched(truth, found, near), weights)[0]

    assert weighted == pytest.approx(
        brute_precision([truth[n] for n in again], [found[n] for n in again])
    )


def test_the_curve_is_read_at_so_many_false_hits_a_case() -> None:
    truth = [[item(0, 0), item(0, 40)], []]
    found = [
        [item(0, 0, score=0.9), item(0, 100, score=0.8), item(0, 41, score=0.7)],
        [item(1, 0, score=0.6)],
    ]
    of = matched(truth, found, near)

    assert [float(sensitivity_at(of, once(2), at)[0]) for at in (0, 0.49, 0.5, 2)] == [
        0.5,
        0.5,
        1,
        1,
    ]
    assert curve(of) == [[0.0, 0.5], [0.5, 1.0]]
    assert best_threshold(of) == pytest.approx(0.65)


def test_a_hit_on_a_marked_item_that_is_taken_is_false() -> None:
    truth = [[item(0, 0)]]
    found = [[item(0, 0, score=0.5), item(0, 1, score=0.9)]]

    assert matched(truth, found, near).right.tolist() == [True, False]


def test_a_hit_of_a_stack_counts_on_the_slices_that_it_was_seen_on() -> None:
    truth = [[item(0, 0)]]
    there = item(0, 0, score=0.5, on=[["2.7", 1], ["1.0", 1]])
    elsewhere = item(0, 0, score=0.5, on=[["2.7", 1]])

    assert matched(truth, [[there]], near).right.all()
    assert not matched(truth, [[elsewhere]], near).right.any()


def test_figures_have_intervals_over_patients_and_count_cases_without_items() -> None:
    truth, found = drawn(40, 3)
    said = [{"kind": "boxes", "value": [], "hits": hits} for hits in found]
    patients = [f"p{n // 2}" for n in range(40)]

    of = DENSE["boxes"].metrics(truth, said, patients, 0, field=FIELD)

    value, _ = DENSE["boxes"].resampled_main(FIELD, truth, said, patients, 10, 0)
    assert (
        of["map50"]["value"] == pytest.approx(value) == pytest.approx(brute_precision(truth, found))
    )
    assert of["map50"]["low"] < of["map50"]["value"] < of["map50"]["high"]
    assert (of["n"], of["n_patients"], of["items"]) == (40, 20, sum(map(len, truth)))
    assert [row["false_per_case"] for row in of["froc"]] == [0.25, 0.5, 1.0, 2.0]


def test_without_any_item_nothing_is_defined() -> None:
    said = [{"kind": "boxes", "value": [], "hits": [item(0, 0, score=0.5)]}]

    assert DENSE["boxes"].metrics([[]], said, ["p"], 0, field=FIELD)["map50"]["value"] is None
    assert DENSE["boxes"].metrics([], [], [], 0, field=FIELD)["n"] == 0


@pytest.mark.parametrize("score", [None, float("nan"), 1.5, "0.5"])
def test_a_prediction_with_a_senseless_score_is_damaged(score: Any) -> None:
    said = {"kind": "boxes", "value": [], "hits": [item(0, 0, score=score)]}

    assert not DENSE["boxes"].sound(FIELD, said)
    assert DENSE["boxes"].sound(FIELD, {"kind": "boxes", "value": [item(0, 0, score=0.5)]})
