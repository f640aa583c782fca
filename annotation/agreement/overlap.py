"""Agreement on places. An item is what a region kind's value is a list of; a reader's answers are such a list a case."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from math import ceil
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray

Item = Mapping[str, Any]
Answers = Sequence[Sequence[Item]]
Pixels = NDArray[np.int64]
WIDTH = 1 << 20  # of the grid on which polygons are filled; no image is wider


def f1(
    first: Answers, second: Answers, nearness: Callable[[Item, Item], float | None]
) -> float | None:
    """2 x matched items over all items, over all cases; None where nobody marked anything.

    nearness: how near two items of one frame are, higher is nearer, or None where they do not match. The nearest pair is
    matched first; an item is matched once.
    """
    matched = sum(_matched(a, b, nearness) for a, b in zip(first, second, strict=True))
    items = sum(map(len, first)) + sum(map(len, second))
    return 2 * matched / items if items else None


def _matched(
    ours: Sequence[Item], theirs: Sequence[Item], nearness: Callable[[Item, Item], float | None]
) -> int:
    pairs = [
        (near, i, j)
        for i, a in enumerate(ours)
        for j, b in enumerate(theirs)
        if frame_of(a) == frame_of(b) and (near := nearness(a, b)) is not None
    ]
    taken_i, taken_j = set(), set()
    for _, i, j in sorted(pairs, key=lambda pair: -pair[0]):
        if i not in taken_i and j not in taken_j:
            taken_i.add(i)
            taken_j.add(j)
    return len(taken_i)


def frame_of(item: Item) -> tuple[str, int]:
    return item["image"], item["frame"]


def iou(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two boxes [x1, y1, x2, y2]."""
    width = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    height = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1])
    return width * height / (areas - width * height)


def dice(first: Answers, second: Answers, pixels: Callable[[Item], Pixels]) -> float | None:
    """Mean over the cases in which anybody marked something: 2 x common pixels over the sum of both.

    pixels: the places of an item's pixels in its frame. Items of one frame and segment count as one area.
    """
    found = []
    for ours, theirs in zip(first, second, strict=True):
        a, b = _areas(ours, pixels), _areas(theirs, pixels)
        size = sum(map(len, a.values())) + sum(map(len, b.values()))
        common = sum(
            len(np.intersect1d(a[key], b[key], assume_unique=True)) for key in a if key in b
        )
        if size:
            found.append(2 * common / size)
    return fmean(found) if found else None


def _areas(
    items: Iterable[Item], pixels: Callable[[Item], Pixels]
) -> dict[tuple[Any, ...], Pixels]:
    parts: dict[tuple[Any, ...], list[Pixels]] = {}
    for item in items:
        parts.setdefault((*frame_of(item), item.get("segment")), []).append(pixels(item))
    return {key: np.unique(np.concatenate(found)) for key, found in parts.items()}


def pixels_of_runs(runs: Sequence[int]) -> Pixels:
    """The pixels of runs [start, length, ...]."""
    found = [np.arange(at, at + length) for at, length in zip(runs[::2], runs[1::2], strict=True)]
    return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)


def pixels_of_polygon(points: Sequence[Sequence[float]]) -> Pixels:
    """The pixels whose centre lies inside, by the even-odd rule, on a grid of WIDTH columns."""
    edges = [*pairwise(points), (points[-1], points[0])]
    found = [np.zeros(0, dtype=np.int64)]
    for row in range(int(min(y for _, y in points)), ceil(max(y for _, y in points))):
        y = row + 0.5
        crossed = sorted(
            x1 + (y - y1) * (x2 - x1) / (y2 - y1)
            for (x1, y1), (x2, y2) in edges
            if (y1 <= y) != (y2 <= y)
        )
        for left, right in zip(crossed[::2], crossed[1::2], strict=True):
            found.append(row * WIDTH + np.arange(ceil(left - 0.5), ceil(right - 0.5)))
    return np.concatenate(found)
