"""Where a network of volumes looked: on the slices and at the place of the body that it learned to find."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from inference.looked import through
from tests.factories.volumes import DEEP_MM, SIDE, SLICES, TEAR, WIDE_MM, draw_volume
from tests.training.engine_cases import answered
from training.engine.batches import Images
from training.engine.encoder import Encoder
from training.engine.examples import Example
from training.engine.full import train_full
from training.engine.model import Model
from training.engine.settings import OF_VOLUMES, Settings
from training.engine.volumes import Grid, resampled
from training.networks import VOLUMES
from training.recipes.place import Place
from training.volumes import Volume
from training.volumes_stack import Slice, Stack

# finer than the stacks: so the network's map has a few places along each axis
GRID = Grid((2.0, 1.0, 1.0), (12, 48, 48))
SHAPE, SPACING = (SLICES, SIDE, SIDE), (DEEP_MM, WIDE_MM, WIDE_MM)
SLICE = Slice(1, 0, "", SIDE, SIDE, (), (), ())
LEARN, HELD = 24, 12


def prepared(block: NDArray[np.uint8], flip: int | None = None) -> NDArray[np.uint8]:
    return resampled(iter(block), SHAPE, SPACING, GRID, flip)


def trained(folder: Path) -> Model:
    """On bodies that are there in every second volume."""
    torn = [number % 2 == 0 for number in range(LEARN)]
    examples = [
        Example(
            f"case-{n}",
            f"patient-{n}",
            "train" if n < LEARN - 6 else "tune",
            {"tear": answered("present" if one else "absent")},
            "",
        )
        for n, one in enumerate(torn)
    ]
    volumes = np.stack([prepared(draw_volume(one, seed)) for seed, one in enumerate(torn)])
    name = f"volume{GRID.flat}"
    torch.manual_seed(0)
    settings = {**OF_VOLUMES, "size": GRID.shape[-1], "images": "volume", "epochs": 8, "lr": 3e-3}
    return train_full(
        [TEAR],
        examples,
        Images.single(volumes, np.arange(LEARN)),
        Settings(**settings),
        folder=folder,
        report=lambda told: None,
        encoder=Encoder(VOLUMES[name](), name),
    )


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


def test_the_map_of_a_volume_is_strongest_where_the_body_is(tmp_path: Path) -> None:
    model = trained(tmp_path)
    blocks = [draw_volume(True, 500 + number) for number in range(HELD)]
    bodies = np.array([(np.argwhere(block > 165) + 0.5).mean(0) * SPACING for block in blocks])
    found = np.array([strongest(model, block, mirror=n % 2 == 1) for n, block in enumerate(blocks)])

    away = np.linalg.norm(found[:, None] - bodies[None], axis=2)  # (found in, body of)
    own = np.diag(away).mean()
    others = away[~np.eye(HELD, dtype=bool)].mean()
    assert own < 0.6 * others, (own, others)
