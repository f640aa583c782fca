"""Ordinal grades by cumulative logits: output k answers "is the grade above the k-th?"."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit
from torch import Tensor
from torch.nn import functional

from training.recipes import likelihood, sets, statistics
from training.recipes.statistics import BOOTSTRAP_ROUNDS, Floats, Ints

Field = Mapping[str, Any]
Prediction = dict[str, Any]

MAIN_METRIC, SAID, CHANCE = "qwk", "QWK", 0.0
UNASKED = None
LINK = "logit"
LEAST_TO_CALIBRATE = 10


def values(field: Field) -> list[int]:
    """The field's grades in order; class k everywhere below is values[k]."""
    return sorted(int(grade["value"]) for grade in field["grades"])


def head_size(field: Field) -> int:
    return len(values(field)) - 1


def directions(field: Field) -> list[slice]:
    """One: with tens of labels a direction for each level only fits noise, and with thousands it gains nothing."""
    return [slice(0, head_size(field))]


def target(
    field: Field, answers: Sequence[Mapping[str, Any] | None]
) -> tuple[Ints, NDArray[np.bool_]]:
    """Class of each answer (N,) and whether there is one: not assessable and not asked are no grade at all."""
    classes = {value: index for index, value in enumerate(values(field))}
    found = [_class(classes, answer) for answer in answers]
    return np.array([max(one, 0) for one in found], dtype=np.int64), np.array(
        [one >= 0 for one in found], dtype=bool
    )


def levels(field: Field, classes: Ints) -> Floats:
    """(N, K-1) of 0 and 1: is the class above each level? What the outputs are fitted to."""
    above: Floats = (classes[:, None] > np.arange(head_size(field))[None, :]).astype(np.float64)
    return above


def loss_weights(field: Field, classes: Ints) -> Floats:
    """(K-1,) positive weights of the levels' losses: ordinal levels need no balancing."""
    return np.ones(head_size(field))


def start_bias(field: Field, classes: Ints) -> Floats:
    """(K-1,) logits of how often the training answers lie above each level."""
    share = (levels(field, classes).sum(0) + 0.5) / (len(classes) + 1)
    logits: Floats = np.log(share / (1 - share))
    return logits


def speaks(field: Field, values: Collection[Any]) -> None:
    return None


def loss(logits: Tensor, classes: Tensor, weights: Tensor) -> Tensor:
    """Loss per case (N,) of logits (N, K-1) against classes (N,)."""
    above = (classes[:, None] > torch.arange(logits.shape[1], device=logits.device)).to(
        logits.dtype
    )
    return functional.binary_cross_entropy_with_logits(
        logits, above, pos_weight=weights, reduction="none"
    ).mean(1)


def probabilities(logits: Floats, calibration: Mapping[str, Any]) -> Floats:
    """(N, K) class probabilities from logits (N, K-1)."""
    above = expit(logits / calibration["temperature"])
    # Independent levels may cross; the mean of both monotone hulls favours neither end of the scale.
    falling = np.minimum.accumulate(above, axis=1)
    rising = np.maximum.accumulate(above[:, ::-1], axis=1)[:, ::-1]
    above = (falling + rising) / 2
    edges = np.concatenate([np.ones((len(above), 1)), above, np.zeros((len(above), 1))], axis=1)
    chances = np.clip(edges[:, :-1] - edges[:, 1:], 0, 1)
    shares: Floats = chances / chances.sum(1, keepdims=True)
    return shares


def decode(field: Field, logits: Floats, calibration: Mapping[str, Any]) -> list[Prediction]:
    """Predictions of logits (N, K-1); with a set `low` to `high` of grades where held-out cases allow to promise one."""
    grades = np.array(values(field))
    chances = probabilities(logits, calibration)
    decided = _decide(chances, calibration["decision"])
    distance = np.abs(np.arange(len(grades))[None, :] - decided[:, None])
    # A median errs by (K-1)/2 grades on average at the very worst: half the mass at either end.
    uncertainty = np.clip((chances * distance).sum(1) / ((len(grades) - 1) / 2), 0, 1)
    reach = _sets(chances, decided, grades, calibration.get("mass"))
    return [
        {
            "kind": "grade",
            "value": int(grades[decided[n]]),
            "probabilities": [float(p) for p in chances[n]],
            "expected": float(chances[n] @ grades),
            "uncertainty": float(uncertainty[n]),
            **reach[n],
        }
        for n in range(len(chances))
    ]


def calibrate(field: Field, logits: Floats, classes: Ints) -> dict[str, Any]:
    """Temperature by likelihood, and the mass that a set of grades must hold, on cases the head was not fitted to.

    The decision is the median, which errs by the fewest grades: a rounded mean has a kappa higher by less than a hundredth,
    and is the right grade less often by two (docs/learning.md).
    """
    calibration: dict[str, Any] = {"temperature": 1.0, "decision": "median", "mass": None}
    if len(classes) < LEAST_TO_CALIBRATE:
        return calibration

    def at(log_temperature: float) -> float:
        return surprise(field, logits, classes, {"temperature": float(np.exp(log_temperature))})

    best = minimize_scalar(at, bounds=(-1.5, 2.5), method="bounded")
    calibration["temperature"] = float(np.exp(best.x))
    chances = probabilities(logits, calibration)
    calibration["mass"] = sets.mass(chances, classes)
    return calibration


def surprise(field: Field, logits: Floats, classes: Ints, calibration: Mapping[str, Any]) -> float:
    return likelihood.surprise(probabilities(logits, calibration), classes)


def score(field: Field, logits: Floats, classes: Ints) -> float | None:
    """Kappa of uncalibrated logits, to compare epochs or settings; None where it is not defined."""
    chances = probabilities(logits, {"temperature": 1.0})
    kappa = _kappa(classes, _decide(chances, "expected"), head_size(field) + 1)
    return kappa if np.isfinite(kappa) else None


def sound(field: Field, prediction: Mapping[str, Any]) -> bool:
    if not likelihood.sound(prediction, head_size(field) + 1):
        return False
    if "low" not in prediction:
        return True
    low, high = prediction["low"], prediction.get("high")
    known = values(field)
    return low in known and high in known and low <= prediction["value"] <= high


def metrics(
    y_true: Sequence[Any],
    predictions: Sequence[Mapping[str, Any]],
    groups: Sequence[str],
    seed: int = 0,
    *,
    field: Field | None = None,
) -> dict[str, Any]:
    """Figures with 95 % intervals by bootstrap over patients.

    y_true: grades; groups: each case's patient. Without `field` the grades are 0..K-1 after the predictions' length.
    """
    if not predictions:
        return _nothing()
    grades = (
        values(field) if field is not None else list(range(len(predictions[0]["probabilities"])))
    )
    classes = {grade: index for index, grade in enumerate(grades)}
    truth = np.array([classes[int(value)] for value in y_true], dtype=np.int64)
    decided = np.array([classes[int(one["value"])] for one in predictions], dtype=np.int64)
    numbers, patients = statistics.patient_numbers(groups)
    tables = statistics.patient_confusions(truth, decided, numbers, patients, len(grades))
    whole, figure = tables.sum(0), statistics.figures(tables, seed)
    return {
        "qwk": figure(statistics.quadratic_kappa),
        "accuracy": figure(statistics.accuracy),
        "mae": figure(statistics.mean_absolute_error),
        **_coverage(y_true, predictions, grades, statistics.Sample(numbers, patients), seed),
        "per_grade": [
            {
                "grade": grade,
                "n": int(whole[index].sum()),
                "sensitivity": figure(statistics.sensitivity, index),
                "specificity": figure(statistics.specificity, index),
            }
            for index, grade in enumerate(grades)
        ],
        "confusion": whole.astype(int).tolist(),
        "n": len(truth),
        "n_patients": patients,
    }


def resampled_main(
    field: Field,
    y_true: Sequence[Any],
    predictions: Sequence[Mapping[str, Any]],
    groups: Sequence[str],
    rounds: int,
    seed: int,
) -> tuple[float, Floats]:
    """Kappa and its values over `rounds` resamples; the same seed and groups draw the same patients."""
    classes = {grade: index for index, grade in enumerate(values(field))}
    truth = np.array([classes[int(value)] for value in y_true], dtype=np.int64)
    decided = np.array([classes[int(one["value"])] for one in predictions], dtype=np.int64)
    numbers, patients = statistics.patient_numbers(groups)
    tables = statistics.patient_confusions(truth, decided, numbers, patients, len(classes))
    resampled = statistics.quadratic_kappa(statistics.resampled_confusions(tables, rounds, seed))
    return float(statistics.quadratic_kappa(tables.sum(0))), resampled


def _class(classes: Mapping[int, int], answer: Mapping[str, Any] | None) -> int:
    if answer is None or answer.get("state") != "answered":
        return -1
    value = answer.get("value")
    if isinstance(value, bool) or not isinstance(value, int) or value not in classes:
        raise ValueError(
            f"The answer {value!r} is none of the grades {sorted(classes)}; correct it and train again."
        )
    return classes[value]


def _decide(chances: Floats, rule: str) -> Ints:
    """rule: "median"; earlier models were calibrated with others."""
    if rule == "argmax":
        decided = chances.argmax(1)
    elif rule == "expected":
        decided = np.rint(chances @ np.arange(chances.shape[1])).astype(np.int64)
    else:
        decided = (np.cumsum(chances, axis=1) < 0.5 - 1e-9).sum(1)
    last = chances.shape[1] - 1
    clipped: Ints = np.minimum(decided, last).astype(np.int64)
    return clipped


def _sets(chances: Floats, decided: Ints, grades: Ints, mass: float | None) -> list[dict[str, Any]]:
    """Of each case the set's ends, which always hold the decided grade."""
    if mass is None:
        return [{}] * len(chances)
    low, high = sets.grown(chances, mass)
    low, high = grades[np.minimum(low, decided)], grades[np.maximum(high, decided)]
    return [
        {"low": int(a), "high": int(b), "level": sets.COVERAGE}
        for a, b in zip(low, high, strict=True)
    ]


def _coverage(
    y_true: Sequence[Any],
    predictions: Sequence[Mapping[str, Any]],
    grades: Sequence[int],
    sample: statistics.Sample,
    seed: int,
) -> dict[str, Any]:
    """How often the truth lay in the set, and how many grades a set has on average; nothing where there are none."""
    if not all("low" in one for one in predictions):
        return {}
    place = {value: at for at, value in enumerate(grades)}
    inside = [
        one["low"] <= int(value) <= one["high"]
        for one, value in zip(predictions, y_true, strict=True)
    ]
    width = [place[one["high"]] - place[one["low"]] + 1 for one in predictions]
    return {
        "coverage": sample.share(np.array(inside), BOOTSTRAP_ROUNDS, seed),
        "set_size": statistics.bounded(*sample.mean(np.array(width), BOOTSTRAP_ROUNDS, seed)),
    }


def _kappa(truth: Ints, decided: Ints, classes: int) -> float:
    table = statistics.patient_confusions(
        truth, decided, np.zeros(len(truth), dtype=np.int64), 1, classes
    )
    return float(statistics.quadratic_kappa(table)[0])


def _nothing() -> dict[str, Any]:
    figures = {name: dict(statistics.UNDEFINED) for name in ("qwk", "accuracy", "mae")}
    return {**figures, "per_grade": [], "confusion": [], "n": 0, "n_patients": 0}
