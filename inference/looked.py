"""On which picture of a case the heat map of each of its slots lies."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inference.explain import SIDE, Floats, Looked, explain, foremost, surest
from training import crops
from training.engine.model import Model
from training.engine.volumes import laid_over
from training.inputs import images
from training.networks.volume import VolumeNet
from training.pictures import Bag, Failures, Picture
from training.volumes import Volume

Said = Mapping[str, Mapping[str, Any]]  # by slot


def looked(
    model: Model, bag: Bag, embeddings: Floats, said: Said, *, apart: bool
) -> dict[str, Picture]:
    """Of the readable pictures of a case; none of a slot that found no place."""
    if isinstance(bag[0], Volume):
        return _slices(model, bag[0], embeddings, said, apart=apart)
    found = {
        slot.name: bag[foremost(model, embeddings, slot, said[slot.name])] for slot in model.slots
    }
    named = {(picture.place.image, picture.place.frame): picture for picture in bag}
    for slot in model.answered_places:
        at = surest(said[slot.name])
        if at is not None:
            found[slot.name] = named[at]
    # where nobody is told about what a part was cut, its map could not be drawn again
    if model.staged is not None and not model.staged.locators & model.silent:
        parts = crops.read(model.staged, bag, said)
        found |= {name: part for name, (_, part) in parts.items() if name in said}
    return found


def _slices(
    model: Model, volume: Volume, embeddings: Floats, said: Said, *, apart: bool
) -> dict[str, Picture]:
    """Where the slot's map is strongest; the middle one where nothing speaks for it."""
    failures: Failures = {}
    blocks = images([volume], lambda *_: None, failures, apart=apart)
    if failures or volume.stack is None:  # only what was made of it is left
        return {}
    [block] = blocks.rows([volume.key])
    found: dict[str, Picture] = {}
    for name, maps in through(model, volume, block, embeddings, said).items():
        most = maps.max(axis=(1, 2))
        at = volume.stack.slices[int(most.argmax()) if most.any() else len(most) // 2]
        found[name] = replace(volume, instance=at.instance, frame=at.frame)
    return found


def through(
    model: Model, volume: Volume, block: NDArray[np.uint8], embeddings: Floats, said: Said
) -> dict[str, Floats]:
    """By slot the maps (N, h, w) of all slices of a volume, which is prepared as `block`."""
    stack, grid = volume.stack, volume.grid
    assert model.encoder is not None
    assert stack is not None
    assert grid is not None
    network = model.encoder.network
    assert isinstance(network, VolumeNet)
    read = Looked(block, embeddings, 0, model.encoder.feature_map(block))
    of = (stack.shape, stack.spacing)
    flip = stack.sideways if volume.mirror else None
    return {
        slot.name: laid_over(
            explain(model, read, slot, said[slot.name]), network.lies, of, grid, flip, SIDE
        )
        for slot in model.slots
        if slot.name in said
    }
