"""Where a network of volumes looked, on the slices of its stack: that it is at the body which it sees."""

import numpy as np
import torch
from numpy.typing import NDArray

from inference.looked import through
from tests.factories.volumes import DEEP_MM, SIDE, SLICES, TEAR, WIDE_MM, draw_volume
from training.engine.encoder import Encoder
from training.engine.model import Head, Model
from training.engine.volumes import Grid, resampled
from training.networks import VOLUMES
from training.recipes.place import Place
from training.volumes import Volume
from training.volumes_stack import Slice, Stack

# finer than the stacks: so the network's map has a few places along each axis
GRID = Grid((2.0, 1.0, 1.0), (12, 48, 48))
SHAPE, SPACING = (SLICES, SIDE, SIDE), (DEEP_MM, WIDE_MM, WIDE_MM)
SLICE = Slice(1, 0, "", SIDE, SIDE, (), (), ())
HELD = 12
CALIBRATED = {"temperature": 1.0, "bias": 0.0}


def prepared(block: NDArray[np.uint8], flip: int | None = None) -> NDArray[np.uint8]:
    return resampled(iter(block), SHAPE, SPACING, GRID, flip)


def bright() -> Model:
    """A network that averages where others learn, and a head that adds it up: the brighter, the more."""
    name = f"volume{GRID.flat}"
    network = VOLUMES[name]()
    for layer in network.modules():
        if isinstance(layer, torch.nn.Conv3d):
            torch.nn.init.constant_(layer.weight, 1 / layer.weight[0].numel())
    head = Head(np.ones((1, network.width), np.float32), np.zeros(1, np.float32), CALIBRATED)
    return Model([TEAR], {"tear": head}, encoder=Encoder(network, name), size=GRID.shape[-1])


def strongest(model: Model, block: NDArray[np.uint8], *, mirror: bool) -> NDArray[np.float64]:
    """In mm from the first voxel of the stack, along it, down and across."""
    stack = Stack([], SPACING, sideways=2)._replace(slices=[SLICE] * SLICES)
    place = Place("1", 1, SIDE, SIDE, mirror)
    volume = Volume(1, 1, "", mirror, GRID.shape[-1], place, stack=stack, grid=GRID)
    read = prepared(block, stack.sideways if mirror else None)
    rows = model.embed(read[None])
    [said] = model.predict_embeddings(rows)
    maps = through(model, volume, read, rows, said)["tear"]
    at = (np.array(np.unravel_index(maps.argmax(), maps.shape)) + 0.5) / maps.shape
    return at * SHAPE * SPACING


def test_the_map_of_a_volume_is_strongest_where_the_body_is() -> None:
    model = bright()
    blocks = [draw_volume(True, 500 + number) for number in range(HELD)]
    bodies = np.array([(np.argwhere(block > 165) + 0.5).mean(0) * SPACING for block in blocks])
    found = np.array([strongest(model, block, mirror=n % 2 == 1) for n, block in enumerate(blocks)])

    away = np.linalg.norm(found[:, None] - bodies[None], axis=2)  # (found in, body of)
    own = np.diag(away).mean()
    others = away[~np.eye(HELD, dtype=bool)].mean()
    assert own < 0.6 * others, (own, others)
