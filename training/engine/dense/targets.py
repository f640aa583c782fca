"""The maps that a step's pictures should give, and how far the network's are from them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.engine.batches import Batch
from training.engine.dense.labels import STRIDE, DenseLabels
from training.engine.examples import Example
from training.recipes.place import Affine, after, inverse, scaling


class Targets(NamedTuple):
    """One slot's maps of a batch's pictures; those of pictures of which nothing is known are empty."""

    labels: DenseLabels
    maps: Tensor  # (P, maps, H, W)
    known: Tensor  # (P,) 1 or 0
    share: float  # what the loss is divided by: in a part of a batch that of all of it

    def part(self, pictures: slice) -> "Targets":
        return self._replace(maps=self.maps[pictures], known=self.known[pictures])


def draw_targets(
    labels: Sequence[DenseLabels],
    examples: Sequence[Example],
    chosen: NDArray[np.int64],
    batch: Batch,
    moves: Sequence[Affine],
    size: int,
    *,
    square: int,
    stride: int = STRIDE,
) -> list[Targets]:
    """moves: from the pixels of each picture's square to those of the augmented picture (size, size)."""
    if not labels:
        return []
    cells = -(-size // stride)
    owners = np.repeat(chosen, batch.counts.numpy()).tolist()
    affines = [
        after(scaling(1 / stride), after(move, examples[n].places[picture].to_square(square)))
        for n, picture, move in zip(owners, batch.which, moves, strict=True)
    ]
    found = []
    for one in labels:
        recipe, field = one.slot.recipe, one.slot.field
        on = [one.items[n][picture] for n, picture in zip(owners, batch.which, strict=True)]
        maps = torch.from_numpy(
            np.stack(
                [
                    recipe.drawn(field, items or [], affine, (cells, cells))
                    for items, affine in zip(on, affines, strict=True)
                ]
            )
        )
        known = torch.tensor([items is not None for items in on]).float()
        share = max(1.0, float((recipe.weight(maps) * known).sum()))
        found.append(Targets(one, maps, known, share))
    return found


def dense_loss(outputs: Tensor, targets: Sequence[Targets]) -> Tensor:
    """Sum over the slots of the loss over the pictures known, of outputs (P, channels, H, W)."""
    total = outputs.sum() * 0
    for one in targets:
        own, at = outputs[:, one.labels.outputs].float(), outputs.device
        each = one.labels.slot.recipe.loss(own, one.maps.to(at))
        total = total + (each * one.known.to(at)).sum() / one.share
    return total


def moves_of(grids: Tensor, square: int, size: int) -> list[Affine]:
    """What `augment` did to each picture, (P, 2, 3) from places of the new one to the old, both from -1 to 1: from pixels
    of the square to those of the picture (size, size)."""
    found = []
    for grid in grids.double().cpu().numpy():
        back = np.column_stack(
            [
                grid[:, :2] * square / size,
                square / 2 * (grid[:, 2] + 1 - grid[:, :2].sum(1)),
            ]
        )
        found.append(inverse(back))
    return found
