"""Closed outlines: {"points": [[x, y], ...]}; the last point is joined to the first."""

from math import ceil, floor
from typing import Any

import numpy as np
import shapely  # type: ignore[import-untyped]
from PIL import Image, ImageDraw

from training.recipes.areas import FINE, LEAST_CELLS, Area, Areas
from training.recipes.dense import Affine, Field, Item, Place
from training.recipes.mask import runs_of
from training.recipes.place import rounded, through

SMOOTH = 0.75  # pixels of the square by which an outline may be simpler than the pixels' own


class Polygon(Areas):
    kind = "polygon"

    def names(self, field: Field) -> list[str]:
        return [""]

    def name(self, item: Item) -> str:
        return ""

    def pixels(self, item: Item) -> tuple[int, int, Area]:
        points = item["points"]
        left, top = (floor(min(point[axis] for point in points)) for axis in (0, 1))
        right, low = (ceil(max(point[axis] for point in points)) for axis in (0, 1))
        picture = Image.new("1", (max(1, right - left), max(1, low - top)))
        # PIL counts from the middle of the first pixel
        outline = [(x - left - 0.5, y - top - 0.5) for x, y in points]
        ImageDraw.Draw(picture).polygon(outline, fill=1)
        return left, top, np.asarray(picture, dtype=bool)

    def shapes(self, area: Area, name: str, to_image: Affine, place: Place) -> list[dict[str, Any]]:
        """The outer outline of each part that is no speck, the largest first; what lies beyond the image is cut off."""
        size = [place.columns, place.rows]
        picture = shapely.box(0, 0, *size)
        drawn = [shapely.Polygon(through(to_image, outline)) for outline in outlines(area)]
        inside = shapely.get_parts(shapely.intersection(shapely.make_valid(drawn), picture))
        parts = [one for one in inside if one.geom_type == "Polygon"]
        parts.sort(key=lambda one: -one.area)
        found = [rounded(np.array(one.exterior.coords)[:-1], size) for one in parts]
        return [{"points": points} for points in found if shapely.Polygon(points).area > 0]


def outlines(area: Area) -> list[Any]:
    """(n, 2) of each part: the corners of its pixels, simplified."""
    columns = area.shape[1]
    apart = np.pad(area, ((0, 0), (0, 1)))  # so that no run goes on in the next row
    runs = np.array(runs_of(apart), dtype=np.int64).reshape(-1, 2)
    down, across = np.divmod(runs[:, 0], columns + 1)
    rows = shapely.box(across, down, across + runs[:, 1], down + 1)
    whole = shapely.union_all(rows).simplify(SMOOTH)
    parts = [part for part in shapely.get_parts(whole) if part.area >= LEAST_CELLS * FINE**2]
    return [
        np.array(part.exterior.coords)[:-1] for part in sorted(parts, key=lambda part: -part.area)
    ]
