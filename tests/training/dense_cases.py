"""Made-up pictures on which something lies that a network can find: a bright box in noise, or none."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.training.engine_cases import answered
from training.engine.examples import Example
from training.engine.images import prepare
from training.recipes.place import Place

BOXES: dict[str, Any] = {"key": "where", "kind": "boxes", "label": "Where", "sites": []}
ROWS, COLUMNS, SIDE = 90, 120, 64  # of an image, of a square


def bright(n: int, boxes: int = 1, seed: int = 0) -> tuple[NDArray[np.uint8], list[Any]]:
    """Image n with so many bright boxes, and its items."""
    rng = np.random.default_rng([seed, n])
    pixels = rng.normal(60, 15, (ROWS, COLUMNS))
    items = []
    for number in range(boxes):
        width, height = rng.integers(20, 40), rng.integers(16, 30)
        x, y = rng.integers(0, COLUMNS - width), rng.integers(0, ROWS - height)
        pixels[y : y + height, x : x + width] += 120
        box = [float(x), float(y), float(x + width), float(y + height)]
        items.append({"id": f"r{number}", "image": f"1.{n}", "frame": 1, "box": box})
    return np.clip(pixels, 0, 255).astype(np.uint8), items


def marked(splits: dict[str, int], seed: int = 0) -> tuple[list[Example], NDArray[np.uint8]]:
    """Examples of which every fourth shows nothing, and their squares."""
    examples: list[Example] = []
    squares = []
    for split, count in splits.items():
        for _ in range(count):
            n = len(examples)
            pixels, items = bright(n, boxes=int(n % 4 > 0), seed=seed)
            place = Place(f"1.{n}", 1, ROWS, COLUMNS)
            examples.append(
                Example(f"c{n}", f"p{n}", split, {"where": answered(items)}, "", (place,))
            )
            squares.append(prepare(pixels, mirror=False, size=SIDE))
    return examples, np.stack(squares)
