"""Where a picture lies: maps between an image's own pixels, the prepared square and the cells of a network's map.

A map is an affine of (2, 3) numbers. Coordinates are continuous: x to the right, y down, from the outer corner of the
first pixel.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.recipes.statistics import Floats

Affine = Floats


@dataclass(frozen=True)
class Place:
    """Which frame of which image a picture is of, and the size of that image."""

    image: str  # SOP Instance UID
    frame: int  # from 1
    rows: int
    columns: int
    mirror: bool = False
    stack: str = ""  # of the slices that lie one behind the other; empty for a picture by itself
    pixel_mm: float | None = None  # side of a pixel, where it is known
    beside: tuple[tuple[str, int], ...] = ()  # frames that are not read and lie nearest to it
    sagittal: bool = False  # front and back lie where others have left and right

    @property
    def names(self) -> list[tuple[str, int]]:
        """The frames that it stands for, its own first."""
        return [(self.image, self.frame), *self.beside]

    def to_square(self, size: int) -> Affine:
        """From pixels of the image to those of its prepared square: engine/images.py."""
        height, width, top, left = fitted(self.rows, self.columns, size)
        x, y = width / self.columns, height / self.rows
        if self.mirror:
            return np.array([[-x, 0, size - left], [0, y, top]], dtype=np.float64)
        return np.array([[x, 0, left], [0, y, top]], dtype=np.float64)


def fitted(rows: int, columns: int, size: int) -> tuple[int, int, int, int]:
    """Height, width, top and left of an image within its square."""
    ratio = size / max(rows, columns)
    height, width = (max(1, round(side * ratio)) for side in (rows, columns))
    return height, width, (size - height) // 2, (size - width) // 2


def through(affine: Affine, points: Any) -> Floats:
    """Points (..., 2) through a map."""
    moved: Floats = np.asarray(points, dtype=np.float64) @ affine[:, :2].T + affine[:, 2]
    return moved


def after(second: Affine, first: Affine) -> Affine:
    """Both in one: first `first`."""
    return np.column_stack(
        [second[:, :2] @ first[:, :2], second[:, :2] @ first[:, 2] + second[:, 2]]
    )


def inverse(affine: Affine) -> Affine:
    back = np.linalg.inv(affine[:, :2])
    return np.column_stack([back, -back @ affine[:, 2]])


def scaling(factor: float) -> Affine:
    return np.array([[factor, 0, 0], [0, factor, 0]], dtype=np.float64)


def rounded(values: Any, most: Sequence[float]) -> list[Any]:
    """Coordinates as an answer keeps them: two decimals, inside an image that reaches to `most` (x, y, ...)."""
    kept: NDArray[Any] = np.round(np.clip(values, 0, most), 2)
    found: list[Any] = kept.tolist()
    return found
