"""Sets of neighbouring classes that hold the truth with a promised chance: split conformal prediction on an ordered scale.

A set grows from the likeliest class to whichever neighbour is likelier, until it holds more than `mass` of the
probability (Lu, Angelopoulos and Pomerantz, MICCAI 2022, arXiv 2207.02238). Held-out cases say how much mass that must be.
"""

import numpy as np
from numpy.typing import NDArray

from training.recipes.statistics import Floats, Ints

COVERAGE = 0.9
LEAST = 30  # held-out cases: with fewer the promise costs the whole scale


def mass(chances: Floats, classes: Ints) -> float | None:
    """Of held-out cases (N, K) and their classes (N,); None where they are too few to promise anything."""
    place = int(np.ceil(COVERAGE * (len(classes) + 1))) - 1
    if len(classes) < LEAST or place >= len(classes):
        return None
    return float(np.sort(_before(chances, classes))[place])


def grown(chances: Floats, mass: float) -> tuple[Ints, Ints]:
    """The first and the last class of each case's set (N,)."""
    low = chances.argmax(1)
    high, held = low.copy(), chances.max(1)
    for _ in range(chances.shape[1] - 1):
        more = held <= mass
        low, high, held = _step(chances, low, high, held, more)
    return low, high


def _before(chances: Floats, classes: Ints) -> Floats:
    """(N,): the mass of each case's set just before its class joined; 0 where it was the first."""
    low = chances.argmax(1)
    high, held = low.copy(), chances.max(1)
    found = np.zeros(len(chances))
    for _ in range(chances.shape[1] - 1):
        outside = (classes < low) | (classes > high)
        found[outside] = held[outside]
        low, high, held = _step(chances, low, high, held, outside)
    return found


def _step(
    chances: Floats, low: Ints, high: Ints, held: Floats, chosen: NDArray[np.bool_]
) -> tuple[Ints, Ints, Floats]:
    """The chosen sets with one class more, where there is one."""
    rows, last = np.arange(len(chances)), chances.shape[1] - 1
    below = np.where(low > 0, chances[rows, np.maximum(low - 1, 0)], -1)
    above = np.where(high < last, chances[rows, np.minimum(high + 1, last)], -1)
    down = chosen & (below >= above) & (low > 0)
    up = chosen & ~down & (high < last)
    held = held + np.where(down, below, 0) + np.where(up, above, 0)
    return low - down, high + up, held
