"""Breaks a drawn bone: cuts it along a rough plane and moves what lies beyond."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from phantoms.canvas import Canvas, Picture
from phantoms.limbs.breaks import Break

Move = npt.NDArray[np.float64]  # (2, 3): turns and moves (x, y) in mm


@dataclass(frozen=True)
class Cut:
    """A break as one view shows it: the line on the near and on the far side of the bone, and where the end goes."""

    x: npt.NDArray[np.float64]
    near: npt.NDArray[np.float64]  # y at each x
    far: npt.NDArray[np.float64]
    move: Move
    broken: Break
    distal: int


def cut_of(
    broken: Break,
    outline: npt.NDArray[np.float64],
    view: int,
    distal: int,
    rng: np.random.Generator,
) -> Cut:
    """`outline`: of the bone in this view, (points, 2); view 0 frontal, 1 lateral."""
    at = outline[np.abs(outline[:, 1] - broken.level_mm) < 4.0, 0]
    inside = broken.inside if view == 0 else (-1000.0, 1000.0)
    left, right = max(at.min(), inside[0]), min(at.max(), inside[1])
    middle, half = (left + right) / 2, max((right - left) / 2, 1.0)
    x = np.linspace(left - 6.0, right + 6.0, 400)
    tilt = broken.slopes[1 - view] * np.sqrt(np.clip(1.0 - ((x - middle) / half) ** 2, 0, 1)) * half
    line = broken.level_mm + broken.slopes[view] * (x - middle)
    near, far = (line + sign * 0.5 * tilt + _rough(x, broken, rng) for sign in (1, -1))
    return Cut(x, near, far, _move(broken, view, (middle, broken.level_mm), distal), broken, distal)


@dataclass(frozen=True)
class Pieces:
    """A broken bone: its absorption, 1 where the line runs (both (rows, columns)), and how much the line changes it."""

    absorption: Picture
    line: Picture
    contrast: float


def apart(canvas: Canvas, bone: Picture, x: Picture, y: Picture, cut: Cut) -> Pieces:
    """The bone in two pieces: what lies beyond the line is moved."""
    crack = _crack(x, cut)
    stays, goes = np.zeros_like(bone), np.zeros_like(bone)
    line = np.zeros_like(bone)
    outside = (x < cut.x[0]) | (x > cut.x[-1])
    soft = np.float32(max(0.35, 1.2 * canvas.mm))
    for level in (cut.near, cut.far):
        beyond = cut.distal * (y - np.interp(x, cut.x, level).astype(np.float32))
        beyond[outside] = -100.0
        lost = crack * np.float32(cut.broken.clarity)
        here = (
            1.0 - lost + lost * np.clip((np.abs(beyond) - cut.broken.gap_mm / 2) / soft + 0.5, 0, 1)
        )
        distal = np.clip(beyond / soft + 0.5, 0, 1)
        goes += 0.5 * bone * here * distal
        stays += 0.5 * bone * here * (1.0 - distal)
        line = np.maximum(line, np.float32((np.abs(beyond) < 0.8) & (crack > 0.3)))
    total = stays + warp(canvas, goes, cut.move)
    # Where the ends overlap they are crushed into each other: denser, but not twice as dense.
    whole = np.maximum(bone, warp(canvas, bone, cut.move))
    total -= 0.55 * np.maximum(total - whole, 0.0)
    line = np.maximum(line, warp(canvas, line, cut.move)) * (whole > 0.03)
    return Pieces(total, line, float(np.abs(total - bone)[line > 0.4].mean()))


def warp(canvas: Canvas, picture: Picture, move: Move) -> Picture:
    """The picture moved in anatomical millimetres."""
    corners = np.array([(0.0, 0.0), (10.0, 0.0), (0.0, 10.0)])
    source, target = canvas.to_pixels(corners), canvas.to_pixels(moved(corners, move))
    back = np.linalg.solve(np.column_stack([target, np.ones(3)]), source)  # x', y', 1 → x, y
    matrix = back[:2].T[::-1, ::-1]  # to (row, column)
    return np.asarray(
        ndimage.affine_transform(picture, matrix, offset=back[2][::-1], order=1, mode="nearest"),
        dtype=np.float32,
    )


def moved(points: npt.ArrayLike, move: Move) -> npt.NDArray[np.float64]:
    return np.asarray(np.asarray(points, dtype=float) @ move[:, :2].T + move[:, 2])


def _move(broken: Break, view: int, pivot: tuple[float, float], distal: int) -> Move:
    turn = np.radians(broken.degrees[view]) * -distal
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    shift = np.array([broken.shift_mm[view], -distal * broken.shorten_mm])
    return np.column_stack([rotation, np.array(pivot) - rotation @ pivot + shift])


def _rough(
    x: npt.NDArray[np.float64], broken: Break, rng: np.random.Generator
) -> npt.NDArray[np.float64]:
    """Teeth of a broken edge: coarse and fine."""
    step = x[1] - x[0]
    teeth = sum(
        size
        * ndimage.gaussian_filter1d(rng.standard_normal(len(x)), mm / step)
        * np.sqrt(mm / step)
        for mm, size in ((2.5, 1.6), (0.7, 0.7))
    )
    return np.asarray(broken.roughness_mm * teeth)


def _crack(x: Picture, cut: Cut) -> Picture:
    """1 where the line crosses the bone, falling to 0 where it ends inside."""
    left, right = cut.x[0] + 6.0, cut.x[-1] - 6.0
    along = (x - left) / (right - left)
    along = along if cut.broken.from_left else 1.0 - along
    if cut.broken.through >= 1.0:
        return np.ones_like(x)
    return np.asarray(np.clip((cut.broken.through - along) / 0.15 + 0.5, 0, 1), dtype=np.float32)
