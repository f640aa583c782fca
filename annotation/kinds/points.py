"""Points: {"at": [x, y]}."""

from collections.abc import Iterable, Sequence
from math import dist
from typing import Any

from annotation.agreement import overlap
from annotation.kinds import regions
from annotation.kinds.kind import Field, Figures
from annotation.kinds.number import is_number
from annotation.kinds.regions import Item, Place, Regions

WITHIN = 10  # pixels within which two readers' points are the same, where the field does not say


class Points(Regions):
    keys = frozenset({"at"})

    def definition_problems(self, field: Field, /) -> list[str]:
        within = field.get("within", WITHIN)
        wrong = not is_number(within) or within <= 0
        said = ["within must be a number of pixels above 0."] if wrong else []
        return super().definition_problems(field) + said

    def shape_problem(self, field: Field, item: Item, /) -> str | None:
        return regions.numbers_problem(item["at"], 2)

    def places(self, item: Item, /) -> Iterable[Place]:
        return (item["at"],)

    def agreement(self, field: Field, first: Sequence[Any], second: Sequence[Any], /) -> Figures:
        """F1 of points that match within the field's distance."""

        def nearness(a: Item, b: Item) -> float | None:
            far = dist(a["at"], b["at"])
            return -far if far <= field.get("within", WITHIN) else None

        return {"f1": overlap.f1(first, second, nearness)}
