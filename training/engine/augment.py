"""Mild changes that leave a radiograph's finding as it is: turned, scaled, shifted and exposed a little differently."""

import math

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from training.engine.augment_volumes import augment_volumes
from training.engine.settings import SHIFTING, TURNING, ZOOMING

EXPOSURE = 0.25
PATCH = (0.08, 0.25)  # of the image's side: what erasing takes


def augment(
    images: Tensor,
    size: int,
    generator: torch.Generator,
    *,
    mirror: bool,
    never: Tensor | None = None,
    turning: float = TURNING,
    zooming: float = ZOOMING,
    stretching: float = 0.0,
    shifting: float = SHIFTING,
) -> tuple[Tensor, Tensor]:
    """uint8 (N, S, S) to float (N, size, size) in 0-255. `mirror` flips half of them: only where no answer has a side;
    `never` (N,) says which it leaves as they are. They are turned by at most so many degrees either way; what they
    show grows or shrinks by at most the share `zooming`, grows wider and lower or narrower and higher by at most
    `stretching`, and is moved by at most `shifting` of the side.

    Also (N, 2, 3): where each place of the new picture came from, both counted from -1 to 1. What is drawn depends on the
    generator alone and not on the device of the images.
    """
    if (
        images.ndim == 4
    ):  # volumes (N, D, H, W), which keep their size and are nowhere looked for places in
        whole = torch.eye(2, 3).expand(len(images), 2, 3)
        return augment_volumes(images, generator), whole
    n, device = len(images), images.device

    def between(low: float, high: float) -> Tensor:
        drawn = torch.rand(n, generator=generator) * (high - low) + low
        return drawn.to(device)

    most = math.radians(turning)
    angle, zoom = between(-most, most), between(1 - zooming, 1 + zooming)
    flip = torch.where(between(0, 1) < 0.5, -1.0, 1.0) if mirror else torch.ones(n, device=device)
    if never is not None:
        flip[never.to(device)] = 1.0
    cosine, sine = torch.cos(angle) * zoom, torch.sin(angle) * zoom
    shift = torch.stack([between(-2 * shifting, 2 * shifting) for _ in range(2)], dim=1)
    rows = torch.stack(
        [torch.stack([cosine * flip, -sine], 1), torch.stack([sine * flip, cosine], 1)], 1
    )
    if stretching:
        wide = (1 + between(-stretching, stretching))[:, None]
        rows = rows * torch.stack([wide, 1 / wide], 2)
    places = torch.cat([rows, shift[:, :, None]], 2)
    grid = functional.affine_grid(places, [n, 1, size, size], align_corners=False)
    moved = functional.grid_sample(images[:, None].float() / 255, grid, align_corners=False)[
        :, 0
    ].clamp_(1e-4, 1)
    gamma, gain = between(-EXPOSURE, EXPOSURE).exp(), between(1 - EXPOSURE, 1 + EXPOSURE / 2)
    exposed = moved.pow_(gamma[:, None, None]).mul_(gain[:, None, None])
    return exposed.clamp_(0, 1).mul_(255), places


def erase(images: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Paint a patch of about that `share` of the pictures (N, S, S) in their mean grey, in place (Zhong et al., Random
    Erasing, AAAI 2020): a grade is then learned from all of the joint and not from one corner of it."""
    size = images.shape[-1]
    low, high = PATCH
    for picture, chance in zip(images, torch.rand(len(images), generator=generator), strict=True):
        if chance >= share:
            continue
        sides = (torch.rand(2, generator=generator) * (high - low) + low) * size
        height, width = sides.long().tolist()
        places = torch.rand(2, generator=generator) * (size - sides)
        top, left = places.long().tolist()
        picture[top : top + height, left : left + width] = picture.mean()
    return images


def mixing_shares(cases: int, mixing: float, generator: torch.Generator) -> Tensor:
    """(cases,) of 0.5 to 1: how much of each picture stays when another is laid over it. Drawn from Beta(mixing, mixing),
    as mixup does (Zhang et al., ICLR 2018); the larger part is always a picture's own."""
    rounds = np.random.default_rng(int(torch.randint(2**62, (1,), generator=generator)))
    drawn = rounds.beta(mixing, mixing, cases)
    return torch.from_numpy(np.maximum(drawn, 1 - drawn)).float()


def resize(images: Tensor, size: int) -> Tensor:
    """uint8 (N, S, S) to float (N, size, size) in 0-255, nothing else changed."""
    if images.shape[-1] == size:
        return images.float()
    return functional.interpolate(
        images[:, None].float(), (size, size), mode="bilinear", antialias=True
    )[:, 0]
