"""From which chance on a finding is called present: chosen on held-out cases, of which the gate and the card know nothing.

At a chance of 0.5 a rare finding would hardly ever be called, however well it is told from its absence.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.special import expit, logit

from training.recipes.statistics import Floats, Ints

EVEN = 0.5
LEAST_EACH = 20  # held-out cases with and without: with fewer the best point follows noise
LEAST_PRESENT = 10  # for the point of a wanted sensitivity


def chosen(field: Mapping[str, Any], chances: Floats, classes: Ints) -> float:
    """The highest point that reaches the sensitivity which the field names; without one that of the largest sum of
    sensitivity and specificity (Youden, Cancer 1950); EVEN where too few cases say it. chances: (N,) of being present."""
    present, absent = chances[classes == 1], chances[classes == 0]
    wanted = "sensitivity" in field
    if len(present) < LEAST_PRESENT or (not wanted and min(len(present), len(absent)) < LEAST_EACH):
        return EVEN
    steps = np.unique(chances)[::-1]
    if wanted:
        least = int(np.ceil(field["sensitivity"] * len(present) - 1e-9))
        at = int(np.flatnonzero(_reached(present, steps) >= least)[0])
    else:
        gain = _reached(present, steps) / len(present) - _reached(absent, steps) / len(absent)
        at = int(gain.argmax())
    below = steps[at + 1] if at + 1 < len(steps) else 0.0
    return float((steps[at] + below) / 2)


def of(calibration: Mapping[str, Any]) -> float:
    """Models from before a point was chosen have the even one."""
    return float(calibration.get("point", EVEN))


def about(point: float, chances: Floats) -> Floats:
    """The chances moved on the scale of their logits so that the point is even: nearest to it the answer is least sure."""
    if point == EVEN:
        return chances
    kept = np.clip(chances, 1e-9, 1 - 1e-9)
    return np.asarray(expit(logit(kept) - logit(np.clip(point, 1e-9, 1 - 1e-9))))


def _reached(chances: Floats, steps: Floats) -> Ints:
    """How many are at each step or above it; the steps fall."""
    return len(chances) - np.searchsorted(np.sort(chances), steps, side="left")
