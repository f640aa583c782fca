"""Weighted statistics for bootstraps over patients: a resample is a weight per patient, never a copied table."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray

# The same everywhere, with the same seed: else one figure has two intervals, the gate's and the model card's.
BOOTSTRAP_ROUNDS = 2000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Interval(TypedDict):
    """A figure with its 95 % interval; all None where it is not defined (one class only, no case)."""

    value: float | None
    low: float | None
    high: float | None


UNDEFINED: Interval = {"value": None, "low": None, "high": None}


def patient_numbers(patients: Sequence[Hashable]) -> tuple[Ints, int]:
    """Patients as 0..P-1 in order of appearance, and P."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(p, len(numbers)) for p in patients], dtype=np.int64), len(
        numbers
    )


def draw(patients: int, rounds: int, seed: int) -> Floats:
    """(rounds, P): how often each patient stands in each resample."""
    generator = np.random.default_rng(seed)
    return generator.multinomial(patients, np.full(patients, 1 / patients), size=rounds).astype(
        np.float64
    )


class Sample(NamedTuple):
    """Whose cases they are; resamples are of patients."""

    numbers: Ints  # (N,): each case's patient
    patients: int

    def measured(
        self, function: Callable[[Floats], Floats], rounds: int, seed: int, columns: int = 0
    ) -> tuple[float, Floats]:
        """A figure of the cases and its values over `rounds` resamples.

        function: weights of the cases (rounds, N) to the figure (rounds,), by way of tables of `columns` if that is more.
        """
        weights = draw(self.patients, rounds, seed)
        resampled = in_chunks(
            lambda part: function(part[:, self.numbers]),
            weights,
            max(columns, len(self.numbers)),
        )
        return float(function(np.ones((1, len(self.numbers))))[0]), resampled

    def mean(self, of: NDArray[Any], rounds: int, seed: int) -> tuple[float, Floats]:
        """The mean over the cases and its values over the resamples."""
        sums, counts = np.zeros(self.patients), np.zeros(self.patients)
        np.add.at(sums, self.numbers, of)
        np.add.at(counts, self.numbers, 1)
        draws = draw(self.patients, rounds, seed)
        return float(of.mean()), divide(draws @ sums, draws @ counts)


def sample(patients: Sequence[Hashable]) -> Sample:
    return Sample(*patient_numbers(patients))


def interval(value: float, resampled: Floats) -> Interval:
    """Percentile interval over the resamples in which the figure is defined; none if that is less than half of them."""
    defined = resampled[np.isfinite(resampled)]
    if not np.isfinite(value):
        return UNDEFINED
    if len(defined) < max(1, len(resampled) // 2):
        return {"value": float(value), "low": None, "high": None}
    low, high = np.percentile(defined, [2.5, 97.5])
    return {"value": float(value), "low": float(low), "high": float(high)}


def patient_confusions(
    truth: Ints, decided: Ints, numbers: Ints, patients: int, classes: int
) -> Floats:
    """(P, K, K): each patient's table of true (rows) against decided (columns) class."""
    tables = np.zeros((patients, classes, classes))
    np.add.at(tables, (numbers, truth, decided), 1)
    return tables


def resampled_confusions(tables: Floats, rounds: int, seed: int) -> Floats:
    """(rounds, K, K): the pooled table of every resample of the patients."""
    patients, classes = tables.shape[0], tables.shape[1]
    return (draw(patients, rounds, seed) @ tables.reshape(patients, -1)).reshape(
        rounds, classes, classes
    )


def figures(tables: Floats, seed: int) -> Callable[..., Interval]:
    """A function that measures: a figure of the patients' pooled table, with its interval over the same resamples."""
    whole, resampled = tables.sum(0), resampled_confusions(tables, BOOTSTRAP_ROUNDS, seed)

    def figure(function: Callable[..., Floats], *arguments: int) -> Interval:
        return interval(float(function(whole, *arguments)), function(resampled, *arguments))

    return figure


def quadratic_kappa(confusions: Floats) -> Floats:
    """Quadratically weighted kappa of tables (..., K, K); NaN where truth and decision are both one same class."""
    classes = confusions.shape[-1]
    grid = np.arange(classes, dtype=np.float64)
    cost = (grid[:, None] - grid[None, :]) ** 2
    rows, columns = confusions.sum(-1), confusions.sum(-2)
    total = rows.sum(-1)
    seen = (confusions * cost).sum((-2, -1))
    expected = np.einsum("...i,ij,...j->...", rows, cost, columns)
    return 1 - divide(seen * total, expected)


def accuracy(confusions: Floats) -> Floats:
    """Share on the diagonal of tables (..., K, K)."""
    return divide(np.trace(confusions, axis1=-2, axis2=-1), confusions.sum((-2, -1)))


def mean_absolute_error(confusions: Floats) -> Floats:
    """Mean distance in classes of tables (..., K, K)."""
    grid = np.arange(confusions.shape[-1], dtype=np.float64)
    return divide(
        (confusions * np.abs(grid[:, None] - grid[None, :])).sum((-2, -1)), confusions.sum((-2, -1))
    )


def sensitivity(confusions: Floats, one: int) -> Floats:
    """Share of class `one` that was decided so."""
    return divide(confusions[..., one, one], confusions[..., one, :].sum(-1))


def specificity(confusions: Floats, one: int) -> Floats:
    """Share of all other classes that was not decided as class `one`."""
    others = confusions.sum((-2, -1)) - confusions[..., one, :].sum(-1)
    false = confusions[..., :, one].sum(-1) - confusions[..., one, one]
    return divide(others - false, others)


def auc(truth: Ints, scores: Floats, weights: Floats) -> Floats:
    """Area under the ROC curve, ties counted half, for case weights (rounds, N): (rounds,). NaN with one class only."""
    order = np.argsort(scores, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(scores[order]) > 0])
    sorted_weights, positive = weights[:, order], truth[order] == 1
    ups = np.add.reduceat(sorted_weights * positive, starts, axis=1)
    downs = np.add.reduceat(sorted_weights * ~positive, starts, axis=1)
    below = np.cumsum(downs, axis=1) - downs
    return divide((ups * (below + downs / 2)).sum(1), ups.sum(1) * downs.sum(1))


def mean_defined(values: Floats) -> Floats:
    """Mean over the last axis of those that are defined; NaN where none is."""
    defined = np.isfinite(values)
    return divide(np.where(defined, values, 0).sum(-1), defined.sum(-1))


def in_chunks(function: Callable[[Floats], Floats], weights: Floats, columns: int) -> Floats:
    """`function` over blocks of resamples so that a (rounds, N) table of a large test never stands in memory at once."""
    step = max(1, 4_000_000 // max(1, columns))
    return np.concatenate(
        [function(weights[at : at + step]) for at in range(0, len(weights), step)]
    )


def divide(above: Floats, below: Floats) -> Floats:
    """Quotient with NaN, silently, where nothing is divided by nothing."""
    above, below = np.asarray(above, dtype=np.float64), np.asarray(below, dtype=np.float64)
    quotient: Floats = np.full(np.broadcast_shapes(above.shape, below.shape), np.nan)
    np.divide(above, below, out=quotient, where=below > 0)
    return quotient
