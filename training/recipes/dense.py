"""What a recipe is for a kind whose answers are places on images: it is learned from each picture by itself.

A network gives a picture `channels` maps of raw numbers, and the recipe draws maps to be met. Cells are the places of
these maps; `to_cells` leads from an image's pixels to them (place.py).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray
from torch import Tensor

from training.recipes.judged import Answer, Calibration, Field, Judged, Prediction
from training.recipes.place import Affine, Place
from training.recipes.statistics import Floats

__all__ = ["Affine", "Answer", "Calibration", "DenseRecipe", "Field", "Items", "Place", "Shape"]

Item = Mapping[str, Any]
Items = Sequence[Item]
Shape = tuple[int, int]  # rows and columns of the maps
Maps = NDArray[Any]
Said = Mapping[str, Any]  # a prediction
Found = Any  # what is kept of a picture's maps to answer from


class DenseRecipe(Judged, Protocol):
    EVIDENCE: bool  # whether its predictions have `hits`, each with a score: what engine/evidence.py weighs

    def channels(self, field: Field, /) -> int: ...

    def chance(self, field: Field, y_true: Sequence[Any], predictions: Sequence[Said], /) -> float:
        """The main figure of guesses, on these cases."""

    def telling(
        self,
        field: Field,
        y_true: Sequence[Any],
        predictions: Sequence[Said],
        groups: Sequence[str],
        /,
    ) -> int:
        """Patients of whose cases the main figure says something."""

    def start(self, field: Field, shown: Sequence[tuple[Items, Affine]], shape: Shape, /) -> Floats:
        """(channels,): what to say everywhere before anything is seen; `shown`: the items of pictures to learn from, whose maps
        have that shape."""

    def drawn(self, field: Field, items: Items, to_cells: Affine, shape: Shape, /) -> Maps:
        """(maps, *shape) float32: what the outputs of a picture with these items should be."""

    def loss(self, outputs: Tensor, targets: Tensor, /) -> Tensor:
        """(P,) of outputs (P, channels, H, W) and what was drawn (P, maps, H, W)."""

    def weight(self, targets: Tensor, /) -> Tensor:
        """(P,): how much of the loss each picture may carry."""

    def found(self, field: Field, outputs: Maps, /) -> Found:
        """What of a picture's outputs (channels, H, W) is kept to answer from."""

    def chances(self, outputs: Maps, calibration: Calibration, /) -> Floats:
        """(H, W) from 0 to 1 of outputs (channels, H, W): how sure each cell is that it shows something."""

    def decode(
        self,
        field: Field,
        found: Sequence[Found],
        places: Sequence[Place],
        to_cells: Sequence[Affine],
        calibration: Calibration,
        /,
    ) -> Prediction:
        """The answer of one case, of whose pictures each was `found` something: `kind`, `value`, `probabilities`,
        `uncertainty`. An empty calibration is that before any."""

    def calibrate(
        self,
        field: Field,
        answer: Callable[[Calibration], Sequence[Prediction]],
        y_true: Sequence[Any],
        /,
    ) -> dict[str, Any]:
        """From cases that the head was not fitted to: `answer` gives their predictions with a calibration."""
