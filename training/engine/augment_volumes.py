"""Mild changes that leave a volume's finding as it is: turned in the plane, scaled, shifted and exposed a little differently."""

import math

import torch
from torch import Tensor
from torch.nn import functional

ROTATION = math.radians(10)
SCALE = 0.1
SHIFT = 0.05  # of each side
EXPOSURE = 0.25


def augment_volumes(volumes: Tensor, generator: torch.Generator) -> Tensor:
    """uint8 (N, D, H, W) to float of the same shape in 0-255. Never mirrored: which axis is left and right depends on the
    plane of the stack."""
    n, (height, width) = len(volumes), volumes.shape[-2:]

    def between(low: float, high: float) -> Tensor:
        return torch.rand(n, generator=generator) * (high - low) + low

    angle, zoom = between(-ROTATION, ROTATION), between(1 - SCALE, 1 + SCALE)
    places = torch.zeros(
        n, 3, 4
    )  # of x, y, z from -1 to 1, which a volume need not be as wide as high in
    places[:, 0, 0] = places[:, 1, 1] = torch.cos(angle) * zoom
    places[:, 0, 1] = -torch.sin(angle) * zoom * (height / width)
    places[:, 1, 0] = torch.sin(angle) * zoom * (width / height)
    places[:, 2, 2] = 1
    for axis in range(3):
        places[:, axis, 3] = between(-2 * SHIFT, 2 * SHIFT)
    gamma, gain = between(-EXPOSURE, EXPOSURE).exp(), between(1 - EXPOSURE, 1 + EXPOSURE / 2)
    moved = [_moved(one, place) for one, place in zip(volumes, places, strict=True)]
    found = torch.stack(moved).clamp_(1e-4, 1)
    along = (-1, 1, 1, 1)
    found = found.pow_(gamma.to(found.device).view(along)).mul_(gain.to(found.device).view(along))
    return found.clamp_(0, 1).mul_(255)


def _moved(volume: Tensor, place: Tensor) -> Tensor:
    """One at a time: the places of its voxels take twelve times the room of the volume itself."""
    size = [1, 1, *volume.shape]
    grid = functional.affine_grid(place[None].to(volume.device), size, align_corners=False)
    return functional.grid_sample(volume[None, None].float() / 255, grid, align_corners=False)[0, 0]
