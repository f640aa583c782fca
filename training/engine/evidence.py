"""What is marked on the pictures, as evidence for the question before it.

A fracture is a few pixels out of thousands: the mean over a picture hardly knows of it, while the heads that look for
places were shown where. So where a form asks for places only after a question (`when`), the surest mark of a case moves the
outputs that speak for the answers at which they are asked:

    outputs * own + speaks * (marked * strength + bias)

These three numbers a slot are fitted on the split tune, of which neither head learned anything, and kept where cases left
out are foretold better with them than without (stacking: Wolpert 1992; Breiman 1996). It is calibrated on what is
said of cases that were left out as well.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logit
from sklearn.model_selection import GroupKFold

from training.engine.examples import Example, Slot, answers_of
from training.engine.labels import differing
from training.recipes.dense import DenseRecipe
from training.recipes.recipe import Recipe, Targets
from training.recipes.statistics import Floats

Marked = Mapping[str, Mapping[str, Any]]  # predictions of one case by slot
LEAST_CASES, LEAST_EACH = 20, 5  # of all, of those that are spoken for and of those that are not
FOLDS = 5
FAINTEST = 0.001  # where nothing is marked: fainter hits are not kept (recipes/centres.py)
PLAIN = {"temperature": 1.0, "bias": 0.0}  # no calibration


@dataclass(frozen=True)
class Evidence:
    """For one slot: the slots of places whose marks it weighs, how, and the calibration of what comes out.

    usual: the mean strength over the cases that it was fitted to, from which strength counts.
    """

    places: tuple[str, ...]
    own: float
    marked: float
    bias: float
    usual: float = 0.0
    calibration: Mapping[str, Any] = field(default_factory=dict)

    def weigh(self, outputs: Floats, speaks: Floats, strength: Floats) -> Floats:
        """Outputs (N, K), of which those with a 1 in `speaks` (K,) speak for the places, and strengths (N,) to outputs
        (N, K)."""
        moved = self.marked * (strength - self.usual) + self.bias
        found: Floats = outputs * self.own + np.outer(moved, speaks)
        return found

    def metadata(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Evidence":
        """As `metadata` told it."""
        return cls(**{**told, "places": tuple(told["places"])})


def strength_of(places: Collection[str], marked: Sequence[Marked]) -> Floats:
    """(N,): the logit of the surest mark of each case in any of these slots."""
    best = [
        max(
            (hit["score"] for name in places for hit in one.get(name, {}).get("hits", [])),
            default=FAINTEST,
        )
        for one in marked
    ]
    found: Floats = logit(np.clip(np.array(best, dtype=np.float64), FAINTEST, 1 - 1e-4))
    return found


def bearing_on(
    slot: Slot[Recipe], dense: Sequence[Slot[DenseRecipe]]
) -> tuple[tuple[str, ...], Floats] | None:
    """The slots of places that are asked at some answers of this one, and (K,) of 0 and 1: which of its outputs speak for
    those answers. None where there are no such places, they are asked at different answers, or its kind says that they
    are no evidence."""
    places = [
        one
        for one in dense
        if one.recipe.EVIDENCE and one.opener is not None and one.opener.name == slot.name
    ]
    asked = {frozenset(one.field["when"]["is"]) for one in places}
    if len(asked) != 1:
        return None
    speaks = slot.recipe.speaks(slot.field, *asked)
    return None if speaks is None else (tuple(one.name for one in places), speaks)


def fitted(
    slot: Slot[Recipe],
    dense: Sequence[Slot[DenseRecipe]],
    outputs: Floats,
    marked: Sequence[Marked],
    examples: Sequence[Example],
) -> Evidence | None:
    """How the slot's outputs (N, K) and what is marked on the same cases of the split tune belong together; None where
    there are too few cases, nothing to weigh, or no gain."""
    bearing = bearing_on(slot, dense)
    targets, known = slot.recipe.target(slot.field, answers_of(slot, examples))
    if bearing is None or known.sum() < LEAST_CASES or differing(targets[known]) < 2:
        return None
    places, speaks = bearing
    spoken_for = (slot.recipe.levels(slot.field, targets[known]) @ speaks > 0).sum()
    if not LEAST_EACH <= spoken_for <= known.sum() - LEAST_EACH:
        return None
    strength = strength_of(places, marked)[known]
    if np.ptp(strength) == 0:
        return None
    cases = _Cases(slot, places, speaks, outputs[known], strength, targets[known])
    patients = [example.patient for example, one in zip(examples, known, strict=True) if one]
    left_out = cases.left_out(patients)
    if left_out is None:
        return None
    found = cases.fit(np.arange(len(strength)), weighing=True)
    if found.marked <= 0:
        return None
    calibration = slot.recipe.calibrate(slot.field, left_out, cases.targets)
    return Evidence(places, found.own, found.marked, found.bias, found.usual, calibration)


@dataclass(frozen=True)
class _Cases:
    """N cases whose answer is known."""

    slot: Slot[Recipe]
    places: tuple[str, ...]
    speaks: Floats
    outputs: Floats
    strength: Floats
    targets: Targets

    def fit(self, rows: NDArray[np.int64], *, weighing: bool) -> Evidence:
        """To these rows; not `weighing`: by the outputs alone."""

        def misfit(free: Floats) -> float:
            # The faint pull keeps a small set that can be parted finite.
            pull = 0.1 * float(free @ free) / len(rows)
            return self.surprise(self._weighed(self._evidence(free, weighing), rows), rows) + pull

        free = minimize(misfit, np.zeros(3), method="Nelder-Mead", options={"maxiter": 400}).x
        return self._evidence(free, weighing)

    def _evidence(self, free: Floats, weighing: bool) -> Evidence:
        own, marked, bias = (float(one) for one in np.clip(free, -6, 6))
        weight = max(0.0, marked) if weighing else 0.0
        usual = float(self.strength.mean())
        return Evidence(self.places, math.exp(own), weight, bias, usual)

    def _weighed(self, evidence: Evidence, rows: NDArray[np.int64]) -> Floats:
        return evidence.weigh(self.outputs[rows], self.speaks, self.strength[rows])

    def surprise(self, weighed: Floats, rows: NDArray[np.int64]) -> float:
        return self.slot.recipe.surprise(self.slot.field, weighed, self.targets[rows], PLAIN)

    def left_out(self, patients: Sequence[str]) -> Floats | None:
        """(N, K): what each case would be foretold by the cases of other patients, with the marks; None where that is not
        better than without."""
        folds = min(FOLDS, len(set(patients)))
        if folds < 2:
            return None
        every = np.arange(len(self.strength))
        found = {weighing: np.zeros_like(self.outputs) for weighing in (True, False)}
        for rest, held in GroupKFold(folds).split(every, groups=patients):
            for weighing, weighed in found.items():
                weighed[held] = self._weighed(self.fit(rest, weighing=weighing), held)
        better = self.surprise(found[True], every) < self.surprise(found[False], every)
        return found[True] if better else None
