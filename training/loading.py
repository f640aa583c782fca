"""Models in this process's memory, by the SHA-256 of their weights: loaded and checked once, then only looked up."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import torch  # noqa: TID253 -- only workers load this module

from accounts.said import Said, said_by
from training import encoders, promotion, weights
from training.encoders import Start
from training.engine.dense.seeing import Dense
from training.engine.encoder import Encoder
from training.engine.model import Model
from training.engine.pooling import Mean, MeanMax, Pooling
from training.models import ModelVersion
from training.networks import VOLUMES
from training.networks.weights import load_checked

KEPT = 3  # the current model, the one that replaces it, and one of another task


def load(version: ModelVersion) -> Model:
    """The network of a version; raises weights.BadWeights when its file is missing or is not what was stored."""
    try:
        return _load(version.weights)
    except weights.Lost as problem:
        if version.state != ModelVersion.State.CURRENT:
            raise
        raise weights.Lost(promotion.way_out(version, said_by(problem))) from problem


@lru_cache(maxsize=KEPT)
def _load(sha256: str) -> Model:
    path = weights.checked(sha256)
    try:
        return Model.load(path, sha256)
    except Exception as problem:  # bytes that are no model may break the reading anywhere
        unusable = f"The weights cannot be used: {problem}"
        raise weights.BadWeights(Said(unusable, "weights_unusable", why=str(problem))) from problem


def forget() -> None:
    """Read every file anew: after weights were exchanged under the process."""
    _load.cache_clear()


def trained(version: ModelVersion | None) -> bool:
    """Whether its encoder has learned from the task's own cases."""
    return version is not None and encoders.trained_here(version)


def encoder_of(version: ModelVersion | None, start: Start, *, halves: bool = False) -> Encoder:
    """The task's own encoder once one was trained; before, what its trainings start from, on `halves` where the form says so."""
    own = load(version).encoder if version and encoders.trained_here(version) else None
    if own is not None:
        return own
    return started(start).in_halves() if halves else started(start)


def crop_encoder_of(version: ModelVersion | None, first: Encoder) -> Encoder:
    """What looks at crops: the task's own once a full run made one, before that what looks at whole images."""
    own = load(version).staged if version and encoders.trained_here(version) else None
    return own.inner.encoder or first if own is not None else first


def started(start: Start, *, seed: int = 0) -> Encoder:
    """The encoder that a training starts from; raises weights.BadWeights where there is none. That of volumes is drawn."""
    if start.network in VOLUMES:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return Encoder(VOLUMES[start.network](), start.network)
    if not start.sha256:
        if start.network in encoders.PUBLISHED:
            return _imagenet()
        none = f"No weights come with the platform for {start.network}."
        raise weights.BadWeights(Said(none, "no_published_weights", network=start.network))
    path = weights.checked(start.sha256)
    return Encoder.from_state(load_checked(path, start.sha256), start.network, start.sha256)


def dense_of(version: ModelVersion | None) -> Dense:
    """What finds places: the task's own, once a full run made one, or else plain maps of its encoder without heads."""
    own = load(version).dense if version is not None else None
    return own if own is not None else Dense({}, None)


def pooling_of(version: ModelVersion | None, *, several: bool) -> Pooling:
    """How the pictures of a case become one: as the task's own encoder learned to do, where it did."""
    own = load(version).pooling if version is not None else None
    if own is not None and own.name != Mean.name:
        return own
    return MeanMax() if several else Mean()


def beside(training: Mapping[str, Any], current: ModelVersion | None) -> list[str]:
    """The covariates that a new model of a form with this training, or the current one beside it, reads."""
    now = load(current).covariates.names if current is not None else []
    return sorted({*training.get("covariates", []), *now})


@lru_cache(maxsize=1)
def _imagenet() -> Encoder:
    return Encoder.imagenet(weights.folder())
