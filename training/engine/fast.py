"""The fast run: linear heads on cached embeddings, in seconds. The encoder stays as it is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import block_diag, cho_factor, cho_solve, eigh
from scipy.special import expit
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from training.engine.covariates import Covariates, beside
from training.engine.dense.seeing import Dense
from training.engine.encoder import Encoder
from training.engine.examples import Example, Field, check_no_leak
from training.engine.labels import LEAST_CASES, Labels, collect, differing
from training.engine.model import Head, Model
from training.engine.pooling import Bags, Mean, Pooling, as_bags, pooled_for
from training.engine.trouble import NOT_FINITE, Trouble
from training.recipes.recipe import Targets
from training.recipes.statistics import Floats

Fitted = tuple[Floats, Floats]  # directions (outputs, r), biases (outputs,)

LARGE_TUNE = 100  # from so many labelled tune cases on they alone choose and calibrate
FAIR_TUNE = 30  # the same where the encoder has learned from the cases of train
FOLDS = 5
COMPONENTS = 256  # directions of the embeddings kept; more change nothing but the time
LIGHTLY = 10.0  # columns beside the embeddings are few: held back by a hundredth of the penalty
PENALTIES = (
    3000.0,
    1000.0,
    300.0,
    100.0,
    30.0,
)  # strong first: each fit starts from the one before


def fit_fast(
    fields: Sequence[Field],
    examples: Sequence[Example],
    embeddings: NDArray[np.float32] | Bags,
    *,
    encoder: Encoder | Model | tuple[str, str],
    seed: int,
    report: Callable[[dict[str, Any]], None],
    size: int = 224,
    pooling: Pooling | None = None,
    dense: Dense | None = None,
    covariates: Sequence[str] = (),
    by_heart: bool = False,
) -> Model:
    """Fit, choose the penalty, calibrate. Test examples may stand among the rows and are not looked at.

    embeddings: (N, width), row n that of example n, or of all pictures of each example; `pooling` makes one of several (a
    Model's own where it is the encoder, else the mean). encoder: what made them; a (name, sha256) gives a model that
    predicts from embeddings only. dense: what was fitted of places (dense/fast.py). covariates: names of those that heads read
    beside, as the examples tell them (a Model's own where it is the encoder). by_heart: the encoder has learned from the
    split train. ValueError if there are too few cases or only one answer.

    Where the embeddings are those of a picture and its mirror image at once, slots with sites wait for the next full run.
    """
    check_no_leak(examples)
    bags = as_bags(embeddings)
    _check(examples, bags)
    if isinstance(encoder, Model):
        pooling, covariates = pooling or encoder.pooling, covariates or encoder.covariates.names
        size = encoder.size
    pooling, told = pooling or Mean(), Covariates.fitted(covariates, examples)
    labels = collect(fields, examples, {"train", "tune"}, alone=dense is None)
    if isinstance(encoder, Encoder) and encoder.both_ways:
        labels = [one for one in labels if not one.slot.field.get("sites")]
    heads = _heads(labels, examples, pooling.pooled(bags), told, seed, report, by_heart=by_heart)
    by = _maker(encoder)
    return Model(fields, heads, size=size, pooling=pooling, dense=dense, covariates=told, **by)


def _maker(encoder: Encoder | Model | tuple[str, str]) -> dict[str, Any]:
    """What made the embeddings, as Model is told it."""
    if isinstance(encoder, Model):
        encoder = encoder.encoder or (encoder.encoder_name, encoder.encoder_sha256)
    if isinstance(encoder, Encoder):
        return {"encoder": encoder}
    return {"encoder_name": encoder[0], "encoder_sha256": encoder[1]}


def _heads(
    labels: Sequence[Labels],
    examples: Sequence[Example],
    pooled: Mapping[str, NDArray[np.float32]],
    covariates: Covariates,
    seed: int,
    report: Callable[[dict[str, Any]], None],
    *,
    by_heart: bool,
) -> dict[str, Head]:
    columns, heads = covariates.columns([example.beside for example in examples]), {}
    for done, one in enumerate(labels):
        report({"slot": one.slot.name, "done": done, "of": len(labels)})
        # Matrices this small lose by sharing out: on a busy machine threads wait for each other most of the time.
        with threadpool_limits(1, "blas"):
            read = beside(pooled_for(one.slot.name, pooled), columns)
            heads[one.slot.name] = _fit_slot(
                one, examples, read, covariates.width, seed, by_heart=by_heart
            )
    report({"slot": None, "done": len(labels), "of": len(labels)})
    return heads


def _check(examples: Sequence[Example], bags: Bags) -> None:
    if bags.rows.ndim != 2 or len(bags) != len(examples) or not np.diff(bags.starts).all():
        raise ValueError(
            f"{len(examples)} cases need as many embeddings, not an array of {bags.rows.shape} for {len(bags)}."
        )
    if not np.isfinite(bags.rows).all():
        raise Trouble(NOT_FINITE, "embedding_not_finite")


def _fit_slot(
    one: Labels,
    examples: Sequence[Example],
    embeddings: NDArray[np.float32],
    columns: int,
    seed: int,
    *,
    by_heart: bool,
) -> Head:
    """columns: how many of the features, the last, are no embedding's. by_heart: as of fit_fast."""
    splits = np.array([example.split for example in examples])
    train, tune = (
        np.flatnonzero(one.known & (splits == "train")),
        np.flatnonzero(one.known & (splits == "tune")),
    )
    honest = (
        len(tune) >= LARGE_TUNE and len(train) >= LEAST_CASES and differing(one.targets[train]) > 1
    )
    rows = train if honest else np.concatenate([train, tune])
    mean, scale = _standard(embeddings[rows], columns)
    x = (embeddings[rows] - mean) / scale
    basis = _basis(x, columns)
    x, targets = x @ basis, one.targets[rows]
    if honest:
        held_x, held_targets = ((embeddings[tune] - mean) / scale) @ basis, one.targets[tune]
        path = _path(one, x, targets)
        candidates = [_outputs(held_x, fitted) for fitted in path]
        best, calibration = _choose(one, candidates, held_targets)
    else:
        patients = [examples[row].patient for row in rows]
        candidates = _out_of_fold(one, x, targets, patients, seed)
        # Of what the encoder knows by heart a head seems surer than it is, also one that never saw it.
        only_tune = by_heart and len(tune) >= FAIR_TUNE and differing(one.targets[tune]) > 1
        judged = slice(len(train) if only_tune else 0, None)
        best, calibration = _choose(one, [of[judged] for of in candidates], targets[judged])
        path = _path(one, x, targets)
    directions, bias = path[best]
    weights = (directions @ basis.T) / scale
    return Head(weights.astype(np.float32), (bias - weights @ mean).astype(np.float32), calibration)


def _standard(embeddings: NDArray[np.float32], columns: int) -> tuple[Floats, Floats]:
    """Mean and spread of every feature; a feature that hardly moves here must not explode on the next case. The last
    columns are as they should be."""
    own = embeddings[:, : embeddings.shape[1] - columns]
    spread = own.std(0, dtype=np.float64)
    mean, scale = own.mean(0, dtype=np.float64), spread + 0.1 * spread.mean() + 1e-6
    return np.append(mean, np.zeros(columns)), np.append(scale, np.ones(columns))


def _basis(x: Floats, columns: int) -> Floats:
    """(width, r): the directions of the embeddings, and each of the last columns by itself."""
    if not columns:
        return _directions(x)
    found: Floats = block_diag(_directions(x[:, :-columns]), LIGHTLY * np.eye(columns))
    return found


def _directions(x: Floats) -> Floats:
    """(width, r): the directions in which these cases differ most. Heads lie in their span whatever the number of features."""
    wide = x.shape[0] < x.shape[1]
    gram = x @ x.T if wide else x.T @ x
    keep = min(COMPONENTS, len(gram))
    values, vectors = eigh(gram, subset_by_index=(len(gram) - keep, len(gram) - 1))
    sound = values > 1e-9 * values[-1]
    vectors = vectors[:, sound]
    return x.T @ vectors / np.sqrt(values[sound]) if wide else vectors


def _out_of_fold(
    one: Labels, x: Floats, targets: Targets, patients: Sequence[str], seed: int
) -> list[Floats]:
    """For each penalty the outputs for every case by heads that saw no case of its patient."""
    found = [np.zeros((len(x), one.outputs.stop - one.outputs.start)) for _ in PENALTIES]
    folds = min(FOLDS, len(set(patients)))
    if folds < 2:
        return found
    for fit, held in GroupKFold(folds, shuffle=True, random_state=seed).split(x, groups=patients):
        for index, fitted in enumerate(_path(one, x[fit], targets[fit])):
            found[index][held] = _outputs(x[held], fitted)
    return found


def _choose(
    one: Labels, candidates: Sequence[Floats], targets: Targets
) -> tuple[int, dict[str, Any]]:
    """The penalty whose calibrated outputs surprise least on cases held out, and its calibration."""
    field, recipe, found = one.slot.field, one.slot.recipe, []
    for outputs in candidates:
        calibration = recipe.calibrate(field, outputs, targets)
        found.append((recipe.surprise(field, outputs, targets, calibration), calibration))
    best = min(range(len(found)), key=lambda index: found[index][0])
    return best, found[best][1]


def _path(one: Labels, x: Floats, targets: Targets) -> list[Fitted]:
    """The directions and biases for each penalty."""
    field, recipe = one.slot.field, one.slot.recipe
    levels, start = recipe.levels(field, targets), recipe.start_bias(field, targets)
    weights = recipe.loss_weights(field, targets)
    found = [(np.zeros((len(start), x.shape[1])), start.copy()) for _ in PENALTIES]
    for group in recipe.directions(field):
        fits = SOLVERS[recipe.LINK](x, levels[:, group], start[group], weights[group])
        for (directions, bias), (direction, part) in zip(found, fits, strict=True):
            directions[group], bias[group] = direction, part
    return found


def _least_squares(
    x: Floats, levels: Floats, start: Floats, weights: Floats
) -> Iterator[tuple[Floats, Floats]]:
    """Ridge regression of one output, whose unit changes nothing."""
    middle = x.mean(0)
    centred, mean = x - middle, levels[:, 0].mean()
    values, vectors = eigh(centred.T @ centred)
    slope = vectors.T @ (centred.T @ (levels[:, 0] - mean))
    for penalty in PENALTIES:
        direction = vectors @ (slope / (np.maximum(values, 0) + penalty))
        yield direction, np.array([mean - direction @ middle])


def _logistic(
    x: Floats, levels: Floats, start: Floats, weights: Floats
) -> Iterator[tuple[Floats, Floats]]:
    """Logistic levels that share one direction (proportional odds)."""
    pull = 1 + (weights - 1) * levels  # (N, outputs) weight of each level of each case
    free = np.concatenate([np.zeros(x.shape[1]), start])
    for penalty in PENALTIES:
        free = _fit(x, levels, pull, start, penalty, free)
        yield free[: x.shape[1]], free[x.shape[1] :]


SOLVERS: dict[str, Callable[..., Iterator[tuple[Floats, Floats]]]] = {
    "identity": _least_squares,
    "logit": _logistic,
}


def _fit(
    x: Floats, targets: Floats, pull: Floats, start: Floats, penalty: float, free: Floats
) -> Floats:
    """Newton's method with halved steps: a handful of small solves, where a gradient method takes hundreds of passes."""
    width = x.shape[1]

    def value(free: Floats) -> float:
        logits, drift = (x @ free[:width])[:, None] + free[width:], free[width:] - start
        fit = (
            pull * (np.maximum(logits, 0) + np.log1p(np.exp(-np.abs(logits))) - targets * logits)
        ).sum()
        # A level that no case passes would run to infinity but for the drift.
        return float(fit + penalty / 2 * free[:width] @ free[:width] + drift @ drift / 2)

    now = value(free)
    for _ in range(30):
        chances = expit((x @ free[:width])[:, None] + free[width:])
        error, bend = pull * (chances - targets), pull * chances * (1 - chances)
        slope = np.concatenate(
            [x.T @ error.sum(1) + penalty * free[:width], error.sum(0) + free[width:] - start]
        )
        cross = x.T @ bend
        curve = np.block([[(x.T * bend.sum(1)) @ x, cross], [cross.T, np.diag(bend.sum(0) + 1)]])
        curve[np.arange(width), np.arange(width)] += penalty
        step = cho_solve(cho_factor(curve), slope)
        share, then = 1.0, value(free - step)
        while then > now and share > 1e-4:
            share, then = share / 2, value(free - share / 2 * step)
        if then > now:
            break
        gain, now, free = now - then, then, free - share * step
        if gain < 1e-6 * len(x):
            break
    return free


def _outputs(x: Floats, fitted: Fitted) -> Floats:
    return x @ fitted[0].T + fitted[1]
