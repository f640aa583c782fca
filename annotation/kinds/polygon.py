"""Closed outlines: {"points": [[x, y], ...]}, three or more; the last is joined to the first."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from accounts.said import Said
from annotation.agreement import overlap
from annotation.kinds import regions
from annotation.kinds.kind import Field, Figures
from annotation.kinds.regions import Item, Place, Regions


class Polygon(Regions):
    keys = frozenset({"points"})

    def shape_problem(self, field: Field, item: Item, /) -> str | None:
        if problem := regions.points_problem(item["points"], 3):
            return problem
        if area(item["points"]) > 0:
            return None
        return Said("its outline has no area.", "no_area")

    def places(self, item: Item, /) -> Iterable[Place]:
        found: list[Place] = item["points"]
        return found

    def agreement(self, field: Field, first: Sequence[Any], second: Sequence[Any], /) -> Figures:
        """Dice."""
        return {"dice": overlap.dice(first, second, _pixels)}


def area(points: Sequence[Place]) -> float:
    """Square pixels, by the shoelace formula."""
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in pairwise([*points, points[0]]))) / 2


def _pixels(item: Item) -> overlap.Pixels:
    return overlap.pixels_of_polygon(item["points"])
