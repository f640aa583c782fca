"""A synthetic MR study of one knee: three fat-suppressed stacks, and what is torn in it and where."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from phantoms.mr.bones import draw_build
from phantoms.mr.joint import Marks, paint_joint
from phantoms.mr.layer import new_layer
from phantoms.mr.signal import acquire
from phantoms.mr.soft import paint_surroundings
from phantoms.mr.stack import PLANES, Point, Stack
from phantoms.mr.tears import KneeTears, draw_tears

MARGIN_MM = 2.0
SEEN = 0.35  # share of a voxel that must be torn for it to count
LEAST_PIXELS = 4  # and so many of them on a slice


@dataclass(frozen=True)
class Place:
    """Where a tear lies in one stack: the slices that show it, and its box on the one that shows most of it.

    Slices count from 0; the box is left, top, right, bottom in continuous pixels, (0, 0) the outer corner of the first.
    """

    first: int
    last: int
    best: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class StackPhantom:
    stack: Stack
    pixels: npt.NDArray[np.uint16]  # (slices, rows, columns)
    places: dict[str, Place]  # "meniscus", "acl": those that this stack shows


@dataclass(frozen=True)
class KneeMRPhantom:
    laterality: str
    tears: KneeTears
    stacks: tuple[StackPhantom, ...]  # sagittal, coronal, axial


def draw_knee_mr(*, laterality: str, meniscus: bool, acl: bool, seed: int) -> KneeMRPhantom:
    """Draw the knee of side "R" or "L", with a torn meniscus and a torn ACL or without; same seed, same pictures.

    Raises ValueError for another laterality.
    """
    if laterality not in ("R", "L"):
        raise ValueError(f'Laterality "{laterality}" is unknown: give "R" or "L".')
    rng = np.random.default_rng([seed, 11])
    tears, build = draw_tears(meniscus, acl, rng), draw_build(rng)
    stout, noise = float(rng.uniform(0.95, 1.08)), float(rng.uniform(0.018, 0.034))
    stacks = []
    for plane in PLANES:
        x, y, z = rng.normal(0.0, (1.5, 2.0, 3.0))
        shift: Point = (float(x), float(y), float(z))
        stack = Stack(plane, laterality, shift)
        grid = stack.grid()
        layer = new_layer(grid, np.random.default_rng([seed, 12]))
        paint_surroundings(layer, stout)
        marks = paint_joint(layer, build, tears)
        pixels = acquire(layer.image, grid, noise, rng)
        found = {name: _place(mark, stack) for name, mark in marks.items()}
        places = {name: place for name, place in found.items() if place}
        stacks.append(StackPhantom(stack, pixels, places))
    return KneeMRPhantom(laterality, tears, tuple(stacks))


def _place(mark: Marks, stack: Stack) -> Place | None:
    torn = mark.share > SEEN
    counts = torn.sum(axis=(1, 2))
    if not counts.any():
        return None  # it slips between the slices
    best = int(np.argmax(counts))
    shown = np.nonzero(counts >= min(LEAST_PIXELS, counts[best]))[0]
    rows, columns = np.nonzero(torn[best])
    slices, down, right = (part.start for part in mark.where)
    spare = MARGIN_MM / stack.spacing_mm
    return Place(
        first=int(shown[0]) + slices,
        last=int(shown[-1]) + slices,
        best=best + slices,
        box=(
            float(columns.min() + right - spare),
            float(rows.min() + down - spare),
            float(columns.max() + 1 + right + spare),
            float(rows.max() + 1 + down + spare),
        ),
    )
