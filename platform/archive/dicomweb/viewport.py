"""The query parameters of rendered images (PS3.18 8.3.5.1): window, viewport, quality."""

import re
from collections.abc import Mapping
from math import isfinite
from typing import NamedTuple

from accounts.errors import Problem

NUMBER = re.compile(r"[-+]?[0-9]{1,9}(\.[0-9]{1,9})?", re.ASCII)
FUNCTIONS = ("linear", "linear-exact", "sigmoid")
MAX_SIDE = 8192
WINDOW = "window is center,width,function: two numbers, the width above 0, and linear, linear-exact or sigmoid."
VIEWPORT = (
    f"viewport is width,height of 1 to {MAX_SIDE}, or those and x,y,width,height of a part of the image;"
    " a negative width or height mirrors it."
)
QUALITY = "quality is a whole number from 1 to 100."


class Window(NamedTuple):
    """PS3.3 C.11.2.1.2."""

    center: float
    width: float
    function: str = "linear"


class Viewport(NamedTuple):
    width: int  # the picture fits into these, its proportions kept
    height: int
    region: tuple[float, float, float, float] | None = None  # x, y, width, height in pixels


def window_of(given: Mapping[str, str]) -> Window | None:
    if "window" not in given:
        return None
    center, width, function = [*given["window"].split(","), "", "", ""][:3]
    middle, extent = _numbers([center, width], WINDOW)
    if given["window"].count(",") != 2 or function.lower() not in FUNCTIONS or extent <= 0:
        raise Problem(400, WINDOW)
    return Window(middle, extent, function.lower())


def viewport_of(given: Mapping[str, str]) -> Viewport | None:
    if "viewport" not in given:
        return None
    texts = given["viewport"].split(",")
    if len(texts) not in (2, 6):
        raise Problem(400, VIEWPORT)
    defaults = ["1", "1", "0", "0", "1", "1"]
    width, height, *region = _numbers(
        [text or default for text, default in zip(texts, defaults, strict=False)], VIEWPORT
    )
    if not all(1 <= side <= MAX_SIDE and side == int(side) for side in (width, height)):
        raise Problem(400, VIEWPORT)
    if not region:
        return Viewport(int(width), int(height))
    x, y, columns, rows = region
    if x < 0 or y < 0 or not columns or not rows:
        raise Problem(400, VIEWPORT)
    return Viewport(int(width), int(height), (x, y, columns, rows))


def quality_of(given: Mapping[str, str]) -> int:
    text = given.get("quality", "90")
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or not 1 <= int(text) <= 100:
        raise Problem(400, QUALITY)
    return int(text)


def _numbers(texts: list[str], sentence: str) -> list[float]:
    if not all(NUMBER.fullmatch(text) for text in texts):
        raise Problem(400, sentence)
    numbers = [float(text) for text in texts]
    assert all(isfinite(number) for number in numbers)
    return numbers
