"""What all kinds of places share, however a network says where they lie: their answers, and the frame of their figures."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from numpy.typing import NDArray

from training.recipes import statistics
from training.recipes.answers import items_of
from training.recipes.judged import Answer, Field
from training.recipes.statistics import BOOTSTRAP_ROUNDS, Bounds, Floats, Interval

Measure = Callable[[Floats], Floats]  # weights of the cases (rounds, N) to a figure (rounds,)
Said = Sequence[Mapping[str, Any]]  # predictions


class Figure(Protocol):
    def __call__(self, measure: Measure, *, share: bool = False) -> Interval:
        """With its interval; `share`: it says how many of some things are so."""


class Compared(NamedTuple):
    """What was marked, beside what a model says of it."""

    main: Measure
    columns: int  # of the tables that a measure needs; none where they are no more than the cases
    figures: Callable[[Figure], dict[str, Any]]


class Placed(ABC):
    MAIN_METRIC: str
    SAID: str
    CHANCE = 0.0
    UNASKED: Any = []
    kind: str

    @abstractmethod
    def compared(self, field: Field, y_true: Sequence[Any], predictions: Said) -> Compared: ...

    def chance(self, field: Field, y_true: Sequence[Any], predictions: Said) -> float:
        """The main figure of guesses, on these cases."""
        return self.CHANCE

    def telling(
        self, field: Field, y_true: Sequence[Any], predictions: Said, groups: Sequence[str]
    ) -> int:
        """Patients of whose cases the main figure says something."""
        of = self.compared(field, y_true, predictions)
        return statistics.sample(groups).counting(of.main, of.columns)

    @abstractmethod
    def nothing(self) -> dict[str, Any]:
        """The figures of no case."""

    def target(
        self, field: Field, answers: Sequence[Answer | None]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        return items_of(answers)

    def sound(self, field: Field, prediction: Mapping[str, Any]) -> bool:
        scores = [one.get("score") for one in [*prediction["value"], *prediction.get("hits", [])]]
        return all(isinstance(score, float) and 0 <= score <= 1 for score in scores)

    def metrics(
        self,
        y_true: Sequence[Any],
        predictions: Said,
        groups: Sequence[str],
        seed: int = 0,
        *,
        field: Field | None = None,
    ) -> dict[str, Any]:
        """Figures with 95 % intervals by bootstrap over patients. A case may be without any item."""
        if not predictions:
            return {**self.nothing(), "n": 0, "n_patients": 0}
        of, sample = self.compared(field or {}, y_true, predictions), statistics.sample(groups)

        def figure(measure: Measure, *, share: bool = False) -> Interval:
            value, resampled = sample.measured(measure, BOOTSTRAP_ROUNDS, seed, of.columns)

            def edge() -> Bounds:
                return statistics.wilson(value, sample.counting(measure, of.columns))

            return statistics.bounded(value, resampled, edge if share else None)

        return {**of.figures(figure), "n": len(y_true), "n_patients": sample.patients}

    def resampled_main(
        self,
        field: Field,
        y_true: Sequence[Any],
        predictions: Said,
        groups: Sequence[str],
        rounds: int,
        seed: int,
    ) -> tuple[float, Floats]:
        """The main figure and its values over `rounds` resamples."""
        of = self.compared(field, y_true, predictions)
        return statistics.sample(groups).measured(of.main, rounds, seed, of.columns)
