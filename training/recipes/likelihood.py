"""Class probabilities: (N, K), each row of which sums to one."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from training.recipes.statistics import Floats, Ints

LEAST = 1e-6  # a class thought impossible costs much, but not everything


def surprise(probabilities: Floats, classes: Ints) -> float:
    """Mean negative log likelihood of the classes (N,)."""
    found = probabilities[np.arange(len(classes)), classes]
    return float(-np.log(np.clip(found, LEAST, 1)).mean())


def entropy(probabilities: Floats) -> Floats:
    """(N,) from 0, sure, to 1, all classes alike."""
    safe = np.clip(probabilities, 1e-12, 1)
    bits: Floats = np.clip(
        -(safe * np.log(safe)).sum(1) / np.log(max(2, probabilities.shape[1])), 0, 1
    )
    return bits


def sound(prediction: Mapping[str, Any], classes: int) -> bool:
    """Whether a prediction's probabilities are that many and sum to one."""
    found = numbers(prediction, classes)
    return found is not None and bool((found >= 0).all() and abs(found.sum() - 1) < 1e-3)


def numbers(prediction: Mapping[str, Any], wanted: int) -> Floats | None:
    """A prediction's probabilities where they are that many finite numbers."""
    try:
        found = np.asarray(prediction.get("probabilities"), dtype=np.float64)
    except (TypeError, ValueError):
        return None
    return found if found.shape == (wanted,) and bool(np.isfinite(found).all()) else None
