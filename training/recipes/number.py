"""A number with its unit by one linear output, in the field's unit; its uncertainty is what held-out cases missed by."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from training.recipes import statistics
from training.recipes.answers import answered, values
from training.recipes.statistics import BOOTSTRAP_ROUNDS, Floats

Field = Mapping[str, Any]
Prediction = dict[str, Any]

MAIN_METRIC, SAID, CHANCE = "r2", "R²", 0.0
UNASKED = None
LINK = "identity"
LEAST_TO_CALIBRATE = 10
COVERAGE = 0.9  # of the interval beside a prediction
AGREEMENT = 1.96  # standard deviations: Bland and Altman, Lancet 1986;1:307-310


def head_size(field: Field) -> int:
    return 1


def directions(field: Field) -> list[slice]:
    return [slice(0, 1)]


def target(
    field: Field, answers: Sequence[Mapping[str, Any] | None]
) -> tuple[Floats, NDArray[np.bool_]]:
    """The numbers (N,) and whether there is one."""
    known = answered(answers)
    targets = np.zeros(len(answers))
    for row, value in values(answers):
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not _within(field, value)
        ):
            raise ValueError(
                f"The answer {value!r} is no number from {field['minimum']} to {field['maximum']}; correct it and "
                "train again."
            )
        targets[row] = value
    return targets, known


def levels(field: Field, targets: Floats) -> Floats:
    """(N, 1)."""
    return targets[:, None].astype(np.float64)


def loss_weights(field: Field, targets: Floats) -> Floats:
    """(1,) so that the numbers' own spread costs one whatever their unit."""
    return np.array([1 / max(float(targets.var()), _step(field) ** 2 / 12)])


def start_bias(field: Field, targets: Floats) -> Floats:
    return np.array([targets.mean()])


def speaks(field: Field, values: Collection[Any]) -> None:
    return None


def loss(outputs: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Loss per case (N,): squared near the truth, then linear, so that a slip of a reader does not rule."""
    miss = (outputs[:, 0] - targets.to(outputs.dtype)) * weights[0].sqrt()
    size = miss.abs()
    found: Tensor = (miss**2 / 2).where(size < 1, size - 0.5)
    return found


def calibrate(field: Field, outputs: Floats, targets: Floats) -> dict[str, Any]:
    """How far held-out cases lay from their outputs: `spread`, and `reach` that COVERAGE of such cases stay within
    (split conformal prediction: Lei et al., J Am Stat Assoc 2018;113:1094-1111)."""
    width = field["maximum"] - field["minimum"]
    if len(targets) < LEAST_TO_CALIBRATE:
        return {"spread": width / 4, "reach": width / 2}
    missed = np.sort(np.abs(outputs[:, 0] - targets))
    place = int(np.ceil(COVERAGE * (len(missed) + 1))) - 1
    reach = float(missed[place]) if place < len(missed) else width
    return {"spread": max(float(np.sqrt((missed**2).mean())), _step(field) / 4), "reach": reach}


def surprise(
    field: Field, outputs: Floats, targets: Floats, calibration: Mapping[str, Any]
) -> float:
    spread = calibration["spread"]
    return float(np.log(spread) + (((outputs[:, 0] - targets) / spread) ** 2).mean() / 2)


def score(field: Field, outputs: Floats, targets: Floats) -> float | None:
    if not len(targets):
        return None
    found = _r2(targets, outputs[:, 0], np.ones((1, len(targets))))[0]
    return float(found) if np.isfinite(found) else None


def decode(field: Field, outputs: Floats, calibration: Mapping[str, Any]) -> list[Prediction]:
    """Numbers on the field's steps, with the interval `low` to `high` and no probabilities."""
    low, high, step = field["minimum"], field["maximum"], _step(field)
    width = 2 * calibration["reach"]
    found = []
    for output in np.clip(outputs[:, 0], low, high).tolist():
        value = low + round((output - low) / step) * step
        found.append(
            {
                "kind": "number",
                "value": _plain(min(value, high)),
                "probabilities": [],
                "expected": output,
                "low": max(low, output - calibration["reach"]),
                "high": min(high, output + calibration["reach"]),
                "level": COVERAGE,
                "uncertainty": min(1.0, width / (high - low)),
            }
        )
    return found


def sound(field: Field, prediction: Mapping[str, Any]) -> bool:
    numbers = [prediction.get(name) for name in ("expected", "low", "high")]
    return all(isinstance(one, int | float) and np.isfinite(one) for one in numbers)


def metrics(
    y_true: Sequence[Any],
    predictions: Sequence[Mapping[str, Any]],
    groups: Sequence[str],
    seed: int = 0,
    *,
    field: Field | None = None,
) -> dict[str, Any]:
    """Figures with 95 % intervals by bootstrap over patients; `bland_altman` has the mean difference (prediction less
    truth), its limits of agreement and each case as [mean of both, difference]; `coverage` is of the predictions' own intervals."""
    names = ("r2", "mae", "rmse", "coverage")
    if not predictions:
        return {
            **{name: dict(statistics.UNDEFINED) for name in names},
            "bland_altman": None,
            "n": 0,
            "n_patients": 0,
        }
    truth = np.array(y_true, dtype=np.float64)
    given = np.array([one["expected"] for one in predictions], dtype=np.float64)
    sample = statistics.sample(groups)
    difference = given - truth
    inside = np.array(
        [one["low"] <= value <= one["high"] for one, value in zip(predictions, truth, strict=True)]
    )

    def mean(of: NDArray[Any]) -> tuple[float, Floats]:
        return sample.mean(of, BOOTSTRAP_ROUNDS, seed)

    squares, resampled = mean(difference**2)
    return {
        "r2": statistics.bounded(
            *resampled_main(field or {}, y_true, predictions, groups, BOOTSTRAP_ROUNDS, seed)
        ),
        "mae": statistics.bounded(*mean(np.abs(difference))),
        "rmse": statistics.bounded(float(np.sqrt(squares)), np.sqrt(resampled)),
        "coverage": sample.share(inside, BOOTSTRAP_ROUNDS, seed),
        "bland_altman": {
            "mean": statistics.bounded(*mean(difference)),
            "lower": _limit(sample, difference, -AGREEMENT, seed),
            "upper": _limit(sample, difference, AGREEMENT, seed),
            "points": [
                [round(float(a), 3), round(float(b), 3)]
                for a, b in zip((truth + given) / 2, difference, strict=True)
            ],
        },
        "n": len(truth),
        "n_patients": sample.patients,
    }


def resampled_main(
    field: Field,
    y_true: Sequence[Any],
    predictions: Sequence[Mapping[str, Any]],
    groups: Sequence[str],
    rounds: int,
    seed: int,
) -> tuple[float, Floats]:
    """Explained share of the variance and its values over `rounds` resamples."""
    truth = np.array(y_true, dtype=np.float64)
    given = np.array([one["expected"] for one in predictions], dtype=np.float64)
    return statistics.sample(groups).measured(
        lambda weights: _r2(truth, given, weights), rounds, seed
    )


def _r2(truth: Floats, given: Floats, weights: Floats) -> Floats:
    """(rounds,): 1 - missed / spread around each resample's own mean; NaN where all numbers are one."""
    total = weights.sum(1)
    mean = statistics.divide(weights @ truth, total)
    spread = weights @ truth**2 - total * mean**2
    spread = np.where(spread > 1e-9 * (1 + weights @ truth**2), spread, 0)
    return 1 - statistics.divide(weights @ (given - truth) ** 2, spread)


def _limit(
    sample: statistics.Sample, difference: Floats, deviations: float, seed: int
) -> statistics.Interval:
    """A limit of agreement; not defined of one case."""
    middle = difference.mean()
    apart = difference - middle  # of small numbers the squares lose nothing

    def limit(weights: Floats) -> Floats:
        total = weights.sum(1)
        mean = statistics.divide(weights @ apart, total)
        spread = np.maximum(weights @ apart**2 - total * mean**2, 0)
        found: Floats = middle + mean + deviations * np.sqrt(statistics.divide(spread, total - 1))
        return found

    return statistics.bounded(*sample.measured(limit, BOOTSTRAP_ROUNDS, seed))


def _within(field: Field, value: float) -> bool:
    return bool(np.isfinite(value)) and field["minimum"] <= value <= field["maximum"]


def _step(field: Field) -> float:
    return float(field["step"])


def _plain(value: float) -> int | float:
    """Without what adding steps left in the last places."""
    rounded = round(value, 9)
    return int(rounded) if float(rounded).is_integer() else rounded
