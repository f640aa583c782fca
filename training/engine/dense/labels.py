"""What there is to learn of places: of each slot the items on every picture, and what is not known of a picture."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.engine.batches import Marked
from training.engine.examples import Example, Field, Slot, answers_of, dense_slots, references
from training.engine.labels import LEAST_CASES
from training.recipes.dense import DenseRecipe, Items
from training.recipes.place import Affine, after, scaling
from training.recipes.stacks import shown_on
from training.recipes.statistics import Floats

STRIDE = 4  # pixels of a square between two cells


@dataclass
class DenseLabels:
    """One dense slot's items over all examples, and the examples of which they are known."""

    slot: Slot[DenseRecipe]
    items: list[list[Items | None]]  # of each picture of each example; None: unknown
    known: NDArray[np.bool_]  # (N,)
    outputs: slice
    start: Floats  # (channels,)

    def truth(self, chosen: NDArray[np.int64], examples: Sequence[Example]) -> list[Any]:
        """The answers' own values, with the pictures that they tell of."""
        answers = references(self.slot, [examples[n] for n in chosen])
        return [(answer or {})["value"] for answer in answers]


def collect_dense(
    fields: Sequence[Field],
    examples: Sequence[Example],
    splits: Collection[str],
    size: int,
    stride: int = STRIDE,
) -> list[DenseLabels]:
    """Labels of every dense slot that enough cases answer and in which something is marked in `splits`."""
    found: list[DenseLabels] = []
    at, cells = 0, -(-size // stride)  # the maps' sides
    learning = np.array([example.split in splits for example in examples], dtype=bool)
    teaching = np.array([example.split != "test" for example in examples], dtype=bool)
    for slot in dense_slots(fields):
        values, known = slot.recipe.target(slot.field, answers_of(slot, examples))
        marked = np.array([bool(value) for value in values]) & known
        if (known & teaching).sum() < LEAST_CASES or not (marked & learning).any():
            continue
        items = [
            _by_picture(example, values[n]) if known[n] else [None] * len(example.places)
            for n, example in enumerate(examples)
        ]
        shown = [
            (on, to_cells(examples[n], picture, size, stride))
            for n in np.flatnonzero(marked & learning).tolist()
            for picture, on in enumerate(items[n])
            if on
        ]
        if not shown:
            continue  # they are marked on pictures that are not read
        outputs = slice(at, at + slot.recipe.channels(slot.field))
        start = slot.recipe.start(slot.field, shown, (cells, cells))
        found.append(DenseLabels(slot, items, known, outputs, start))
        at = outputs.stop
    return found


def to_cells(example: Example, picture: int, size: int, stride: int) -> Affine:
    """From an image's pixels to the cells of its picture's maps."""
    return after(scaling(1 / stride), example.places[picture].to_square(size))


def marked_in(labels: Sequence[DenseLabels]) -> Marked:
    """The pictures of each example that show something."""
    found: dict[int, NDArray[np.int64]] = {}
    for n in range(len(labels[0].items) if labels else 0):
        some = np.any([[bool(on) for on in one.items[n]] for one in labels], axis=0)
        if some.any():
            found[n] = np.flatnonzero(some)
    return found


def _by_picture(example: Example, items: Items) -> list[Items | None]:
    """Where a stack's item says from which slice to which it reaches, it stands on all of them. Where it does not, the
    slices beside its own may show it too and are unknown. What is marked on one view or stack may show on the case's
    others as well, where nobody need mark it again: of those nothing is known."""
    places = example.places
    found: list[list[Any]] = [[] for _ in places]
    unknown: set[int] = set()
    for item in items:
        at, reaches = shown_on(item, places)
        if at is None:
            continue
        for n in reaches:
            found[n].append(item)
        if "extent" not in item and places[at].stack:
            unknown |= {
                n
                for n in (at - 1, at + 1)
                if 0 <= n < len(places) and places[n].stack == places[at].stack
            }
    if items:
        stacks = {place.stack for place, on in zip(places, found, strict=True) if on} - {""}
        unknown |= {n for n, place in enumerate(places) if place.stack not in stacks}
    return [None if n in unknown and not on else on for n, on in enumerate(found)]
