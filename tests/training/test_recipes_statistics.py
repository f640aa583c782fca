"""Intervals of tests without an error, of which all resamples say the same."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from training.engine.gate import compare
from training.recipes import RECIPES, choice, grade, presence, statistics
from training.recipes.statistics import Z, bounded, newcombe, wilson


def said(chances: Sequence[float]) -> list[dict[str, Any]]:
    return [
        {
            "kind": "presence",
            "value": "present" if chance >= 0.5 else "absent",
            "probabilities": [1 - chance, chance],
        }
        for chance in chances
    ]


def test_wilson_s_interval_is_that_of_the_score_test() -> None:
    # the share at either end lies as far from what was seen as chance may take it
    for share, sample in [(1.0, 10), (0.0, 7), (0.75, 8), (0.5, 1)]:
        for end in wilson(share, sample):
            assert abs(share - end) == pytest.approx(
                Z * np.sqrt(end * (1 - end) / sample), abs=1e-6
            )
    assert wilson(1.0, 10)[0] == pytest.approx(10 / (10 + Z**2))


@pytest.mark.parametrize(("area", "having"), [(1.0, (5, 5)), (0.8, (12, 30)), (0.5, (3, 40))])
def test_newcombe_s_interval_is_that_of_the_score_test(
    area: float, having: tuple[int, int]
) -> None:
    low, high = newcombe(area, *having)

    more = sum(having) / 2 - 1
    for end in {low, high} - {1.0}:
        spread = 1 + more * (1 - end) / (2 - end) + more * end / (1 + end)
        variance = end * (1 - end) * spread / (having[0] * having[1])
        assert abs(area - end) == pytest.approx(Z * np.sqrt(variance), abs=1e-6)
    assert 0.5 < low < area <= high or area == 0.5
    turned = newcombe(1 - area, *having)
    assert turned == pytest.approx((1 - high, 1 - low), abs=1e-6)


def test_newcombe_s_interval_holds_what_it_promises_where_the_resamples_do_not() -> None:
    """Of 400 small tests of a model whose AUC is 0.95; many of them show no error."""
    rng = np.random.default_rng(3)
    apart = 1.645 * np.sqrt(2)  # of two normal distributions with that area
    held = []
    for _ in range(400):
        scores = np.r_[rng.normal(apart, 1, 6), rng.normal(0, 1, 6)]
        truth = np.r_[np.ones(6, np.int64), np.zeros(6, np.int64)]
        area = float(statistics.auc(truth, scores, np.ones((1, 12)))[0])
        low, high = newcombe(area, 6, 6)
        held.append(low <= 0.95 <= high)

    assert 0.92 <= np.mean(held) <= 0.99


def test_a_test_without_an_error_says_how_few_patients_it_is_of() -> None:
    truth = ["present"] * 12 + ["absent"] * 9
    patients = [f"p{n // 3}" for n in range(12)] + [f"q{n}" for n in range(9)]
    found = presence.metrics(truth, said([0.9] * 12 + [0.1] * 9), patients)

    def ends(name: str) -> tuple[float, float]:
        assert found[name]["value"] == 1
        return found[name]["low"], found[name]["high"]

    # twelve pictures of four patients are four
    assert ends("auc") == pytest.approx(newcombe(1.0, 4, 9))
    assert ends("sensitivity") == pytest.approx(wilson(1.0, 4))
    assert ends("specificity") == pytest.approx(wilson(1.0, 9))
    assert ends("accuracy") == pytest.approx(wilson(1.0, 13))


def test_the_gate_says_the_same_of_it_as_the_card_and_passes_what_it_did() -> None:
    truth, patients = ["present"] * 4 + ["absent"] * 8, [f"p{n}" for n in range(12)]
    predictions = said([0.9] * 4 + [0.1] * 8)
    verdict = compare({"kind": "presence"}, truth, predictions, None, patients, seed=0)

    assert verdict["passed"]
    assert verdict["parameters"] == presence.metrics(truth, predictions, patients)["auc"]
    low = newcombe(1.0, 4, 8)[0]
    assert f"AUC 1.00 (95 % interval {low:.2f} to 1.00) is above chance" in verdict["reason"]
    # with fewer than three of either the resamples lack them too often to be judged at all
    assert (
        min(newcombe(1.0, few, all_of - few)[0] for all_of in range(10, 60) for few in (3, 4)) > 0.5
    )


def test_one_with_an_error_keeps_the_interval_of_its_resamples() -> None:
    chances = [0.9] * 9 + [0.3] + [0.1] * 10
    truth, patients = ["present"] * 10 + ["absent"] * 10, [f"p{n}" for n in range(20)]
    found = presence.metrics(truth, said(chances), patients)

    _, resampled = presence.resampled_main({}, truth, said(chances), patients, 2000, 0)
    assert found["sensitivity"]["high"] == 1
    assert found["sensitivity"]["low"] not in wilson(0.9, 10)
    assert found["auc"]["value"] == 1  # ranked rightly all the same
    assert set(resampled.tolist()) == {1.0}
    assert found["auc"]["low"] == pytest.approx(newcombe(1.0, 10, 10)[0])


def test_a_figure_without_a_method_has_no_interval_there() -> None:
    field = {"key": "kl", "kind": "grade", "grades": [{"value": n} for n in range(3)]}
    given = [0, 1, 2] * 4
    found = grade.metrics(
        given,
        [{"value": value, "probabilities": [0.0, 0.0, 0.0]} for value in given],
        [f"p{n}" for n in range(12)],
        field=field,
    )

    assert found["qwk"] == {"value": 1.0, "low": None, "high": None}
    assert found["mae"] == {"value": 0.0, "low": None, "high": None}
    assert found["accuracy"]["low"] == pytest.approx(wilson(1.0, 12)[0])
    assert found["per_grade"][1]["sensitivity"]["low"] == pytest.approx(wilson(1.0, 4)[0])
    assert bounded(0.5, np.array([0.4, 0.5, 0.6]))["low"] is not None


def test_options_that_are_all_told_apart_have_the_mean_of_their_bounds() -> None:
    field = {"key": "view", "kind": "choice", "options": [{"value": of} for of in "abc"]}
    given = ["a"] * 6 + ["b"] * 3 + ["c"]
    chances = {of: [0.9 if of == other else 0.05 for other in "abc"] for of in "abc"}
    predictions = [{"value": of, "probabilities": chances[of]} for of in given]
    found = choice.metrics(given, predictions, [f"p{n}" for n in range(10)], field=field)

    lows = [newcombe(1.0, n, 10 - n)[0] for n in (6, 3, 1)]
    assert (found["auc"]["value"], found["auc"]["high"]) == (1, 1)
    assert found["auc"]["low"] == pytest.approx(np.mean(lows))
    assert found["accuracy"]["low"] == pytest.approx(wilson(1.0, 10)[0])
    assert found["per_option"][1]["sensitivity"]["low"] == pytest.approx(wilson(1.0, 3)[0])


def test_all_boxes_found_are_counted_by_the_patients_who_have_some() -> None:
    box = {"image": "1", "frame": 1, "box": [10, 10, 30, 30]}
    truth = [[box]] * 8 + [[]] * 4
    hit = {**box, "score": 0.9}
    predictions = [{"value": [], "hits": [hit] if of else []} for of in truth]
    patients = [f"p{n // 2}" for n in range(12)]
    found = RECIPES["boxes"].metrics(truth, predictions, patients, field={"kind": "boxes"})

    assert found["sensitivity_05"]["low"] == pytest.approx(wilson(1.0, 4)[0])
    assert found["map50"] == {"value": 1.0, "low": None, "high": None}
