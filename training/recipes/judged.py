"""What every recipe has, however its kind is learned: its answers, its figures, and what is a damaged prediction."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

from training.recipes.statistics import Floats

Field = Mapping[str, Any]
Answer = Mapping[str, Any]
Prediction = dict[str, Any]
Calibration = Mapping[str, Any]
Targets = NDArray[Any]


class Judged(Protocol):
    MAIN_METRIC: str  # the figure that the gate compares: larger is better
    SAID: str  # its name to people
    CHANCE: float  # its value for guesses
    UNASKED: Any  # the value of a case in which the field that would open this one says no; None: it teaches nothing

    def target(
        self, field: Field, answers: Sequence[Answer | None], /
    ) -> tuple[Targets, NDArray[Any]]:
        """Targets and whether each is known: not assessable and not asked are none. ValueError for an answer that does
        not fit the field."""

    def sound(self, field: Field, prediction: Mapping[str, Any], /) -> bool:
        """Whether the numbers beside a prediction's value are all there, finite and of their range."""

    def metrics(
        self,
        y_true: Sequence[Any],
        predictions: Sequence[Mapping[str, Any]],
        groups: Sequence[str],
        seed: int = 0,
        /,
        *,
        field: Field | None = None,
    ) -> dict[str, Any]:
        """Figures with 95 % intervals by bootstrap over patients (`groups`); `n` and `n_patients` among them."""

    def resampled_main(
        self,
        field: Field,
        y_true: Sequence[Any],
        predictions: Sequence[Mapping[str, Any]],
        groups: Sequence[str],
        rounds: int,
        seed: int,
        /,
    ) -> tuple[float, Floats]:
        """The main metric and its values over `rounds` resamples; the same seed and groups draw the same patients."""
