"""Upright boxes: {"box": [x1, y1, x2, y2]}; where the field asks for an extent, also the slices that it reaches over."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from accounts.said import Said
from annotation.agreement import overlap
from annotation.kinds import regions
from annotation.kinds.kind import Field, Figures
from annotation.kinds.regions import Images, Item, Place, Regions

LEAST_IOU = 0.5  # from which two boxes are the same finding


class Boxes(Regions):
    keys = frozenset({"box"})
    optional = frozenset({"extent"})

    def shape_problem(self, field: Field, item: Item, /) -> str | None:
        if problem := regions.numbers_problem(item["box"], 4):
            return problem
        x1, y1, x2, y2 = item["box"]
        if x1 >= x2 or y1 >= y2:
            sentence = "its box has no area; draw it from its upper left to its lower right corner."
            return Said(sentence, "no_area")
        return self._extent_problem(field, item)

    def _extent_problem(self, field: Field, item: Item) -> str | None:
        if "extent" not in item:
            return None
        extent = item["extent"]
        if not field.get("extent"):
            return "the form asks for no extent."
        if not isinstance(extent, Mapping) or set(extent) != {"first", "last"}:
            return "its extent must have a first and a last slice."
        ends = extent.values()
        if not all(isinstance(end, Mapping) and set(end) == {"image", "frame"} for end in ends):
            return "each end of its extent must have an image and a frame."
        return next((one for end in ends if (one := regions.frame_problem(end))), None)

    def places(self, item: Item, /) -> Iterable[Place]:
        x1, y1, x2, y2 = item["box"]
        return (x1, y1), (x2, y2)

    def item_on_image_problem(self, field: Field, item: Item, images: Images) -> str | None:
        if problem := super().item_on_image_problem(field, item, images):
            return problem
        return _reach_problem(item, item["extent"], images) if "extent" in item else None

    def agreement(self, field: Field, first: Sequence[Any], second: Sequence[Any], /) -> Figures:
        """F1 of boxes that match at an IoU of 0.5."""
        return {"f1": overlap.f1(first, second, _nearness)}


def _reach_problem(item: Item, extent: Mapping[str, Item], images: Images) -> str | None:
    """The first slice comes before the last, in the order in which their series hangs, and the box's own between them."""
    first, last = extent["first"], extent["last"]
    for end in (first, last):
        if problem := regions.not_of_case(end, images):
            return problem
    one, other = images[first["image"]], images[last["image"]]
    if one.series != other.series:
        sentence = "its first and its last slice are of two series; mark both on one."
        return Said(sentence, "extent_two_series")
    begins, ends = (one.place, first["frame"]), (other.place, last["frame"])
    if begins > ends:
        return Said("its last slice comes before its first.", "extent_reversed")
    own = images[item["image"]]
    if own.series != one.series or not begins <= (own.place, item["frame"]) <= ends:
        sentence = (
            "its slices leave out the one on which it is drawn; mark its first and last anew."
        )
        return Said(sentence, "extent_without_own")
    return None


def _nearness(a: Item, b: Item) -> float | None:
    share = overlap.iou(a["box"], b["box"])
    return share if share >= LEAST_IOU else None
