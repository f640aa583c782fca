"""A stack of MR slices: where its voxels lie in the patient, and in the anatomy that is drawn.

Anatomical (x, y, z) in mm: x towards medial, y towards the back, z towards the head; the origin lies between the tibial
spines. In the patient's axes (LPS, PS3.3 section C.7.6.2.1.1) x is mirrored for a left knee and moved to its side.
"""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Field = npt.NDArray[
    np.floating[Any]
]  # of 32 bits, (slices, rows, columns), or what broadcasts to it
Slices = tuple[slice, slice, slice]
Point = tuple[float, float, float]

FROM_MIDDLE_MM = 88.0  # how far a knee lies from the middle of the scanner
ROWS = COLUMNS = 256


class Plane(NamedTuple):
    """`axes`: which of x, y, z goes with slice, row and column; `signs`: whether it grows along them."""

    name: str
    axes: tuple[int, int, int]
    signs: tuple[int, int, int]
    slices: int
    gap_mm: float  # from slice to slice
    thickness_mm: float
    field_mm: float
    middle: Point


SAGITTAL = Plane("sagittal", (0, 2, 1), (1, -1, 1), 26, 3.3, 3.0, 158.0, (0.0, 0.0, 4.0))
CORONAL = Plane("coronal", (1, 2, 0), (1, -1, 1), 26, 3.3, 3.0, 158.0, (0.0, -4.0, 4.0))
AXIAL = Plane("axial", (2, 1, 0), (1, 1, 1), 28, 3.6, 3.2, 154.0, (0.0, 4.0, 6.0))
PLANES = (SAGITTAL, CORONAL, AXIAL)


@dataclass(frozen=True)
class Grid:
    """Voxel centres in anatomical mm, each coordinate along its own axis of the stack."""

    x: Field
    y: Field
    z: Field
    axes: tuple[int, int, int]
    mm: float  # in the plane

    @property
    def shape(self) -> tuple[int, int, int]:
        slices, rows, columns = np.broadcast_shapes(self.x.shape, self.y.shape, self.z.shape)
        return slices, rows, columns

    def around(self, low: Point, high: Point) -> tuple["Grid", Slices]:
        """The part between two corners, and where in the stack it lies; at least one voxel."""
        parts, where = [], [slice(None)] * 3
        for number, along in enumerate((self.x, self.y, self.z)):
            at = np.nonzero((along.ravel() >= low[number]) & (along.ravel() <= high[number]))[0]
            part = slice(int(at[0]), int(at[-1]) + 1) if len(at) else slice(0, 0)
            where[self.axes.index(number)] = part
            cut = [slice(None)] * 3
            cut[self.axes.index(number)] = part
            parts.append(along[tuple(cut)])
        return replace(self, x=parts[0], y=parts[1], z=parts[2]), (where[0], where[1], where[2])


def within(outer: Slices, inner: Slices) -> Slices:
    """Where a part of a part lies in the whole."""
    first, second, third = (
        slice(a.start + b.start, a.start + b.stop) for a, b in zip(outer, inner, strict=True)
    )
    return first, second, third


@dataclass(frozen=True)
class Stack:
    """A plane laid through one knee."""

    plane: Plane
    laterality: str
    shift: Point  # of the whole stack, in anatomical mm

    @property
    def spacing_mm(self) -> float:
        return self.plane.field_mm / ROWS

    @property
    def side(self) -> int:
        """+1 where medial is towards the patient's left: a right knee."""
        return 1 if self.laterality == "R" else -1

    def grid(self) -> Grid:
        sizes = (self.plane.slices, ROWS, COLUMNS)
        steps = (self.plane.gap_mm, self.spacing_mm, self.spacing_mm)
        found: dict[int, Field] = {}
        for at, axis in enumerate(self.plane.axes):
            along = (np.arange(sizes[at]) - (sizes[at] - 1) / 2) * steps[at] * self.plane.signs[at]
            if axis == 0:
                along = along * self.side
            shape = [1, 1, 1]
            shape[at] = sizes[at]
            middle = self.plane.middle[axis] + self.shift[axis]
            found[axis] = (along + middle).astype(np.float32).reshape(shape)
        return Grid(found[0], found[1], found[2], self.plane.axes, self.spacing_mm)

    def orientation(self) -> list[float]:
        """ImageOrientationPatient: where columns go, then where rows go."""
        directions = []
        for at in (2, 1):
            direction = [0.0, 0.0, 0.0]
            direction[self.plane.axes[at]] = float(self.plane.signs[at])
            directions += direction
        return directions

    def position(self, number: int) -> list[float]:
        """ImagePositionPatient of slice `number` from 0: the middle of its first voxel, in LPS mm."""
        grid = self.grid()
        first = [0, 0, 0]
        first[self.plane.axes.index(self.plane.axes[0])] = number
        at = []
        for axis, along in enumerate((grid.x, grid.y, grid.z)):
            index = number if self.plane.axes[0] == axis else 0
            at.append(float(along.ravel()[index]))
        return [self.side * (at[0] - FROM_MIDDLE_MM), at[1], at[2]]
