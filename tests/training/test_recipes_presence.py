from typing import Any

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.training.engine_cases import FRACTURE, answered, presence_prediction
from training.recipes import presence


def test_an_indeterminate_finding_is_no_target() -> None:
    answers = [answered("present"), answered("indeterminate"), answered("absent"), None]

    classes, known = presence.target(FRACTURE, answers)

    assert known.tolist() == [True, False, True, False]
    assert classes[known].tolist() == [1, 0]


def test_value_and_probability_agree() -> None:
    calibration = {"temperature": 1.0, "bias": 0.0}

    sure, torn = presence.decode(FRACTURE, np.array([[-6.0], [0.0]]), calibration)

    assert sure["value"] == "absent"
    assert sure["probabilities"][0] > 0.99
    assert torn["uncertainty"] == pytest.approx(1)


def test_calibration_undoes_the_class_balance() -> None:
    generator = np.random.default_rng(0)
    classes = (generator.random(2000) < 0.1).astype(np.int64)
    balanced = (2.0 * classes + generator.normal(size=2000) - 1)[:, None] * 2

    calibration = presence.calibrate(FRACTURE, balanced, classes)

    mean = presence.probabilities(balanced, calibration)[:, 1].mean()
    assert mean == pytest.approx(0.1, abs=0.01)


def test_auc_counts_ties_half() -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 2, 300)
    scores = np.round(np.clip(0.5 * truth + generator.random(300) / 2, 0, 1), 1)
    names = [("absent", "present")[one] for one in truth]

    found = presence.metrics(
        names, [presence_prediction(float(s)) for s in scores], [str(n) for n in range(300)], 0
    )

    assert found["auc"]["value"] == pytest.approx(roc_auc_score(truth, scores))
    assert found["auc"]["low"] < found["auc"]["value"] < found["auc"]["high"]
    assert found["sensitivity"]["value"] == pytest.approx((scores[truth == 1] >= 0.5).mean())


def test_metrics_without_cases_or_with_one_class_are_none_not_nan() -> None:
    nothing = presence.metrics([], [], [], 0)
    one_class = presence.metrics(["absent"] * 3, [presence_prediction(0.2)] * 3, ["a", "b", "c"], 0)

    assert nothing["auc"]["value"] is None
    assert one_class["auc"]["value"] is None
    assert one_class["sensitivity"]["value"] is None
    assert one_class["specificity"]["value"] == 1


def drawn(share: float, cases: int = 3000) -> tuple[Any, Any]:
    """Logits of a finding with an AUC of 0.92, present in so many cases."""
    generator = np.random.default_rng(0)
    classes = (generator.random(cases) < share).astype(np.int64)
    return (2.0 * classes + generator.normal(size=cases))[:, None], classes


def rates(field: dict[str, Any], share: float) -> tuple[float, float]:
    logits, classes = drawn(share)
    said = presence.decode(field, logits, presence.calibrate(field, logits, classes))
    called = np.array([one["value"] == "present" for one in said])
    return float(called[classes == 1].mean()), float(called[classes == 0].mean())


@pytest.mark.parametrize("share", [0.05, 0.2])
def test_a_rare_finding_is_proposed_where_it_is_likelier_than_usual(share: float) -> None:
    sensitivity, false = rates(FRACTURE, share)

    assert sensitivity > 0.75
    assert false < 0.25


@pytest.mark.parametrize("wanted", [0.6, 0.9, 0.99])
def test_the_wanted_sensitivity_is_reached_and_not_much_more(wanted: float) -> None:
    sensitivity, _ = rates({**FRACTURE, "sensitivity": wanted}, 0.1)

    assert wanted <= sensitivity < wanted + 0.01


def test_with_few_cases_and_in_old_models_the_point_is_even() -> None:
    logits, classes = drawn(0.1, 100)
    assert presence.calibrate(FRACTURE, logits, classes)["point"] == 0.5
    few = {**FRACTURE, "sensitivity": 0.9}
    assert presence.calibrate(few, logits[:40], classes[:40])["point"] == 0.5

    [said] = presence.decode(FRACTURE, np.array([[0.1]]), {"temperature": 1.0, "bias": 0.0})
    assert said["value"] == "present"
    assert "point" not in said
    assert presence.metrics(["present"], [said], ["a"])["point"] == 0.5


def test_at_the_point_it_is_least_sure() -> None:
    calibration = {"temperature": 1.0, "bias": 0.0, "point": 0.1}
    low, at, even = presence.decode(
        FRACTURE, np.array([[-6.0], [np.log(0.1 / 0.9) + 1e-6], [0.0]]), calibration
    )

    assert [one["value"] for one in (low, at, even)] == ["absent", "present", "present"]
    assert at["uncertainty"] == pytest.approx(1)
    assert even["uncertainty"] < 0.6
    assert presence.metrics(["present"], [at], ["a"])["point"] == 0.1
