"""Lengths and angles: {"type", "points", "value", "unit", "spacing"}.

A length is in mm where a spacing is known, in the patient or at the detector, else in px: never a false mm. The value is
None where it could not be taken. The middle one of an angle's three points is its corner.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.said import Said
from annotation.agreement import icc
from annotation.kinds import regions
from annotation.kinds.kind import Field, Figures
from annotation.kinds.number import is_number
from annotation.kinds.regions import Item, Place, Regions

POINTS = {"length": 2, "angle": 3}
UNITS = {"patient": "mm", "detector": "mm", "unknown": "px"}  # of a length, by its spacing


class Measure(Regions):
    keys = frozenset({"type", "points", "value", "unit", "spacing"})

    def definition_problems(self, field: Field, /) -> list[str]:
        types = field.get("types", list(POINTS))
        wrong = not types or any(one not in POINTS for one in types)
        said = ["its types must be length, angle or both."] if wrong else []
        return super().definition_problems(field) + said

    def shape_problem(self, field: Field, item: Item, /) -> str | None:
        types = field.get("types", list(POINTS))
        if item["type"] not in types:
            return f"its type must be {' or '.join(types)}."
        count = POINTS[item["type"]]
        if problem := regions.points_problem(item["points"], count, count):
            return problem
        if any(a == b for a, b in zip(item["points"], item["points"][1:], strict=False)):
            return Said("two of its points are the same.", "points_equal")
        return _value_problem(item)

    def places(self, item: Item, /) -> Iterable[Place]:
        found: list[Place] = item["points"]
        return found

    def columns(self, slot: str, field: Field, /) -> list[str]:
        """Also the values, each with its unit."""
        return [*super().columns(slot, field), f"{slot}_values"]

    def cells(self, field: Field, value: Any, /) -> list[Any]:
        said = [f"{item['value']} {item['unit']}" for item in value if item["value"] is not None]
        return [*super().cells(field, value), "; ".join(said)]

    def agreement(self, field: Field, first: Sequence[Any], second: Sequence[Any], /) -> Figures:
        """ICC(2,1) of values of one type and unit, taken in their order where both readers have as many of a case."""
        pairs = [
            (a["value"], b["value"])
            for ours, theirs in zip(first, second, strict=True)
            if len(ours) == len(theirs)
            for a, b in zip(ours, theirs, strict=True)
            if _sort(a) == _sort(b) and None not in (a["value"], b["value"])
        ]
        ours, theirs = [a for a, _ in pairs], [b for _, b in pairs]
        return {"icc": icc.icc(ours, theirs), "mean_difference": icc.mean_difference(ours, theirs)}


def _value_problem(item: Item) -> str | None:
    if item["spacing"] not in list(UNITS):
        return f"its spacing must be one of {', '.join(UNITS)}."
    unit = "deg" if item["type"] == "angle" else UNITS[item["spacing"]]
    if item["unit"] != unit:
        return f"its unit must be {unit}: its spacing is {item['spacing']}."
    value = item["value"]
    if value is None or (is_number(value) and value >= 0 and (unit != "deg" or value <= 180)):
        return None
    return "its value must be a number, 0 or more."


def _sort(item: Item) -> tuple[str, str]:
    return item["type"], item["unit"]
