"""The order in which slices hang: by where they lie in the patient, not by the numbers that a scanner gave them."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

ALIKE = 0.9999  # of two normals: 0.8 degrees
APART_MM = 0.01
# Per axis of the patient (LPS: to the left, to the back, to the head), whether a stack runs against it: sagittal stacks
# hang from right to left, coronal ones from front to back, axial ones from the head down.
AGAINST = (False, False, True)

Vector = tuple[float, float, float]


class Place(NamedTuple):
    """Where a slice lies: Image Position and the normal of Image Orientation (Patient), PS3.3 C.7.6.2.1.1."""

    position: Vector
    normal: Vector


def place_of(position: Sequence[Any], cosines: Sequence[Any]) -> Place | None:
    """None where the file does not say it."""
    values = [*position, *cosines]
    if len(position) != 3 or len(cosines) != 6 or not all(map(_is_number, values)):
        return None
    (a, b, c), (d, e, f) = cosines[:3], cosines[3:]
    return Place(
        (position[0], position[1], position[2]), (b * f - c * e, c * d - a * f, a * e - b * d)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float)


def order_of(places: Sequence[Place | None]) -> list[int]:
    """The indices of a series' slices as they hang. As they came where one of them has no place, where they do not lie
    parallel, or where several lie in one place (echoes, phases), which only their numbers keep apart.
    """
    as_they_came = list(range(len(places)))
    known = [place for place in places if place]
    if len(known) < max(2, len(places)):
        return as_they_came
    normal = known[0].normal
    if any(_dot(place.normal, normal) < ALIKE for place in known):
        return as_they_came
    main = max(range(3), key=lambda axis: abs(normal[axis]))
    sign = -1 if (normal[main] > 0) == AGAINST[main] else 1
    along = [sign * _dot(place.position, normal) for place in known]
    order = sorted(as_they_came, key=lambda at: along[at])
    if any(along[after] - along[before] < APART_MM for before, after in pairwise(order)):
        return as_they_came
    return order


def _dot(one: Vector, other: Vector) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))
