"""Points: {"at": [x, y]}."""

from math import dist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.recipes.centres import Centres
from training.recipes.dense import Affine, Field, Item, Items, Place
from training.recipes.place import rounded, through
from training.recipes.statistics import Floats

WITHIN = 10  # pixels within which a point is found, where the field does not say
SIGMA = 1.0  # cells


class Points(Centres):
    MAIN_METRIC, SAID = "average_precision", "average precision"
    kind, part, measures = "points", "at", 2

    def rows(self, items: Items, to_cells: Affine) -> Floats:
        return through(to_cells, np.array([item["at"] for item in items]).reshape(-1, 2))

    def sigmas(self, rows: Floats) -> Floats:
        return np.full((len(rows), 2), SIGMA)

    def same(self, row: Floats, others: Floats) -> NDArray[np.bool_]:
        return np.asarray(np.hypot(*(others - row).T) <= SIGMA)

    def shape(self, row: Floats, to_image: Affine, place: Place) -> dict[str, Any]:
        return {"at": rounded(through(to_image, row), [place.columns, place.rows])}

    def near(self, field: Field, item: Item, hit: Item) -> float | None:
        far = dist(item["at"], hit["at"])
        return -far if far <= field.get("within", WITHIN) else None

    def alike(self, field: Field, one: Item, other: Item) -> bool:
        return self.near(field, one, other) is not None
