"""Areas of pixels, as a DICOM segmentation keeps them: {"segment", "rows", "columns", "runs": [start, length, ...]}.

Runs count the pixels of the frame row by row from 0, ascend and do not touch. The field names its segments.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from accounts.said import Said
from annotation.agreement import overlap
from annotation.kinds.choice import NAME
from annotation.kinds.kind import Field, Figures
from annotation.kinds.regions import Images, Item, Place, Regions

# of all masks of an answer; one with a ragged outline on each of the 2,500 rows of a radiograph has about 5,000
MOST_RUNS = 50_000


class Mask(Regions):
    keys = frozenset({"segment", "rows", "columns", "runs"})

    def value_problem(self, field: Field, value: object, /, complete: bool = False) -> str | None:
        if problem := super().value_problem(field, value, complete):
            return problem
        assert isinstance(value, list)
        runs = sum(len(item["runs"]) for item in value) // 2
        if runs <= MOST_RUNS:
            return None
        sentence = (
            f"These masks have {runs:,} runs of pixels together, and {MOST_RUNS:,} can be kept."
            " Smooth their outlines or remove specks."
        )
        return Said(sentence, "mask_too_large", runs=runs, most=MOST_RUNS)

    def definition_problems(self, field: Field, /) -> list[str]:
        problems = super().definition_problems(field)
        segments = field.get("segments")
        if not isinstance(segments, list) or not segments:
            return [*problems, "it needs one or more segments."]
        values = [str(segment.get("value")) for segment in segments]
        if len(set(values)) != len(values) or not all(NAME.fullmatch(value) for value in values):
            problems.append("its segments' values must be distinct names in lower case.")
        if any(not segment.get("label") for segment in segments):
            problems.append("each segment needs a label.")
        return problems

    def shape_problem(self, field: Field, item: Item, /) -> str | None:
        segments = [segment["value"] for segment in field["segments"]]
        if item["segment"] not in segments:
            return f"its segment must be one of {', '.join(segments)}."
        sides = item["rows"], item["columns"]
        if any(type(side) is not int or side < 1 for side in sides):
            return "its rows and columns must be whole numbers."
        return runs_problem(item["runs"], sides[0] * sides[1])

    def places(self, item: Item, /) -> Iterable[Place]:
        return ()

    def item_on_image_problem(self, field: Field, item: Item, images: Images) -> str | None:
        if problem := super().item_on_image_problem(field, item, images):
            return problem
        image = images[item["image"]]
        if (image.rows, image.columns) == (item["rows"], item["columns"]):
            return None
        rows, columns = image.rows, image.columns
        sentence = f"its mask is not of the size of its image, {columns} x {rows} pixels."
        return Said(sentence, "mask_size", columns=columns, rows=rows)

    def agreement(self, field: Field, first: Sequence[Any], second: Sequence[Any], /) -> Figures:
        """Dice."""
        return {"dice": overlap.dice(first, second, _pixels)}


def runs_problem(runs: object, pixels: int) -> str | None:
    if not isinstance(runs, list) or not runs or len(runs) % 2:
        return "its runs must be pairs of a start and a length; remove an empty mask."
    if any(type(value) is not int for value in runs):
        return "its runs must be whole numbers."
    end = -1
    for start, length in zip(runs[::2], runs[1::2], strict=True):
        if start <= end or length < 1:
            return "its runs must ascend, not touch and not be empty."
        end = start + length
    return None if end <= pixels else "its runs reach beyond its rows and columns."


def _pixels(item: Item) -> overlap.Pixels:
    return overlap.pixels_of_runs(item["runs"])
