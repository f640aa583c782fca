"""Two views of one image: what both show is what an encoder should tell, however the image was cropped and exposed."""

import torch
from torch import Tensor
from torch.nn import functional

from training.engine.augment import augment, erase

LEAST = 0.35  # of the image's area that a view shows
ERASED = 0.5  # of the views lose a patch


def view(images: Tensor, size: int, generator: torch.Generator, *, mirror: bool) -> Tensor:
    """uint8 (N, S, S) to float (N, size, size) in 0-255: a part of each, turned, exposed, a patch missing here and there."""
    moved, _ = augment(crop(images, size, generator), size, generator, mirror=mirror)
    return erase(moved, ERASED, generator)


def crop(images: Tensor, size: int, generator: torch.Generator) -> Tensor:
    """A square part of each, drawn anew, at (N, size, size): the shape of what it shows stays as it is."""
    n = len(images)
    side = (torch.rand(n, generator=generator) * (1 - LEAST) + LEAST).sqrt()
    place = (torch.rand(n, 2, generator=generator) * 2 - 1) * (1 - side[:, None])
    zero = torch.zeros(n)
    rows = torch.stack(
        [torch.stack([side, zero, place[:, 0]], 1), torch.stack([zero, side, place[:, 1]], 1)], 1
    )
    grid = functional.affine_grid(rows, [n, 1, size, size], align_corners=False)
    return functional.grid_sample(
        images[:, None].float(), grid, padding_mode="border", align_corners=False
    )[:, 0]
