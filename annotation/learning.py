"""What a template says of how models learn, as far as it can be wrong: its [training] table, and the `crop` of fields."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotation.kinds import REGIONS
from annotation.kinds.number import is_number
from annotation.learning_settings import problems as setting_problems
from annotation.volumes import VOLUME

Field = Mapping[str, Any]

LEAST_HALVED = 128  # of a smaller picture hardly more than the whole would be a half
LOCATE = ("boxes", "points")  # kinds whose items a crop may be cut about
CROP = {"field", "margin", "size", "mm", "share"}
MOST_MARGIN = 2.0  # of a box's longer side
SIZES = range(32, 1025)  # pixels of a crop's square
PICTURES = ("first", "all")  # what of a case is read as pictures


def problems(content: Mapping[str, Any]) -> list[str]:
    """A sentence each."""
    training = content.get("training")
    if not isinstance(training, Mapping):
        return ["It needs a table [training], which says at least the size of the pictures."]
    found = [*setting_problems(training), *_lacking(training)]
    if not found:
        found = [*_halves_problems(content), *_picture_problems(content)]
    return [f"[training] {one}" for one in found] + [
        f"Field {field['key']!r}: {one}"
        for field in content["fields"]
        for one in _crop_problems(field, content["fields"])
    ]


def _halves_problems(content: Mapping[str, Any]) -> Iterator[str]:
    training = content["training"]
    if not training.get("halves", False):
        return
    if training.get("size", LEAST_HALVED) < LEAST_HALVED:
        yield f"halves need a size of at least {LEAST_HALVED} pixels."
    placed = [str(field["key"]) for field in content["fields"] if field.get("kind") in REGIONS]
    if placed:
        yield (
            f"halves are for answers about the whole joint: no place can be found for {', '.join(placed)}."
            " Ask for it in a task of its own, or leave halves out."
        )


def _lacking(training: Mapping[str, Any]) -> Iterator[str]:
    if "size" not in training and training.get("images") != VOLUME:
        yield "size is missing: the side of the square that an image is fitted into, such as size = 224."


def _picture_problems(content: Mapping[str, Any]) -> Iterator[str]:
    training = content["training"]
    cropped = any("crop" in field for field in content["fields"])
    if (cropped or training.get("halves") is True) and training.get(
        "images", PICTURES[0]
    ) not in PICTURES:
        yield f"halves and crops are of pictures: images must be {' or '.join(PICTURES)}."


def _crop_problems(field: Field, fields: Sequence[Field]) -> Iterator[str]:
    if any("crop" in attribute for attribute in field.get("attributes", [])):
        yield "its attributes are answered of each item; a crop is for a field of its own."
    crop = field.get("crop")
    if crop is None:
        return
    if field["kind"] in REGIONS:
        yield "places are found on whole images: only a field with one answer can have a crop."
        return
    if not isinstance(crop, Mapping) or "field" not in crop:
        yield 'its crop must be a table that names a field, as crop = { field = "where" }.'
        return
    where = next((one for one in fields if one["key"] == crop["field"]), None)
    if where is None or where["kind"] not in LOCATE:
        yield f"its crop must name a field of this form of the kind {' or '.join(LOCATE)}."
        return
    if unknown := set(crop) - CROP:
        yield f"its crop cannot have {', '.join(sorted(unknown))}."
    if where.get("sites") and where["sites"] != field.get("sites"):
        yield f"its sites must be those of {where['key']!r}, about whose items it is cropped."
    first = next(one for one in fields if "crop" in one)
    if crop != first["crop"]:
        yield f"all crops of a form must be the same; that of {first['key']!r} is another one."
    yield from _size_problems(crop, where)


def _size_problems(crop: Mapping[str, Any], where: Field) -> Iterator[str]:
    size = crop.get("size", SIZES[-1])
    if type(size) is not int or size not in SIZES:
        yield f"the size of its crop must be a whole number of pixels from {SIZES[0]} to {SIZES[-1]}."
    told = {"mm", "share"} & set(crop)
    if where["kind"] == "boxes":
        margin = crop.get("margin", 0)
        if not is_number(margin) or not 0 <= margin <= MOST_MARGIN:
            yield f"the margin of its crop must be from 0 to {MOST_MARGIN:g} times the box's longer side."
        if told:
            yield "a crop about a box is as large as the box and its margin: take mm and share out."
        return
    if "margin" in crop:
        yield "a crop about a point has no margin: say mm or share."
    if len(told) != 1:
        yield (
            "a crop about a point needs its side, either as mm or as a share of the image's longer side."
        )
        return
    [unit] = told
    most = 1 if unit == "share" else 1000
    if not is_number(crop[unit]) or not 0 < crop[unit] <= most:
        yield f"the {unit} of its crop must be a number above 0, {most} at the most."
