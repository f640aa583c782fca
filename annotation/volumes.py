"""What a template may say of reading its cases as volumes: [training] images = "volume"."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from annotation.kinds import REGIONS

VOLUME = "volume"
SPACING = (0.1, 20.0)  # mm
SIDES = (4, 512)  # voxels
MOST_VOXELS = 2_000_000  # a step of a few volumes needs a thousand times the memory of one
# what is of pictures, or of the networks that read them
OF_PICTURES = (
    *("encoder", "size", "slices", "pictures", "small_share", "erasing", "both_ways", "halves"),
    *("mirrored", "turning", "zooming", "stretching", "shifting", "mixing", "skipping", "pretrain"),
)
EXAMPLE = "volume = { spacing_mm = [3.3, 1.2, 1.2], shape = [24, 96, 96] }"
OTHER_VOLUMES = (
    "[training] reads its cases as other volumes than before, or as none: the models of the two could not be compared."
    " Make a new task of it."
)


def reads_volumes(content: Mapping[str, Any]) -> bool:
    return bool(content.get("training", {}).get("images") == VOLUME)


def problems(content: Mapping[str, Any]) -> list[str]:
    """A sentence each."""
    return [f"[training] {one}" for one in _problems(content)]


def clashes(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Where models of both forms could not answer the same test."""
    before, after = (_read_as(content) for content in (old, new))
    if before == after:
        return []
    return [OTHER_VOLUMES]


def _read_as(content: Mapping[str, Any]) -> Any:
    return content["training"].get(VOLUME) if reads_volumes(content) else None


def _problems(content: Mapping[str, Any]) -> Iterator[str]:
    training = content.get("training", {})
    if not reads_volumes(content):
        if VOLUME in training:
            yield 'volume says how volumes are read; write images = "volume" beside it.'
    else:
        yield from _grid_problems(training.get(VOLUME))
        if found := [name for name in OF_PICTURES if name in training]:
            yield f"{' and '.join(found)} say how pictures are read; leave them out where volumes are."
        if placed := [str(of["key"]) for of in content["fields"] if of["kind"] in REGIONS]:
            yield (
                f"no place is found in a volume, and {', '.join(placed)} asks for some: they are learned from single"
                ' slices, by images = "all".'
            )


def _grid_problems(grid: Any) -> Iterator[str]:
    if not isinstance(grid, Mapping) or set(grid) != {"spacing_mm", "shape"}:
        yield f"images = {VOLUME!r} needs {EXAMPLE}: along the stack, down and across its slices."
        return
    spacing, shape = grid["spacing_mm"], grid["shape"]
    if not _three(spacing, int | float, SPACING):
        yield f"spacing_mm must be three numbers from {SPACING[0]} to {SPACING[1]:g}."
    if not _three(shape, int, SIDES):
        yield f"shape must be three whole numbers from {SIDES[0]} to {SIDES[1]}."
    elif math.prod(shape) > MOST_VOXELS:
        yield f"a volume of {math.prod(shape):,} voxels is too large; it may have {MOST_VOXELS:,}."


def _three(values: Any, kind: Any, between: tuple[float, float]) -> bool:
    if not isinstance(values, list) or len(values) != 3:
        return False
    sound = (isinstance(one, kind) and not isinstance(one, bool) for one in values)
    return all(sound) and all(between[0] <= one <= between[1] for one in values)
