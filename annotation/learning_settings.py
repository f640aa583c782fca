"""What each line of a template's [training] may say; docs/learning.md explains them in the same order."""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from annotation.kinds.number import is_number

CELL = 32  # pixels of a picture between two places of a network's last map
MOST_MIXED = 10  # beyond, every pair is half and half


class Line(NamedTuple):
    """`is_`: what it must be, the end of a sentence."""

    is_: str
    fits: Callable[[Any], bool]


def whole(least: int, most: int, *, step: int = 1, of: str = "") -> Line:
    divided = f" that {step} divides" if step > 1 else ""
    return Line(
        f"a whole number{of} from {least} to {most}{divided}",
        lambda value: type(value) is int and least <= value <= most and value % step == 0,
    )


def number(least: float, below: float, *, of: str = "a number") -> Line:
    """From `least` to below."""
    return Line(
        f"{of} from {least:g} to below {below:g}",
        lambda value: is_number(value) and least <= value < below,
    )


def rate(most: float) -> Line:
    return Line(
        f"a number above 0, {most:g} at the most",
        lambda value: is_number(value) and 0 < value <= most,
    )


def one_of(*names: str) -> Line:
    return Line(f"one of {', '.join(names)}", lambda value: value in names)


def table(lines: Mapping[str, Line]) -> Line:
    return Line(
        f"a table of {', '.join(lines)}",
        lambda value: isinstance(value, Mapping) and not [*problems(value, lines)],
    )


SIZE = whole(32, 1024, step=CELL, of=" of pixels")
BATCH = whole(1, 512)
DECAY = number(0, 1)
SWITCH = Line("true or false", lambda value: isinstance(value, bool))
ELSEWHERE = Line("", lambda value: True)  # its own file says what it may be

PRETRAIN: dict[str, Line] = {
    "passes": whole(1, 10_000),
    "shown": whole(1, 100_000_000),
    "batch": whole(2, 512),
    "lr": rate(1),
    "weight_decay": DECAY,
    "size": SIZE,
    "mirror": SWITCH,
}

SETTINGS: dict[str, Line] = {
    # what is read of a case, and by which network
    "encoder": one_of("efficientnet_lite0", "resnet18", "resnet34", "resnet50", "densenet121"),
    "images": one_of("first", "all", "volume"),
    "slices": whole(1, 512),
    "volume": ELSEWHERE,  # volumes.py
    "size": SIZE,
    "mirror": one_of("L", "R"),
    "covariates": ELSEWHERE,  # covariates.py
    "halves": SWITCH,
    # how a full run learns
    "epochs": whole(1, 1000),
    "patience": whole(1, 1000),
    "batch": BATCH,
    "accumulate": whole(1, 64),
    "pictures": whole(1, 512),
    "lr": rate(1),
    "weight_decay": DECAY,
    "dropout": number(0, 1),
    "small_share": Line(
        "a share of the epochs, a number from 0 to 1",
        lambda value: is_number(value) and 0 <= value <= 1,
    ),
    "ema": number(0, 1),
    "turning": number(0, 180, of="a number of degrees"),
    "zooming": number(0, 0.5),
    "stretching": number(0, 0.5),
    "shifting": number(0, 0.5),
    "erasing": Line(
        "a share of the pictures, a number from 0 to 1",
        lambda value: is_number(value) and 0 <= value <= 1,
    ),
    "mixing": Line(
        f"a number from 0 to {MOST_MIXED}",
        lambda value: is_number(value) and 0 <= value <= MOST_MIXED,
    ),
    "skipping": number(0, 1, of="a share of the pictures, a number"),
    "mirrored": SWITCH,
    "both_ways": SWITCH,
    "pretrain": table(PRETRAIN),
}


def problems(told: Mapping[str, Any], lines: Mapping[str, Line] = SETTINGS) -> Iterator[str]:
    """What is wrong line by line, a sentence each, with the line's name."""
    for name, value in told.items():
        line = lines.get(name)
        if line is None:
            yield _unknown(name, lines)
        elif name == "pretrain" and isinstance(value, Mapping):
            yield from (f"pretrain: {one}" for one in problems(value, PRETRAIN))
        elif not line.fits(value):
            yield f"{name} must be {line.is_}, not {json.dumps(value, default=str)}."


def _unknown(name: str, known: Collection[str]) -> str:
    if like := get_close_matches(name, known, 1):
        return f"{name} is not known; is {like[0]} meant?"
    return f"{name} is not known; there are {', '.join(known)}."
