"""From the planes of a stack to the small block that 3-D networks read."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

PREPARATION = (
    "volume1"  # part of every cache key: change it whenever `resampled` gives other voxels
)
MOST_FLAT = 3  # halvings in the plane alone

_LOW, _HIGH = 0.5, 99.5
_SAMPLE = 20_000  # voxels of a plane that the percentiles are taken of

Triple = tuple[float, float, float]
Sizes = tuple[int, int, int]
Lies = tuple[tuple[int, float], ...]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Grid:
    """mm between two voxels, and how many there are: along the stack, down and across its planes."""

    spacing: Triple
    shape: Sizes

    @property
    def flat(self) -> int:
        """How often the planes are halved before the voxels are as wide as they are deep."""
        deep, *wide = self.spacing
        return min(MOST_FLAT, max(0, round(math.log2(deep / math.sqrt(wide[0] * wide[1])))))

    @property
    def name(self) -> str:
        """For keys of caches."""
        return "-".join("x".join(f"{one:g}" for one in of) for of in (self.shape, self.spacing))


def grid_of(training: Mapping[str, Any]) -> Grid:
    """Of a form that reads volumes, by its training."""
    told = training["volume"]
    (deep, down, across), (d, h, w) = told["spacing_mm"], told["shape"]
    return Grid((float(deep), float(down), float(across)), (d, h, w))


def resampled(
    planes: Iterable[NDArray[Any]], shape: Sizes, spacing: Triple, grid: Grid, flip: int | None
) -> NDArray[np.uint8]:
    """The block (D, H, W) about the middle of a stack of so many planes, 0-255; black where the grid reaches beyond it.

    Linear along each axis; where the grid is coarser than the stack, over as much of it as a voxel covers. Grey values by
    percentiles over all planes. flip: the axis that is turned round. One plane is held at a time. ValueError where a plane
    has another shape, or nothing in them is a number.
    """
    deep, down, across = (
        _weights(*of) for of in zip(grid.shape, grid.spacing, shape, spacing, strict=True)
    )
    block, samples = np.zeros(grid.shape, dtype=np.float32), []
    step = max(1, math.isqrt(shape[1] * shape[2] // _SAMPLE))
    for number, plane in enumerate(planes):
        if plane.shape != shape[1:]:
            raise ValueError(f"Slice {number + 1} has the shape {plane.shape}, not {shape[1:]}.")
        values = np.nan_to_num(plane.astype(np.float32), posinf=0, neginf=0)
        samples.append(values[::step, ::step].ravel())
        small = down @ values @ across.T
        for at in np.flatnonzero(deep[:, number]):
            block[at] += deep[at, number] * small
    scaled = _scaled(block, np.concatenate(samples))
    for axis, weights in enumerate((deep, down, across)):
        beyond = ~weights.any(axis=1)
        scaled[(slice(None),) * axis + (beyond,)] = 0
    return np.ascontiguousarray(scaled if flip is None else np.flip(scaled, flip))


def laid_over(
    found: Floats, lies: Lies, stack: tuple[Sizes, Triple], grid: Grid, flip: int | None, most: int
) -> Floats:
    """What a network's map (d, h, w) of the block says of the planes of a stack of that shape and spacing, of which
    `resampled` made it: (planes, rows, columns), no more than `most` of either; nothing where the grid does not reach.

    lies: of each axis the voxels from one place of the map to the next, and that of the first."""
    scale = min(1.0, most / max(stack[0][1:]))
    deep, *wide = stack[0]
    sizes = (deep, *(max(1, round(side * scale)) for side in wide))
    axes = zip(sizes, *stack, grid.shape, grid.spacing, lies, found.shape, strict=True)
    weights = [_back(*axis, turned=number == flip) for number, axis in enumerate(axes)]
    laid: Floats = np.einsum("dhw,pd,rh,cw->prc", found, *weights, optimize=True)
    return laid


def _back(
    size: int,
    count: int,
    mm: float,
    voxels: int,
    voxel_mm: float,
    lies: tuple[int, float],
    places: int,
    *,
    turned: bool,
) -> Floats:
    """(size, places): what each of a row of pixels takes from the places of a map; linear, nothing beyond the block."""
    at = ((np.arange(size) + 0.5) / size - 0.5) * count * mm / voxel_mm + (voxels - 1) / 2
    at = voxels - 1 - at if turned else at
    step, first = lies
    place = np.clip((at - first) / step, 0, places - 1)
    found = np.maximum(0, 1 - np.abs(np.arange(places) - place[:, None]))
    found[(at < -0.5) | (at > voxels - 0.5)] = 0
    weights: Floats = found.astype(np.float32)
    return weights


def _weights(cells: int, mm: float, source: int, source_mm: float) -> Floats:
    """(cells, source): what each of a row of voxels takes from those of the stack; nothing beyond its ends."""
    at = (np.arange(cells) - (cells - 1) / 2) * mm / source_mm + (source - 1) / 2
    reach = max(1.0, mm / source_mm)
    found = np.maximum(0, 1 - np.abs(np.arange(source) - at[:, None]) / reach)
    found[(at < -0.5) | (at > source - 0.5)] = 0
    total = found.sum(1, keepdims=True)
    shares: Floats = np.divide(found, total, out=np.zeros_like(found), where=total > 0)
    return shares.astype(np.float32)


def _scaled(block: Floats, sample: Floats) -> NDArray[np.uint8]:
    low, high = np.percentile(sample, [_LOW, _HIGH])
    if high <= low:  # a few bright voxels in an even ground, or nothing at all
        low, high = float(sample.min()), float(sample.max())
    if high <= low:
        return np.zeros(block.shape, dtype=np.uint8)
    found: NDArray[np.uint8] = np.rint(
        np.clip((block - low) * (255 / (high - low)), 0, 255)
    ).astype(np.uint8)
    return found
