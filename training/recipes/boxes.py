"""Upright boxes: {"box": [x1, y1, x2, y2]}. A network says how far the middle is from a cell, and the sides' logarithms."""

from math import exp
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.recipes.centres import Centres
from training.recipes.dense import Affine, Field, Item, Items, Place
from training.recipes.place import rounded, through
from training.recipes.statistics import Floats

LEAST_IOU = 0.5  # from which a box is found
ALIKE_IOU = 0.3  # from which two hits are of one finding
SAME_IOU = 0.1  # of what two cells near one peak say, from which they tell of one finding
SHARE = 0.1  # of a side that the heat's standard deviation is
LEAST_SIGMA = 0.6  # cells
LARGEST = 8.0  # logarithm of a side in cells; more is a number gone astray
BY_OVERLAP = 1.0  # what a box that does not overlap weighs beside its peak


class Boxes(Centres):
    MAIN_METRIC, SAID = "map50", "mAP50"
    kind, part, measures = "boxes", "box", 4

    def rows(self, items: Items, to_cells: Affine) -> Floats:
        """(n, 4): x and y of the middle, logarithms of width and height.

        Turned a little, a box becomes the one around the ellipse that it holds: one around its turned corners grows by far
        more than what lies in it (Kalra et al., ICCV 2021).
        """
        corners = np.array([item["box"] for item in items], dtype=np.float64).reshape(-1, 2, 2)
        middle = through(to_cells, corners.mean(1))
        half = (corners[:, 1] - corners[:, 0]) / 2
        turned = np.sqrt(half**2 @ (to_cells[:, :2] ** 2).T)
        return np.concatenate([middle, np.log(np.maximum(2 * turned, 1e-3))], axis=1)

    def sigmas(self, rows: Floats) -> Floats:
        return np.maximum(SHARE * np.exp(rows[:, 2:]), LEAST_SIGMA)

    def same(self, row: Floats, others: Floats) -> NDArray[np.bool_]:
        (low, high), (lows, highs) = _edges(row[None]), _edges(others)
        overlap = np.maximum(np.minimum(high, highs) - np.maximum(low, lows), 0).prod(1)
        union = (high - low).prod(1) + (highs - lows).prod(1) - overlap
        return np.asarray(overlap >= SAME_IOU * union)

    def missed(self, said: Tensor, told: Tensor) -> Tensor:
        """By what boxes are judged by, which a thin one loses by a shift that a large one does not feel."""
        return super().missed(said, told) + BY_OVERLAP * (1 - generalized_iou(said, told))

    def shape(self, row: Floats, to_image: Affine, place: Place) -> dict[str, Any]:
        half = np.array([exp(min(side, LARGEST)) / 2 for side in row[2:]])
        corners = through(to_image, [row[:2] - half, row[:2] + half])
        left, top = np.clip(corners.min(0), 0, [place.columns - 1, place.rows - 1])
        right, low = np.maximum(corners.max(0), [left + 1, top + 1])  # a pixel at the least
        most = [place.columns, place.rows]
        return {"box": rounded([left, top, right, low], most * 2)}

    def near(self, field: Field, item: Item, hit: Item) -> float | None:
        share = iou(item["box"], hit["box"])
        return share if share >= LEAST_IOU else None

    def alike(self, field: Field, one: Item, other: Item) -> bool:
        return iou(one["box"], other["box"]) >= ALIKE_IOU


def _edges(rows: Floats) -> tuple[Floats, Floats]:
    """Left and top, right and low, of rows (n, 4): each (n, 2)."""
    half = np.exp(np.minimum(rows[:, 2:], LARGEST)) / 2
    return rows[:, :2] - half, rows[:, :2] + half


def generalized_iou(one: Tensor, other: Tensor) -> Tensor:
    """(P, H, W) from -1 to 1 of boxes (P, 4, H, W) as their cells tell of them: their overlap, and where there is none, how
    far they lie apart (Rezatofighi et al., Generalized Intersection over Union, CVPR 2019)."""
    (low, high, sides), (low_other, high_other, sides_other) = _corners(one), _corners(other)
    overlap = (torch.minimum(high, high_other) - torch.maximum(low, low_other)).clamp(min=0).prod(1)
    union = sides.prod(1) + sides_other.prod(1) - overlap
    around = (torch.maximum(high, high_other) - torch.minimum(low, low_other)).prod(1)
    return overlap / union - (around - union) / around


def _corners(box: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Left and top, right and low, width and height: each (P, 2, H, W)."""
    sides = box[:, 2:].clamp(max=LARGEST).exp()
    return box[:, :2] - sides / 2, box[:, :2] + sides / 2, sides


def iou(one: Any, other: Any) -> float:
    """Intersection over union of two boxes."""
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    areas = ((of[2] - of[0]) * (of[3] - of[1]) for of in (one, other))
    return float(width * height / (sum(areas) - width * height))
