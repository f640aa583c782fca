"""What a recipe is: all that the engine must know of a kind to learn it from whole cases. A recipe is a module.

Targets are an array with a row a case, of the recipe's own making: a class (N,), several yes or no (N, K), a number (N,).
Outputs are the raw numbers of the head (N, outputs). A new kind is one file with these names, and a line in WHOLE
(`__init__.py`).
"""

from collections.abc import Collection
from typing import Any, Protocol

from torch import Tensor

from training.recipes.judged import Answer, Calibration, Field, Judged, Prediction, Targets
from training.recipes.statistics import Floats

__all__ = ["Answer", "Calibration", "Field", "Prediction", "Recipe", "Targets"]


class Recipe(Judged, Protocol):
    LINK: str  # "logit" or "identity": how outputs and `levels` belong together in the fast run

    def head_size(self, field: Field, /) -> int: ...

    def directions(self, field: Field, /) -> list[slice]:
        """The outputs in groups that share one direction through the embeddings and differ by their biases only."""

    def levels(self, field: Field, targets: Targets, /) -> Floats:
        """(N, outputs): what the outputs are fitted to; of logits 0 and 1."""

    def loss_weights(self, field: Field, targets: Targets, /) -> Floats:
        """(outputs,) positive: how much more a 1 weighs than a 0, or, of numbers, any miss."""

    def start_bias(self, field: Field, targets: Targets, /) -> Floats:
        """(outputs,): what to answer before anything is seen."""

    def speaks(self, field: Field, values: Collection[Any], /) -> Floats | None:
        """(outputs,) of 0 and 1: which outputs speak for one of these answers; None where places that are asked at
        them are no evidence (engine/evidence.py)."""

    def loss(self, outputs: Tensor, targets: Tensor, weights: Tensor, /) -> Tensor:
        """(N,)."""

    def calibrate(self, field: Field, outputs: Floats, targets: Targets, /) -> dict[str, Any]:
        """From cases that the head was not fitted to."""

    def surprise(
        self, field: Field, outputs: Floats, targets: Targets, calibration: Calibration, /
    ) -> float:
        """Mean negative log likelihood: the least is the best of several fits."""

    def score(self, field: Field, outputs: Floats, targets: Targets, /) -> float | None:
        """The main metric, roughly, of uncalibrated outputs: to compare epochs. None where it is not defined."""

    def decode(
        self, field: Field, outputs: Floats, calibration: Calibration, /
    ) -> list[Prediction]:
        """Predictions with `kind`, `value` (an answer's), `probabilities` and `uncertainty` (0 to 1)."""
