"""What a model marks on the pictures of cases."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from training.engine.model import Model
from training.pictures import Bag, image_cache

AT_ONCE = 64  # pictures in memory


def places(
    model: Model, bags: Sequence[Bag], report: Callable[[int, int], None]
) -> list[dict[str, Any]]:
    """For each case a prediction by dense slot, none where the model marks nothing; its pictures are prepared already.

    report: pictures done, of how many.
    """
    found: list[dict[str, Any]] = []
    if not model.dense_slots:
        return [{} for _ in bags]
    cache, total = image_cache(model.size), sum(map(len, bags))
    for part in _parts(bags):
        keys = [picture.key for bag in part for picture in bag]
        cases = [[picture.place for picture in bag] for bag in part]
        found += model.predict_places(cache.rows(keys), cases)
        report(sum(map(len, bags[: len(found)])), total)
    return found


def _parts(bags: Sequence[Bag]) -> Iterator[list[Bag]]:
    """A few cases at a time: one at least, however many its pictures are."""
    part: list[Bag] = []
    for bag in bags:
        if part and sum(map(len, part)) + len(bag) > AT_ONCE:
            yield part
            part = []
        part.append(bag)
    if part:
        yield part
