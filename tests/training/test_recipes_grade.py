import numpy as np
import pytest
import torch
from sklearn.metrics import cohen_kappa_score

from tests.training.engine_cases import KL, answered, grade_prediction
from training.recipes import grade

PLAIN = {"temperature": 1.0, "decision": "median"}


def test_only_graded_answers_are_targets() -> None:
    answers = [answered(3), {"state": "not_assessable"}, None, {"state": "not_asked"}, answered(0)]

    classes, known = grade.target(KL, answers)

    assert known.tolist() == [True, False, False, False, True]
    assert classes[known].tolist() == [3, 0]


def test_a_value_outside_the_scale_is_refused() -> None:
    with pytest.raises(ValueError, match="none of the grades"):
        grade.target(KL, [answered(7)])


def test_probabilities_are_monotone_and_sum_to_one_even_where_levels_cross() -> None:
    crossing = np.array([[-1.0, 2.0, 0.5, -3.0], [0.0, 0.0, 0.0, 0.0], [9.0, 9.0, 9.0, 9.0]])

    chances = grade.probabilities(crossing, PLAIN)

    assert chances.shape == (3, 5)
    assert (chances >= 0).all()
    assert chances.sum(1) == pytest.approx([1, 1, 1])
    assert chances[2].argmax() == 4


def test_prediction_carries_value_probabilities_expectation_and_uncertainty() -> None:
    sure, torn = grade.decode(KL, np.array([[9.0, 9.0, -9.0, -9.0], [0.0, 0.0, 0.0, 0.0]]), PLAIN)

    assert sure["value"] == 2
    assert sure["expected"] == pytest.approx(2, abs=0.01)
    assert sure["uncertainty"] < 0.01
    assert torn["uncertainty"] == pytest.approx(1)


def test_loss_falls_towards_the_right_grade() -> None:
    classes, weights = torch.tensor([2]), torch.ones(4)

    right = grade.loss(torch.tensor([[4.0, 4.0, -4.0, -4.0]]), classes, weights)
    one_off = grade.loss(torch.tensor([[4.0, 4.0, 4.0, -4.0]]), classes, weights)
    two_off = grade.loss(torch.tensor([[4.0, 4.0, 4.0, 4.0]]), classes, weights)

    assert right < one_off < two_off


def test_calibration_cools_an_overconfident_head() -> None:
    generator = np.random.default_rng(0)
    classes = generator.integers(0, 5, 400)
    noisy = 8 * (classes[:, None] - 0.5 - np.arange(4) + generator.normal(size=(400, 1)))

    calibration = grade.calibrate(KL, noisy, classes)

    assert calibration["temperature"] > 2


def test_the_grade_proposed_errs_by_the_fewest_grades() -> None:
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(400, 4)).cumsum(1)[:, ::-1]
    chances = grade.probabilities(logits, PLAIN)
    calibration = grade.calibrate(KL, logits, generator.integers(0, 5, 400))

    found = [one["value"] for one in grade.decode(KL, logits, PLAIN)]

    errors = np.abs(np.arange(5)[:, None] - np.arange(5)) @ chances.T  # (proposed, cases)
    assert errors[found, np.arange(400)] == pytest.approx(errors.min(0))
    assert calibration["decision"] == PLAIN["decision"]


def test_kappa_and_intervals_match_the_definition() -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 5, 200)
    decided = np.clip(truth + generator.integers(-1, 2, 200), 0, 4)
    patients = [str(n // 2) for n in range(200)]

    found = grade.metrics(truth.tolist(), [grade_prediction(int(v)) for v in decided], patients, 0)

    expected = cohen_kappa_score(truth, decided, weights="quadratic")
    assert found["qwk"]["value"] == pytest.approx(expected)
    assert found["qwk"]["low"] < expected < found["qwk"]["high"]
    assert found["accuracy"]["value"] == pytest.approx((truth == decided).mean())
    assert found["mae"]["value"] == pytest.approx(np.abs(truth - decided).mean())
    assert np.array(found["confusion"]).sum() == found["n"] == 200
    assert found["n_patients"] == 100
    third = found["per_grade"][3]
    assert third["sensitivity"]["value"] == pytest.approx((decided[truth == 3] == 3).mean())
    assert third["specificity"]["value"] == pytest.approx((decided[truth != 3] != 3).mean())


def test_metrics_without_cases_or_with_one_class_are_none_not_nan() -> None:
    nothing = grade.metrics([], [], [], 0)
    one_class = grade.metrics([1, 1], [grade_prediction(1)] * 2, ["a", "b"], 0, field=KL)

    assert nothing["qwk"] == {"value": None, "low": None, "high": None}
    assert nothing["n"] == 0
    assert one_class["qwk"]["value"] is None
    assert one_class["accuracy"]["value"] == 1
    assert one_class["per_grade"][0]["sensitivity"]["value"] is None
