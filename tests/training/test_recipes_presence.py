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
