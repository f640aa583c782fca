"""What is marked on the pictures, as evidence for the question before it.

A fracture is a few pixels out of thousands: the mean over a picture hardly knows of it, while the heads that look for
places were shown where. So where a form asks for places only after a question (`when`), the surest mark of a case raises the
outputs that would open it: outputs * own + opens * (marked * strength + bias). These three numbers a slot are fitted on the
split tune, whose cases neither head learned from, and kept where cases left out are foretold better with them than without
(stacking: Wolpert 1992; Breiman 1996).
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logit
from sklearn.model_selection import GroupKFold

from training.engine.examples import Example, Slot, answers_of
from training.recipes.dense import DenseRecipe
from training.recipes.recipe import Recipe, Targets
from training.recipes.statistics import Floats

Marked = Mapping[str, Mapping[str, Any]]  # predictions of one case by slot
LEAST_CASES = 12
FOLDS = 5
FAINTEST = 0.001  # where nothing is marked: fainter hits are not kept (recipes/centres.py)
PLAIN = {"temperature": 1.0, "bias": 0.0}  # no calibration


@dataclass(frozen=True)
class Evidence:
    """For one slot: the slots of places whose marks it weighs, how, and the calibration of what comes out."""

    places: tuple[str, ...]
    own: float
    marked: float
    bias: float
    calibration: Mapping[str, Any] = field(default_factory=dict)

    def weigh(self, outputs: Floats, opens: Floats, strength: Floats) -> Floats:
        """Outputs (N, K), of which `opens` (K,) would open the places, and strengths (N,) to outputs (N, K)."""
        found: Floats = outputs * self.own + np.outer(self.marked * strength + self.bias, opens)
        return found

    def strength(self, marked: Sequence[Marked]) -> Floats:
        """(N,): the logit of each case's surest mark."""
        best = [
            max(
                (hit["score"] for name in self.places for hit in one.get(name, {}).get("hits", [])),
                default=FAINTEST,
            )
            for one in marked
        ]
        found: Floats = logit(np.clip(np.array(best, dtype=np.float64), FAINTEST, 1 - 1e-4))
        return found

    def metadata(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> "Evidence":
        return cls(**{**told, "places": tuple(told["places"])})


def asked_at(slot: Slot[Recipe], dense: Sequence[Slot[DenseRecipe]]) -> list[Slot[DenseRecipe]]:
    """The slots of places that are asked for at some answer of this one."""
    return [one for one in dense if one.opener is not None and one.opener.name == slot.name]


def opens(slot: Slot[Recipe], places: Sequence[Slot[DenseRecipe]]) -> Floats | None:
    """(K,) of 0 and 1: which outputs speak for an answer at which the places are asked; None where none does."""
    values = {value for one in places for value in one.field["when"]["is"]}
    return slot.recipe.opens(slot.field, values) if places else None


def fitted(
    slot: Slot[Recipe],
    dense: Sequence[Slot[DenseRecipe]],
    outputs: Floats,
    marked: Sequence[Marked],
    examples: Sequence[Example],
) -> Evidence | None:
    """How the slot's outputs (N, K) and what is marked on the same cases of the split tune belong together; None where there are
    too few cases, nothing to weigh, or no gain."""
    places = asked_at(slot, dense)
    towards = opens(slot, places)
    targets, known = slot.recipe.target(slot.field, answers_of(slot, examples))
    if towards is None or known.sum() < LEAST_CASES or len(np.unique(targets[known])) < 2:
        return None
    names = tuple(one.name for one in places)
    strength = Evidence(names, 1.0, 0.0, 0.0).strength(marked)[known]
    cases = _Cases(slot, names, towards, outputs[known], strength, targets[known])
    patients = [example.patient for example, one in zip(examples, known, strict=True) if one]
    if not cases.gain(patients):
        return None
    found = cases.fit(np.arange(len(strength)), weighing=True)
    weighed = found.weigh(cases.outputs, towards, strength)
    calibration = slot.recipe.calibrate(slot.field, weighed, cases.targets)
    return Evidence(names, found.own, found.marked, found.bias, calibration)


@dataclass(frozen=True)
class _Cases:
    slot: Slot[Recipe]
    names: tuple[str, ...]
    towards: Floats
    outputs: Floats
    strength: Floats
    targets: Targets

    def fit(self, rows: NDArray[np.int64], *, weighing: bool) -> Evidence:
        """To these rows; not `weighing`: by the outputs alone."""

        def misfit(free: Floats) -> float:
            # The faint pull keeps a small set that can be parted finite.
            return self.surprise(self._evidence(free, weighing), rows) + 0.1 * float(
                free @ free
            ) / len(rows)

        free = minimize(misfit, np.zeros(3), method="Nelder-Mead", options={"maxiter": 400}).x
        return self._evidence(free, weighing)

    def _evidence(self, free: Floats, weighing: bool) -> Evidence:
        own, marked, bias = (float(one) for one in np.clip(free, -6, 6))
        return Evidence(self.names, math.exp(own), max(0.0, marked) if weighing else 0.0, bias)

    def surprise(self, evidence: Evidence, rows: NDArray[np.int64]) -> float:
        weighed = evidence.weigh(self.outputs[rows], self.towards, self.strength[rows])
        return self.slot.recipe.surprise(self.slot.field, weighed, self.targets[rows], PLAIN)

    def gain(self, patients: Sequence[str]) -> bool:
        """Whether cases left out are foretold better with the marks than without."""
        folds = min(FOLDS, len(set(patients)))
        if folds < 2:
            return False
        every = np.arange(len(self.strength))
        total = {True: 0.0, False: 0.0}
        for rest, held in GroupKFold(folds).split(every, groups=patients):
            for weighing in total:
                told = self.fit(rest, weighing=weighing)
                total[weighing] += self.surprise(told, held) * len(held)
        return total[True] < total[False]
