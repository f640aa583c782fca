"""Weighted statistics for bootstraps over patients: a resample is a weight per patient, never a copied table."""

from collections.abc import Callable, Hashable, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

# The same everywhere, with the same seed: else one figure has two intervals, the gate's and the model card's.
BOOTSTRAP_ROUNDS = 2000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bounds = tuple[float, float]
Z = 1.959964  # of 95 %


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
        resampled = self._over(function, draw(self.patients, rounds, seed), columns)
        return float(function(np.ones((1, len(self.numbers))))[0]), resampled

    def _over(self, function: Callable[[Floats], Floats], weights: Floats, columns: int) -> Floats:
        """weights: of patients (rounds, P)."""
        return in_chunks(
            lambda part: function(part[:, self.numbers]),
            weights,
            max(columns, len(self.numbers)),
        )

    def mean(self, of: NDArray[Any], rounds: int, seed: int) -> tuple[float, Floats]:
        """The mean over the cases and its values over the resamples."""
        sums, counts = np.zeros(self.patients), np.zeros(self.patients)
        np.add.at(sums, self.numbers, of)
        np.add.at(counts, self.numbers, 1)
        draws = draw(self.patients, rounds, seed)
        return float(of.mean()), divide(draws @ sums, draws @ counts)

    def share(self, of: NDArray[np.bool_], rounds: int, seed: int) -> Interval:
        """How many of the cases are so."""
        value, resampled = self.mean(of, rounds, seed)
        return bounded(value, resampled, lambda: wilson(value, self.patients))

    def counting(self, function: Callable[[Floats], Floats], columns: int = 0) -> int:
        """Patients by whose cases alone a figure is defined: those that it is of."""
        alone = np.eye(self.patients)
        return int(np.isfinite(self._over(function, alone, columns)).sum())

    def having(self, cases: NDArray[np.bool_]) -> int:
        """Patients with such a case."""
        return len(np.unique(self.numbers[cases]))


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


def bounded(value: float, resampled: Floats, edge: Callable[[], Bounds] | None = None) -> Interval:
    """As interval, but where all resamples say the same, as of a sample without any error, however small: there the
    resamples know nothing of the next patient, and it is `edge`, or none where no method gives one."""
    found = interval(value, resampled)
    if found["low"] is None or found["low"] != found["high"]:
        return found
    low, high = edge() if edge else (None, None)
    return {"value": found["value"], "low": low, "high": high}


def wilson(share: float, sample: int) -> Bounds:
    """The score interval of a share of so many (Wilson, J Am Stat Assoc 1927;22:209-212), which holds what it promises
    at 0 and 1 too (Brown, Cai and DasGupta, Statistical Science 2001;16:101-133)."""
    middle = (share + Z**2 / (2 * sample)) / (1 + Z**2 / sample)
    spread = np.sqrt(share * (1 - share) / sample + Z**2 / (4 * sample**2))
    half = Z * float(spread) / (1 + Z**2 / sample)
    return max(0.0, middle - half), min(1.0, middle + half)


def newcombe(area: float, positive: int, negative: int) -> Bounds:
    """The interval of an AUC by so many with the finding and without it: method 5 of Newcombe (Statistics in Medicine
    2006;25:559-573), a score interval by the variance that Hanley and McNeil give at its own ends."""

    def lowest(area: float) -> float:
        """The area from which this one lies as far as chance may take it."""

        def short(true: float) -> float:
            spread = 1 + more * (1 - true) / (2 - true) + more * true / (1 + true)
            variance = true * (1 - true) * spread / (positive * negative)
            return float(area - true - Z * np.sqrt(variance))

        return float(brentq(short, 0, min(area, 1 - 1e-9))) if area > 0 else 0.0

    more = (positive + negative) / 2 - 1
    return lowest(area), 1 - lowest(1 - area)


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
        value = float(function(whole, *arguments))

        def edge() -> Bounds:
            return wilson(value, int(np.isfinite(function(tables, *arguments)).sum()))

        is_share = function in (accuracy, sensitivity, specificity)
        return bounded(value, function(resampled, *arguments), edge if is_share else None)

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
