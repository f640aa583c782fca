"""What boxes, points, polygons, masks and measures share: the value is a list of items on the images of the case.

An item: {"id", "image": SOP Instance UID, "frame": from 1, "attributes": {key: value}} and its shape. Coordinates are
continuous pixels, x to the right and y down from the outer corner of the first pixel, with at most two decimals. An
empty list says: looked, and found none.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from accounts.said import Said, within
from annotation.evidence.view import VIEWS
from annotation.kinds import attributes
from annotation.kinds.kind import Field, Figures
from annotation.kinds.number import is_number

Item = Mapping[str, Any]
Place = Sequence[float]  # x, y
COMMON = {"id", "image", "frame"}
MOST = 1000  # items, where the field does not say
ID = re.compile(r"[A-Za-z0-9-]{1,64}")


class CaseImage(NamedTuple):
    """An image of the case, as far as a place on it is checked."""

    frames: int
    rows: int
    columns: int
    view: str  # as in annotation.evidence.view.VIEWS, by tag, description and marker; "" where it is unclear
    series: str = ""
    place: int = 0  # among the images of the case, as they hang


Images = Mapping[str, CaseImage]  # by SOP Instance UID


class Regions(ABC):
    """A kind of region, as annotation.kinds.kind.Kind; each says of itself what its shape is."""

    keys: frozenset[str]  # of an item's shape
    optional: frozenset[str] = frozenset()

    @abstractmethod
    def shape_problem(self, field: Field, item: Item, /) -> str | None:
        """What is wrong with an item's shape, or None; all its keys are there."""

    @abstractmethod
    def places(self, item: Item, /) -> Iterable[Place]:
        """The corners or points of a sound item: they must lie inside the image."""

    @abstractmethod
    def agreement(self, field: Field, first: Sequence[Any], second: Sequence[Any], /) -> Figures:
        """As Kind has it."""

    def definition_problems(self, field: Field, /) -> list[str]:
        limits = field.get("minimum", 0), field.get("maximum", field.get("minimum", 0))
        problems = attributes.definition_problems(field)
        if any(type(limit) is not int for limit in limits) or not 0 <= limits[0] <= limits[1]:
            problems.append("its minimum and maximum must be whole numbers, the lower first.")
        if unknown := [view for view in field.get("views", []) if view not in VIEWS]:
            problems.append(f"its view {unknown[0]!r} must be one of {', '.join(VIEWS)}.")
        return problems

    def value_problem(self, field: Field, value: object, /, complete: bool = False) -> str | None:
        if not isinstance(value, list):
            return "The value must be a list of items."
        if len(value) > (most := field.get("maximum", MOST)):
            return Said(f"There may be {most} at most; remove some.", "too_many", most=most)
        for number, item in enumerate(value, 1):
            if problem := self._item_problem(field, item, complete):
                return within(problem, f"Item {number}: ", item=number)
        ids = [item["id"] for item in value]
        if len(set(ids)) != len(ids):
            return "Two items have the same id."
        if complete and len(value) < field.get("minimum", 0):
            least = field["minimum"]
            return Said(f"Mark at least {least}.", "too_few", least=least)
        return None

    def _item_problem(self, field: Field, item: object, complete: bool) -> str | None:
        if not isinstance(item, Mapping):
            return "it must be an object."
        if missing := (COMMON | self.keys) - set(item):
            return f"it lacks {', '.join(sorted(missing))}."
        if unknown := set(item) - COMMON - {"attributes"} - self.keys - self.optional:
            return f"it cannot have {', '.join(sorted(map(str, unknown)))}."
        if not isinstance(item["id"], str) or not ID.fullmatch(item["id"]):
            return "its id must be letters and digits."
        if problem := frame_problem(item):
            return problem
        return self.shape_problem(field, item) or attributes.problem(
            field, item.get("attributes", {}), complete
        )

    def image_problem(self, field: Field, value: Sequence[Item], images: Images) -> str | None:
        """Why a sound value does not fit the images of its case, or None."""
        for number, item in enumerate(value, 1):
            if problem := self.item_on_image_problem(field, item, images):
                return within(problem, f"Item {number}: ", item=number)
        return None

    def item_on_image_problem(self, field: Field, item: Item, images: Images) -> str | None:
        if problem := not_of_case(item, images):
            return problem
        image, views = images[item["image"]], field.get("views") or []
        if views and image.view and image.view not in views:
            sentence = f"this is marked on {' or '.join(views)} only, not on {image.view}."
            return Said(sentence, "wrong_view", views=views, view=image.view)
        if all(0 <= x <= image.columns and 0 <= y <= image.rows for x, y in self.places(item)):
            return None
        rows, columns = image.rows, image.columns
        sentence = f"it lies outside its image of {columns} x {rows} pixels."
        return Said(sentence, "outside_image", columns=columns, rows=rows)

    def value_of(self, field: Field, text: str, /) -> list[Any]:
        try:
            value = json.loads(text)
        except ValueError:
            raise ValueError("the cell must hold the items as JSON.") from None
        if problem := self.value_problem(field, value):
            raise ValueError(problem)
        items: list[Any] = value
        return items

    def columns(self, slot: str, field: Field, /) -> list[str]:
        """The items as JSON, and how many there are."""
        return [slot, f"{slot}_count"]

    def cells(self, field: Field, value: Any, /) -> list[Any]:
        return [json.dumps(value, separators=(",", ":"), sort_keys=True), len(value)]


def frame_problem(named: Item) -> str | None:
    """What is wrong with an image and a frame as they are named, or None."""
    if not isinstance(named.get("image"), str) or type(named.get("frame")) is not int:
        return "its image must be a SOP Instance UID and its frame a whole number."
    return None


def not_of_case(named: Item, images: Images) -> str | None:
    image = images.get(named["image"])
    if image is None:
        return Said("its image does not belong to this case; remove it.", "image_not_of_case")
    if not 1 <= named["frame"] <= image.frames:
        frames, frame = image.frames, named["frame"]
        sentence = f"its image has {frames} frames; there is no frame {frame}."
        return Said(sentence, "no_such_frame", frames=frames, frame=frame)
    return None


def numbers_problem(values: object, length: int | None = None) -> str | None:
    """Coordinates are finite numbers with two decimals at most."""
    if not isinstance(values, list) or len(values) != (length or len(values)):
        return f"its coordinates must be a list of {length} numbers."
    if not all(
        is_number(value) and abs(value * 100 - round(value * 100)) < 1e-6 for value in values
    ):
        return "its coordinates must be numbers with two decimals at most."
    return None


def points_problem(points: object, least: int, most: int | None = None) -> str | None:
    """Points are a list of [x, y]."""
    if not isinstance(points, list) or not least <= len(points) <= (most or len(points)):
        return f"it needs {least} points." if most else f"it needs {least} points or more."
    return next((one for point in points if (one := numbers_problem(point, 2))), None)
