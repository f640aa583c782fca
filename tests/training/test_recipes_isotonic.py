"""Chances that no temperature could give, and a ranking that stays."""

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from training.recipes import isotonic, presence
from training.recipes.statistics import Floats, Ints

FIELD = {"key": "fracture", "kind": "presence"}


def bent(cases: int, seed: int) -> tuple[Floats, Ints]:
    """Logits whose true chances rise to 0.6, and stay there however sure the logit is."""
    generator = np.random.default_rng(seed)
    logits = generator.normal(0, 3, (cases, 1))
    chances = np.minimum(expit(3 * logits[:, 0]), 0.6)
    return logits, (generator.random(cases) < chances).astype(np.int64)


def test_a_bent_truth_is_followed_where_there_are_cases_enough() -> None:
    calibration = presence.calibrate(FIELD, *bent(2000, 0))

    assert "curve" in calibration
    chances = presence.probabilities(np.array([[-6.0], [2.0], [5.0]]), calibration)[:, 1]
    assert chances == pytest.approx([0.0, 0.6, 0.6], abs=0.08)


def test_it_says_more_of_unseen_cases_and_ranks_them_as_before() -> None:
    calibration = presence.calibrate(FIELD, *bent(2000, 0))
    straight = {name: calibration[name] for name in ("temperature", "bias")}
    logits, classes = bent(2000, 1)

    assert presence.surprise(FIELD, logits, classes, calibration) < presence.surprise(
        FIELD, logits, classes, straight
    )
    chances = presence.probabilities(logits, calibration)[:, 1]
    assert roc_auc_score(classes, chances) == pytest.approx(
        roc_auc_score(classes, logits[:, 0]), abs=1e-9
    )


@pytest.mark.parametrize("cases", [isotonic.LEAST - 1, 12])
def test_few_cases_get_a_temperature_only(cases: int) -> None:
    assert set(presence.calibrate(FIELD, *bent(cases, 0))) == {"temperature", "bias", "point"}


def test_a_straight_truth_needs_no_curve() -> None:
    generator = np.random.default_rng(3)
    logits = generator.normal(0, 2, (400, 1))
    classes = (generator.random(400) < expit(logits[:, 0])).astype(np.int64)

    assert "curve" not in presence.calibrate(FIELD, logits, classes)
