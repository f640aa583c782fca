"""How the slices of a series lie in the patient: whether they are one regular stack, and in which order."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from accounts.said import Said
from annotation.slices import ALIKE, APART_MM, order_of, place_of
from archive.functional_groups import of_frame

# Image Position and Orientation (Patient), Pixel Spacing; the macros that hold them in enhanced images (PS3.3 C.7.6.16)
POSITION, ORIENTATION, SPACING = "00200032", "00200037", "00280030"
PLANE_POSITION, PLANE_ORIENTATION, PIXEL_MEASURES = "00209113", "00209116", "00289110"
GEOMETRY = (POSITION, ORIENTATION, SPACING, "52009229", "52009230")  # all that is read of an image
UNEVEN = 0.2  # of the step from slice to slice
ASKEW_MM = 2.0  # that slices may be shifted against each other, in their planes


class Irregular(ValueError):
    """No regular stack; why, as the end of a sentence about a series."""


class Slice(NamedTuple):
    """A frame of an image, with its place."""

    instance: int
    frame: int
    pixel_hash: str
    rows: int
    columns: int
    position: Sequence[Any]
    cosines: Sequence[Any]  # along a row, down a column: PS3.3 C.7.6.2.1.1
    spacing: Sequence[Any]  # mm from row to row, from column to column


class Stack(NamedTuple):
    slices: list[Slice]  # as they hang
    spacing: tuple[float, float, float]  # mm: along the stack, down and across
    sideways: int  # the axis of these along which the patient's left and right lie

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.slices), self.slices[0].rows, self.slices[0].columns

    @property
    def name(self) -> str:
        """Of how it lies, for keys of caches."""
        return "x".join(f"{mm:.4f}" for mm in self.spacing) + f"-{self.sideways}"


def slice_of(
    instance: int, frame: int, pixel_hash: str, size: tuple[int, int], metadata: Mapping[str, Any]
) -> Slice:
    """metadata: its DICOM JSON, of which GEOMETRY is enough."""
    told = dict(metadata)

    def values(macro: str, tag: str) -> Sequence[Any]:
        found: Sequence[Any] = of_frame(told, frame, macro, tag).get(tag, {}).get("Value") or []
        return found

    return Slice(
        instance,
        frame,
        pixel_hash,
        *size,
        values(PLANE_POSITION, POSITION),
        values(PLANE_ORIENTATION, ORIENTATION),
        values(PIXEL_MEASURES, SPACING),
    )


def stack_of(slices: Sequence[Slice]) -> Stack:
    """By where they lie, whatever their numbers and thickness say. Raises Irregular."""
    if len(slices) < 2:
        raise Irregular(Said("has one slice only", "stack_one_slice"))
    places = [place_of(one.position, one.cosines) for one in slices]
    if not all(places) or any(len(one.spacing) != 2 for one in slices):
        raise Irregular(Said("does not say where each of its slices lies", "stack_without_places"))
    if len({(one.rows, one.columns, *map(float, one.spacing)) for one in slices}) > 1:
        raise Irregular(Said("has slices of different sizes", "stack_sizes"))
    normals = np.array([place.normal for place in places if place])
    if (normals @ normals[0] < ALIKE).any():
        raise Irregular(Said("has slices that lie in different orientations", "stack_orientations"))
    ordered = [slices[at] for at in order_of(places)]
    down, across = map(float, ordered[0].spacing)
    deep = _step(ordered, normals[0])
    cosines = np.array(ordered[0].cosines, dtype=float)
    left_right = np.abs([normals[0][0], cosines[3], cosines[0]])
    return Stack(ordered, (deep, down, across), int(left_right.argmax()))


def _step(ordered: Sequence[Slice], normal: np.ndarray) -> float:
    """mm from slice to slice, the same between all."""
    positions = np.array([one.position for one in ordered], dtype=float)
    along = positions @ normal
    if np.diff(np.sort(along)).min() < APART_MM:
        raise Irregular(Said("has several slices in one place", "stack_same_place"))
    steps = np.abs(np.diff(along))
    middle = float(np.median(steps))
    worst = int(np.abs(steps - middle).argmax())
    if abs(steps[worst] - middle) > UNEVEN * middle:
        wide, usual = f"{steps[worst]:.1f}", f"{middle:.1f}"
        gap = f"has a gap: its slices {worst + 1} and {worst + 2} lie {wide} mm apart, the others {usual} mm"
        raise Irregular(Said(gap, "stack_gap", after=worst + 1, mm=wide, usual_mm=usual))
    aside = positions - np.outer(along, normal)
    if math.sqrt(((aside - aside[0]) ** 2).sum(1).max()) > ASKEW_MM:
        raise Irregular(Said("has slices that are shifted against each other", "stack_shifted"))
    return middle
