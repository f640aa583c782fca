"""One of several options by a softmax, or any of them, each by a logit of its own."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax, softmax
from torch import Tensor
from torch.nn import functional

from training.recipes import likelihood, statistics
from training.recipes.answers import answered, values
from training.recipes.statistics import BOOTSTRAP_ROUNDS, Floats, Ints

Field = Mapping[str, Any]
Prediction = dict[str, Any]

MAIN_METRIC, SAID, CHANCE = "auc", "AUC", 0.5  # mean over the options that occur
UNASKED = None
LINK = "logit"
LEAST_TO_CALIBRATE = 10


def options(field: Field) -> list[str]:
    """The options' values; output k and probability k belong to the k-th."""
    return [str(option["value"]) for option in field["options"]]


def head_size(field: Field) -> int:
    return len(options(field))


def directions(field: Field) -> list[slice]:
    """One for each option: they have no order."""
    return [slice(k, k + 1) for k in range(head_size(field))]


def target(
    field: Field, answers: Sequence[Mapping[str, Any] | None]
) -> tuple[Ints, NDArray[np.bool_]]:
    """The option's number (N,), or of many 0 and 1 for each option (N, K), and whether there is an answer."""
    known = answered(answers)
    shape = (len(answers), head_size(field)) if field.get("many") else (len(answers),)
    targets = np.zeros(shape, dtype=np.int64)
    place = {value: index for index, value in enumerate(options(field))}
    for row, value in values(answers):
        chosen = value if field.get("many") else [value]
        if not isinstance(chosen, list) or not all(
            isinstance(one, str) and one in place for one in chosen
        ):
            raise ValueError(
                f"The answer {value!r} is none of the options {sorted(place)}; correct it and train again."
            )
        if field.get("many"):
            targets[row, [place[one] for one in chosen]] = 1
        else:
            targets[row] = place[chosen[0]]
    return targets, known


def levels(field: Field, targets: Ints) -> Floats:
    """(N, K) of 0 and 1: is the option chosen?"""
    if field.get("many"):
        return targets.astype(np.float64)
    chosen: Floats = (targets[:, None] == np.arange(head_size(field))).astype(np.float64)
    return chosen


def loss_weights(field: Field, targets: Ints) -> Floats:
    """(K,) ones: a rare option's bias says that it is rare, and the calibrated probability should too."""
    return np.ones(head_size(field))


def start_bias(field: Field, targets: Ints) -> Floats:
    """(K,) logits of how often each option is chosen."""
    share = (levels(field, targets).sum(0) + 0.5) / (len(targets) + 1)
    logits: Floats = np.log(share / (1 - share))
    return logits


def speaks(field: Field, values: Collection[Any]) -> Floats | None:
    """(K,) of 1 for each of the options; None where that is none or all of them."""
    named = [option in values for option in options(field)]
    return np.array(named, dtype=np.float64) if any(named) and not all(named) else None


def loss(logits: Tensor, targets: Tensor, weights: Tensor) -> Tensor:
    """Loss per case (N,) of logits (N, K)."""
    if targets.ndim == 1:
        return functional.cross_entropy(logits, targets, reduction="none")
    return functional.binary_cross_entropy_with_logits(
        logits, targets.to(logits.dtype), pos_weight=weights, reduction="none"
    ).mean(1)


def probabilities(field: Field, logits: Floats, calibration: Mapping[str, Any]) -> Floats:
    """(N, K); of one option they sum to one."""
    cooled = logits / calibration["temperature"]
    found: Floats = expit(cooled) if field.get("many") else softmax(cooled, axis=1)
    return found


def decode(field: Field, logits: Floats, calibration: Mapping[str, Any]) -> list[Prediction]:
    """The likeliest option; of many all that are likelier than not, the likeliest at least where none is no answer."""
    chances, names = probabilities(field, logits, calibration), options(field)
    if field.get("many"):
        each = np.stack([chances, 1 - chances], axis=2).reshape(-1, 2)
        uncertainty = likelihood.entropy(each).reshape(chances.shape).mean(1)
    else:
        uncertainty = likelihood.entropy(chances)
    return [
        {
            "kind": "choice",
            "value": _value(field, chances[n], names),
            "probabilities": [float(p) for p in chances[n]],
            "options": names,
            "uncertainty": float(uncertainty[n]),
        }
        for n in range(len(chances))
    ]


def calibrate(field: Field, logits: Floats, targets: Ints) -> dict[str, Any]:
    """Temperature by likelihood."""
    if len(targets) < LEAST_TO_CALIBRATE:
        return {"temperature": 1.0}

    def misfit(log_temperature: float) -> float:
        found = surprise(field, logits, targets, {"temperature": float(np.exp(log_temperature))})
        return found + 0.5 * log_temperature**2 / len(targets)  # a separable small set stays finite

    best = minimize_scalar(misfit, bounds=(-1.5, 2.5), method="bounded")
    return {"temperature": float(np.exp(best.x))}


def surprise(field: Field, logits: Floats, targets: Ints, calibration: Mapping[str, Any]) -> float:
    if field.get("many"):
        chances = probabilities(field, logits, calibration)
        right = np.where(targets == 1, chances, 1 - chances)
        return float(-np.log(np.clip(right, likelihood.LEAST, 1)).mean())
    return float(
        -log_softmax(logits / calibration["temperature"], axis=1)[
            np.arange(len(targets)), targets
        ].mean()
    )


def score(field: Field, logits: Floats, targets: Ints) -> float | None:
    """AUC of uncalibrated logits, the mean over the options that occur."""
    chances = probabilities(field, logits, {"temperature": 1.0})
    if not len(targets):
        return None
    area = _auc(levels(field, targets), chances, np.ones((1, len(targets))))[0]
    return float(area) if np.isfinite(area) else None


def sound(field: Field, prediction: Mapping[str, Any]) -> bool:
    if not field.get("many"):
        return likelihood.sound(prediction, head_size(field))
    found = likelihood.numbers(prediction, head_size(field))
    return found is not None and bool(((found >= 0) & (found <= 1)).all())


def metrics(
    y_true: Sequence[Any],
    predictions: Sequence[Mapping[str, Any]],
    groups: Sequence[str],
    seed: int = 0,
    *,
    field: Field | None = None,
) -> dict[str, Any]:
    """Figures with 95 % intervals by bootstrap over patients. y_true: options, or lists of them."""
    assert field is not None
    names = options(field)
    if not predictions:
        figures = {name: dict(statistics.UNDEFINED) for name in ("auc", "macro_f1", "accuracy")}
        return {**figures, "per_option": [], "confusion": [], "n": 0, "n_patients": 0}
    truth, decided = _chosen(field, y_true), _chosen(field, [one["value"] for one in predictions])
    sample = statistics.sample(groups)
    draws = statistics.draw(sample.patients, BOOTSTRAP_ROUNDS, seed)
    tables = _tables(truth, decided, sample.numbers, sample.patients)  # (P, K, 2, 2)
    resampled = np.einsum("rp,pkij->rkij", draws, tables)
    area, areas = resampled_main(field, y_true, predictions, groups, BOOTSTRAP_ROUNDS, seed)
    return {
        "auc": statistics.bounded(area, areas, lambda: _edge(area, truth, sample)),
        "macro_f1": statistics.bounded(float(_macro_f1(tables.sum(0))), _macro_f1(resampled)),
        "accuracy": sample.share((truth == decided).all(1), BOOTSTRAP_ROUNDS, seed),
        "per_option": [
            {
                "option": name,
                "n": int(truth[:, k].sum()),
                "sensitivity": _figure(statistics.sensitivity, tables, resampled, k),
                "specificity": _figure(statistics.specificity, tables, resampled, k),
            }
            for k, name in enumerate(names)
        ],
        "confusion": [] if field.get("many") else (truth.T @ decided).astype(int).tolist(),
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
    """Mean AUC over the options and its values over `rounds` resamples."""
    truth = _chosen(field, y_true)
    chances = np.array([one["probabilities"] for one in predictions], dtype=np.float64)
    return statistics.sample(groups).measured(
        lambda weights: _auc(truth, chances, weights), rounds, seed
    )


def _value(field: Field, chances: Floats, names: Sequence[str]) -> str | list[str]:
    if not field.get("many"):
        return names[int(chances.argmax())]
    likely = [name for name, chance in zip(names, chances, strict=True) if chance >= 0.5]
    return likely if likely or field.get("may_be_empty") else [names[int(chances.argmax())]]


def _chosen(field: Field, values: Sequence[Any]) -> Floats:
    """(N, K) of 0 and 1."""
    targets, _ = target(field, [{"state": "answered", "value": value} for value in values])
    return levels(field, targets)


def _auc(truth: Floats, chances: Floats, weights: Floats) -> Floats:
    """(rounds,): the mean over the options that are chosen in some and not in all of the cases."""
    occurs = _occurring(truth)
    if not occurs:
        return np.full(len(weights), np.nan)
    each = [statistics.auc(truth[:, k].astype(np.int64), chances[:, k], weights) for k in occurs]
    return statistics.mean_defined(np.stack(each, axis=1))


def _occurring(truth: Floats) -> list[int]:
    """The options that tell two cases apart."""
    return [k for k in range(truth.shape[1]) if 0 < truth[:, k].sum() < len(truth)]


def _edge(area: float, truth: Floats, sample: statistics.Sample) -> statistics.Bounds:
    """The mean of the options' own bounds: as if they all erred together."""
    bounds = [
        statistics.newcombe(area, sample.having(chosen == 1), sample.having(chosen == 0))
        for chosen in truth.T[_occurring(truth)]
    ]
    low, high = np.mean(bounds, axis=0).tolist()
    return low, high


def _tables(truth: Floats, decided: Floats, numbers: Ints, patients: int) -> Floats:
    """(P, K, 2, 2): each patient's table of each option, chosen or not."""
    each = [
        statistics.patient_confusions(
            truth[:, k].astype(np.int64), decided[:, k].astype(np.int64), numbers, patients, 2
        )
        for k in range(truth.shape[1])
    ]
    return np.stack(each, axis=1)


def _macro_f1(tables: Floats) -> Floats:
    """(...,) of tables (..., K, 2, 2): the mean over the options that occur or were given."""
    twice, missed = 2 * tables[..., 1, 1], tables[..., 1, 0] + tables[..., 0, 1]
    return statistics.mean_defined(statistics.divide(twice, twice + missed))


def _figure(function: Any, tables: Floats, resampled: Floats, k: int) -> statistics.Interval:
    value, counted = float(function(tables.sum(0)[k], 1)), function(tables[:, k], 1)
    return statistics.bounded(
        value,
        function(resampled[:, k], 1),
        lambda: statistics.wilson(value, int(np.isfinite(counted).sum())),
    )
