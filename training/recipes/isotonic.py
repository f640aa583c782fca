"""A curve from logits to chances that need only rise: where there are enough held-out cases it follows what no temperature can.

Zadrozny and Elkan, KDD 2002. Its flat pieces would make cases equal that the logits tell apart, so that the AUC fell: a
small share of the fitted logistic curve keeps every step rising.
"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.model_selection import StratifiedKFold

from training.recipes import likelihood
from training.recipes.statistics import Floats, Ints

LEAST, LEAST_EACH = 200, 40  # held-out cases, and of the rarer answer: with fewer it follows noise
FOLDS = 5
RISE = 0.02  # share of the logistic curve

Logistic = Mapping[str, Any]


def better(
    logits: Floats, classes: Ints, logistic: Callable[[Floats, Ints], Logistic]
) -> dict[str, list[float]] | None:
    """The curve's knots where, fold by fold, it tells unseen cases better than the logistic one that `logistic` fits."""
    if len(classes) < LEAST or min(np.bincount(classes, minlength=2)) < LEAST_EACH:
        return None
    missed = np.zeros(2)
    for fitted, unseen in StratifiedKFold(FOLDS, shuffle=True, random_state=0).split(
        logits, classes
    ):
        line = logistic(logits[fitted], classes[fitted])
        curve = {**line, "curve": _knots(logits[fitted], classes[fitted])}
        missed += [
            likelihood.surprise(_both(present(logits[unseen], one)), classes[unseen])
            for one in (line, curve)
        ]
    return _knots(logits, classes) if missed[1] < missed[0] else None


def present(logits: Floats, calibration: Mapping[str, Any]) -> Floats:
    """(N,) chances of present from logits (N,)."""
    chances: Floats = expit(logits / calibration["temperature"] + calibration["bias"])
    if curve := calibration.get("curve"):
        chances = RISE * chances + (1 - RISE) * np.interp(logits, curve["x"], curve["y"])
    return chances


def _knots(logits: Floats, classes: Ints) -> dict[str, list[float]]:
    rare = 1 / (len(classes) + 2)  # what was never seen is not impossible
    fitted = IsotonicRegression(y_min=rare, y_max=1 - rare).fit(logits, classes)
    return {"x": fitted.X_thresholds_.tolist(), "y": fitted.y_thresholds_.tolist()}


def _both(chances: Floats) -> Floats:
    return np.stack([1 - chances, chances], axis=1)
