from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import r2_score

from tests.training.engine_cases import answered
from training.recipes import number

SPACE: dict[str, Any] = {
    "key": "space",
    "kind": "number",
    "label": "Joint space",
    "unit": "mm",
    "minimum": 0,
    "maximum": 10,
    "step": 0.5,
}
KNOWN = {"spread": 1.0, "reach": 2.0}


def test_targets_are_the_numbers_that_were_given() -> None:
    targets, known = number.target(SPACE, [answered(2.5), None, {"state": "not_asked"}])

    assert targets[0] == 2.5
    assert known.tolist() == [True, False, False]


@pytest.mark.parametrize("value", [11, -1, "2", True, float("nan")])
def test_what_is_no_number_of_the_field_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="no number from 0 to 10"):
        number.target(SPACE, [answered(value)])


def test_predictions_lie_on_the_steps_and_within_the_range() -> None:
    found = number.decode(SPACE, np.array([[2.31], [14.0], [-3.0]]), KNOWN)

    assert [one["value"] for one in found] == [2.5, 10, 0]
    assert (found[0]["low"], found[0]["high"]) == pytest.approx((0.31, 4.31))
    assert found[1]["high"] == 10
    assert all(number.sound(SPACE, one) for one in found)
    assert not number.sound(SPACE, {**found[0], "low": None})
    assert not number.sound(SPACE, {**found[0], "expected": float("inf")})


def test_one_slip_of_a_reader_does_not_rule_the_loss() -> None:
    targets = torch.tensor([5.0, 5.0])
    weights = torch.ones(1)

    near, far = number.loss(torch.tensor([[4.5], [9.0]]), targets, weights)

    assert near == pytest.approx(0.125)
    assert far == pytest.approx(3.5)  # not 8


def test_the_interval_covers_what_it_says() -> None:
    generator = np.random.default_rng(0)
    truth = generator.uniform(2, 8, 600)
    outputs = (truth + generator.normal(size=600))[:, None]
    calibration = number.calibrate(SPACE, outputs[:300], truth[:300])

    predictions = number.decode(SPACE, outputs[300:], calibration)
    found = number.metrics(
        truth[300:].tolist(), predictions, [str(n) for n in range(300)], 0, field=SPACE
    )

    assert found["coverage"]["value"] == pytest.approx(number.COVERAGE, abs=0.05)
    assert calibration["spread"] == pytest.approx(1, abs=0.1)


def test_figures_match_their_definitions() -> None:
    generator = np.random.default_rng(1)
    truth = generator.uniform(0, 10, 120)
    outputs = np.clip(truth + 0.3 + generator.normal(size=120), 0, 10)
    predictions = number.decode(SPACE, outputs[:, None], KNOWN)

    found = number.metrics(
        truth.tolist(), predictions, [str(n // 2) for n in range(120)], 0, field=SPACE
    )

    difference = outputs - truth
    assert found["r2"]["value"] == pytest.approx(r2_score(truth, outputs))
    assert found["mae"]["value"] == pytest.approx(np.abs(difference).mean())
    assert found["rmse"]["value"] == pytest.approx(np.sqrt((difference**2).mean()))
    agreement = found["bland_altman"]
    assert agreement["mean"]["value"] == pytest.approx(difference.mean())
    limit = 1.96 * difference.std(ddof=1)
    assert agreement["lower"]["value"] == pytest.approx(difference.mean() - limit)
    assert agreement["upper"]["value"] == pytest.approx(difference.mean() + limit)
    assert len(agreement["points"]) == found["n"] == 120
    assert found["n_patients"] == 60


def agreement_of(differences: Sequence[float], patients: Sequence[str]) -> dict[str, Any]:
    said = [{"expected": 5 + one, "low": 0, "high": 10} for one in differences]
    found = number.metrics([5] * len(said), said, patients, 0, field=SPACE)
    agreement: dict[str, Any] = found["bland_altman"]
    return agreement


def width(of: Mapping[str, float]) -> float:
    return of["high"] - of["low"]


def test_the_limits_of_agreement_are_as_sure_as_theory_says() -> None:
    differences = np.random.default_rng(2).normal(scale=0.5, size=400)

    agreement = agreement_of(differences.tolist(), [str(n) for n in range(400)])

    # Bland and Altman 1986: a limit's standard error is about that of the mean times the root of 1 + 1.96² / 2
    expected = 2 * 1.96 * differences.std(ddof=1) * np.sqrt((1 + 1.96**2 / 2) / 400)
    assert width(agreement["lower"]) == pytest.approx(expected, rel=0.15)
    assert width(agreement["upper"]) == pytest.approx(expected, rel=0.15)


def test_four_like_cases_of_a_patient_make_the_limits_no_surer() -> None:
    differences = np.random.default_rng(3).normal(scale=0.5, size=50).tolist()
    four = [one for one in differences for _ in range(4)]

    alone = agreement_of(differences, [str(n) for n in range(50)])
    repeated = agreement_of(four, [str(n // 4) for n in range(200)])
    as_if_apart = agreement_of(four, [str(n) for n in range(200)])

    assert width(repeated["upper"]) == pytest.approx(width(alone["upper"]), rel=0.05)
    assert width(as_if_apart["upper"]) < 0.7 * width(repeated["upper"])


def test_one_case_has_no_limits_of_agreement() -> None:
    agreement = agreement_of([0.5], ["a"])

    assert agreement["mean"]["value"] == 0.5
    assert agreement["lower"]["value"] is None


def test_a_test_of_one_number_has_no_explained_share() -> None:
    predictions = number.decode(SPACE, np.full((3, 1), 2.0), KNOWN)

    found = number.metrics([2, 2, 2], predictions, ["a", "b", "c"], 0, field=SPACE)

    assert found["r2"]["value"] is None
    assert found["mae"]["value"] == 0
    assert number.score(SPACE, np.zeros((0, 1)), np.zeros(0)) is None
    assert number.metrics([], [], [], field=SPACE)["n"] == 0
