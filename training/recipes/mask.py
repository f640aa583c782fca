"""Areas of pixels: {"segment", "rows", "columns", "runs": [start, length, ...]}, counted row by row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.recipes.areas import Area, Areas
from training.recipes.dense import Affine, Field, Item, Place
from training.recipes.judged import Answer
from training.recipes.place import inverse


class Mask(Areas):
    kind = "mask"

    def target(
        self, field: Field, answers: Sequence[Answer | None]
    ) -> tuple[NDArray[Any], NDArray[Any]]:
        """A case with a segment that the form does not name any more teaches nothing: it may be called otherwise now."""
        items, known = super().target(field, answers)
        names = self.names(field)
        for row in np.flatnonzero(known):
            known[row] = all(self.name(item) in names for item in items[row])
        return items, known

    def names(self, field: Field) -> list[str]:
        return [segment["value"] for segment in field["segments"]]

    def name(self, item: Item) -> str:
        return str(item["segment"])

    def pixels(self, item: Item) -> tuple[int, int, Area]:
        """Only the rows and columns that it covers."""
        starts, lengths = np.array(item["runs"], dtype=np.int64).reshape(-1, 2).T
        inside = np.repeat(starts, lengths) + np.arange(lengths.sum())
        inside -= np.repeat(np.cumsum(lengths) - lengths, lengths)
        down, across = np.divmod(inside, item["columns"])
        left, top = int(across.min()), int(down.min())
        area = np.zeros((int(down.max()) - top + 1, int(across.max()) - left + 1), dtype=bool)
        area[down - top, across - left] = True
        return left, top, area

    def shapes(self, area: Area, name: str, to_image: Affine, place: Place) -> list[dict[str, Any]]:
        """One: all that is inside."""
        picture = Image.fromarray(area.astype(np.uint8))
        size = (place.columns, place.rows)
        back = tuple(inverse(to_image).ravel().tolist())
        runs = runs_of(np.asarray(picture.transform(size, Image.Transform.AFFINE, back)) > 0)
        if not runs:
            return []
        return [{"segment": name, "rows": place.rows, "columns": place.columns, "runs": runs}]


def runs_of(area: NDArray[np.bool_]) -> list[int]:
    """[start, length, ...] of the pixels inside; a run may go on in the next row."""
    steps = np.diff(np.concatenate([[False], area.ravel(), [False]]).astype(np.int8))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    found: list[int] = np.stack([starts, ends - starts], axis=1).ravel().tolist()
    return found
