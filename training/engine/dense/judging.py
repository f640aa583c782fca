"""A full run's dense part on the split tune: its figures after an epoch, its calibration at the end."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.engine.batches import Images
from training.engine.dense.heads import DenseHead
from training.engine.dense.labels import DenseLabels
from training.engine.dense.seeing import Dense, answers, look_at
from training.engine.examples import Example
from training.engine.network import Network
from training.networks.folding import folded
from training.recipes.dense import Found


def judge(
    network: Network,
    labels: Sequence[DenseLabels],
    images: Images,
    examples: Sequence[Example],
    tune: NDArray[np.int64],
    size: int,
    tick: Callable[[], None],
) -> dict[str, dict[str, float | None]]:
    """Each dense slot's main metric, uncalibrated. tick: as of look_at."""
    if network.dense is None:
        return {}
    dense = _dense(network, labels)
    encoder = folded(network.encoder)
    found = {}
    for one in labels:
        rows = tune[one.known[tune]]
        of, field, recipe = [examples[n] for n in rows], one.slot.field, one.slot.recipe
        seen = look_at(dense, encoder, [one.slot], images, rows.tolist(), size, tick)[one.slot.name]
        said = answers(dense, one.slot, seen, of, size, {})
        patients = [example.patient for example in of]
        score = np.nan
        if len(rows):
            score = recipe.resampled_main(field, one.truth(rows, examples), said, patients, 1, 0)[0]
        found[one.slot.name] = {recipe.MAIN_METRIC: float(score) if np.isfinite(score) else None}
    return found


def calibrated(
    network: Network,
    labels: Sequence[DenseLabels],
    images: Images,
    examples: Sequence[Example],
    tune: NDArray[np.int64],
    tick: Callable[[], None],
) -> Dense | None:
    """The dense part of the model, each head calibrated on the split tune at the full size."""
    if network.dense is None:
        return None
    dense = _dense(network, labels)
    size, encoder = images.array.shape[-1], folded(network.encoder)
    heads = {}
    for one in labels:
        rows = tune[one.known[tune]]
        of = [examples[n] for n in rows]
        seen = look_at(dense, encoder, [one.slot], images, rows.tolist(), size, tick)[one.slot.name]

        truth = one.truth(rows, examples)
        calibration = calibration_of(dense, one, seen, of, truth, size)
        heads[one.slot.name] = network.dense.head(one, calibration)
    return Dense(heads, network.dense.pyramid)


def calibration_of(
    dense: Dense,
    one: DenseLabels,
    seen: Sequence[Sequence[Found]],
    examples: Sequence[Example],
    truth: Sequence[Any],
    size: int,
) -> dict[str, Any]:
    """What the recipe learns from examples of whose pictures this was `seen`."""

    def answer(calibration: Mapping[str, Any]) -> list[dict[str, Any]]:
        return answers(dense, one.slot, seen, examples, size, calibration)

    return one.slot.recipe.calibrate(one.slot.field, answer, truth)


def _dense(network: Network, labels: Sequence[DenseLabels]) -> Dense:
    assert network.dense is not None
    heads: dict[str, DenseHead] = {one.slot.name: network.dense.head(one, {}) for one in labels}
    return Dense(heads, network.dense.pyramid)
