"""Present or absent, by one logit."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import log_expit
from torch import Tensor
from torch.nn import functional

from training.recipes import isotonic, likelihood, point, statistics
from training.recipes.statistics import BOOTSTRAP_ROUNDS, Floats, Ints

Field = Mapping[str, Any]
Prediction = dict[str, Any]

MAIN_METRIC, SAID, CHANCE = "auc", "AUC", 0.5
UNASKED = None
LINK = "logit"
CLASSES = {"absent": 0, "present": 1}
LEAST_TO_CALIBRATE = 10


def head_size(field: Field) -> int:
    return 1


def directions(field: Field) -> list[slice]:
    return [slice(0, 1)]


def target(
    field: Field, answers: Sequence[Mapping[str, Any] | None]
) -> tuple[Ints, NDArray[np.bool_]]:
    """1 for present, 0 for absent (N,) and whether it is either: an indeterminate finding teaches nothing."""
    found = [_class(answer) for answer in answers]
    return np.array([max(one, 0) for one in found], dtype=np.int64), np.array(
        [one >= 0 for one in found], dtype=bool
    )


def levels(field: Field, classes: Ints) -> Floats:
    """(N, 1) of 0 and 1: what the output is fitted to."""
    return classes[:, None].astype(np.float64)


def loss_weights(field: Field, classes: Ints) -> Floats:
    """(1,) weight of a present case, so that a rare finding pulls as hard as its absence (at most tenfold)."""
    present = int(classes.sum())
    return np.array([np.clip((len(classes) - present) / present, 0.1, 10.0) if present else 1.0])


def start_bias(field: Field, classes: Ints) -> Floats:
    """(1,) zero: the balanced loss sees as much of either."""
    return np.zeros(1)


def speaks(field: Field, values: Collection[Any]) -> Floats | None:
    """(1,) of 1; None of places that are asked of what is absent as well."""
    return np.ones(1) if "present" in values and "absent" not in values else None


def loss(logits: Tensor, classes: Tensor, weights: Tensor) -> Tensor:
    """Loss per case (N,) of logits (N, 1) against classes (N,)."""
    return functional.binary_cross_entropy_with_logits(
        logits[:, 0], classes.to(logits.dtype), pos_weight=weights, reduction="none"
    )


def probabilities(logits: Floats, calibration: Mapping[str, Any]) -> Floats:
    """(N, 2) chances of absent and present from logits (N, 1)."""
    present = isotonic.present(logits[:, 0], calibration)
    return np.stack([1 - present, present], axis=1)


def decode(field: Field, logits: Floats, calibration: Mapping[str, Any]) -> list[Prediction]:
    """Predictions of logits (N, 1); present from the chosen point on (point.py), nearest to which it is least sure."""
    chances, at = probabilities(logits, calibration), point.of(calibration)
    moved = point.about(at, chances[:, 1])
    uncertainty = likelihood.entropy(np.stack([1 - moved, moved], axis=1))
    told = {"point": at} if "point" in calibration else {}
    return [
        {
            "kind": "presence",
            "value": "present" if chances[n, 1] >= at else "absent",
            "probabilities": [float(p) for p in chances[n]],
            "uncertainty": float(uncertainty[n]),
            **told,
        }
        for n in range(len(chances))
    ]


def calibrate(field: Field, logits: Floats, classes: Ints) -> dict[str, Any]:
    """Temperature and bias by likelihood, or a rising curve where it says more; either undoes the class balance of the
    loss. And the point from which it is called present."""
    found = _logistic(logits[:, 0], classes)
    curve = isotonic.better(logits[:, 0], classes, _logistic)
    if curve is not None:
        found["curve"] = curve
    at = point.chosen(field, isotonic.present(logits[:, 0], found), classes)
    return {**found, "point": at}


def _logistic(logits: Floats, classes: Ints) -> dict[str, Any]:
    if len(classes) < LEAST_TO_CALIBRATE or len(set(classes.tolist())) < 2:
        return {"temperature": 1.0, "bias": 0.0}
    sign = np.where(classes == 1, 1.0, -1.0)

    def misfit(free: Floats) -> float:
        # The faint pull to (1, 0) keeps a separable small set finite.
        fit = -log_expit(sign * (logits * np.exp(-free[0]) + free[1])).mean()
        return float(fit + 0.5 * (free**2).sum() / len(classes))

    free = minimize(misfit, np.zeros(2), method="Nelder-Mead").x
    return {
        "temperature": float(np.exp(np.clip(free[0], -1.5, 2.5))),
        "bias": float(np.clip(free[1], -8, 8)),
    }


def surprise(field: Field, logits: Floats, classes: Ints, calibration: Mapping[str, Any]) -> float:
    return likelihood.surprise(probabilities(logits, calibration), classes)


def score(field: Field, logits: Floats, classes: Ints) -> float | None:
    """AUC of uncalibrated logits, to compare epochs or settings; None with one class only."""
    area = (
        float(statistics.auc(classes, logits[:, 0], np.ones((1, len(classes))))[0])
        if len(classes)
        else np.nan
    )
    return area if np.isfinite(area) else None


def sound(field: Field, prediction: Mapping[str, Any]) -> bool:
    return likelihood.sound(prediction, len(CLASSES))


def metrics(
    y_true: Sequence[Any],
    predictions: Sequence[Mapping[str, Any]],
    groups: Sequence[str],
    seed: int = 0,
    *,
    field: Field | None = None,
) -> dict[str, Any]:
    """Figures with 95 % intervals by bootstrap over patients. y_true: present or absent; groups: each case's patient."""
    if not predictions:
        figures = {
            name: dict(statistics.UNDEFINED)
            for name in ("auc", "sensitivity", "specificity", "accuracy")
        }
        return {**figures, "confusion": [], "point": point.EVEN, "n": 0, "n_patients": 0}
    truth = np.array([CLASSES[value] for value in y_true], dtype=np.int64)
    decided = np.array([CLASSES[one["value"]] for one in predictions], dtype=np.int64)
    sample = statistics.sample(groups)
    tables = statistics.patient_confusions(truth, decided, sample.numbers, sample.patients, 2)
    whole, figure = tables.sum(0), statistics.figures(tables, seed)
    area, resampled = resampled_main({}, y_true, predictions, groups, BOOTSTRAP_ROUNDS, seed)
    having = (sample.having(truth == 1), sample.having(truth == 0))
    return {
        "auc": statistics.bounded(area, resampled, lambda: statistics.newcombe(area, *having)),
        "sensitivity": figure(statistics.sensitivity, 1),
        "specificity": figure(statistics.specificity, 1),
        "accuracy": figure(statistics.accuracy),
        "confusion": whole.astype(int).tolist(),
        "point": point.of(predictions[0]),
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
    """AUC and its values over `rounds` resamples; the same seed and groups draw the same patients."""
    truth = np.array([CLASSES[value] for value in y_true], dtype=np.int64)
    scores = np.array([one["probabilities"][1] for one in predictions], dtype=np.float64)
    return statistics.sample(groups).measured(
        lambda weights: statistics.auc(truth, scores, weights), rounds, seed
    )


def _class(answer: Mapping[str, Any] | None) -> int:
    if (
        answer is None
        or answer.get("state") != "answered"
        or answer.get("value") == "indeterminate"
    ):
        return -1
    value = answer.get("value")
    if value not in CLASSES:
        raise ValueError(
            f"The answer {value!r} is neither present, absent nor indeterminate; correct it and train again."
        )
    return CLASSES[value]
