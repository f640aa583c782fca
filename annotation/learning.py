"""What a template says of how models learn, as far as it can be wrong: its [training] table."""

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.kinds import REGIONS

CELL = 32  # pixels of a picture between two places of a network's last map
LEAST_HALVED = 128  # of a smaller picture hardly more than the whole would be a half


def problems(content: Mapping[str, Any]) -> list[str]:
    """A sentence each."""
    return [f"[training] {one}" for one in _halves_problems(content)]


def _halves_problems(content: Mapping[str, Any]) -> Iterator[str]:
    training = content.get("training", {})
    halves = training.get("halves", False)
    if not isinstance(halves, bool):
        yield "halves must be true or false."
    elif halves:
        size = training.get("size")
        if type(size) is not int or size < LEAST_HALVED or size % CELL:
            yield (
                f"halves need a size of at least {LEAST_HALVED} pixels that {CELL} divides, as 224 is:"
                " each half is a whole number of places of the network's map wide."
            )
        placed = [
            str(field["key"]) for field in content["fields"] if field.get("kind") in REGIONS
        ]
        if placed:
            yield (
                f"halves are for answers about the whole joint: no place can be found for {', '.join(placed)}."
                " Ask for it in a task of its own, or leave halves out."
            )
