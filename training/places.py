"""What a model marks on the pictures of cases."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from training.dataset import Dataset
from training.engine.batches import Images
from training.engine.dense.fast import fit_dense
from training.engine.dense.seeing import Dense
from training.engine.encoder import Encoder
from training.engine.examples import dense_slots
from training.engine.model import Model
from training.pictures import Bag, image_cache, map_cache
from training.reporting import Reporting

AT_ONCE = 64  # pictures in memory


def fit(
    fields: Sequence[Mapping[str, Any]],
    data: Dataset,
    encoder: Encoder,
    before: Dense,
    *,
    size: int,
    seed: int,
    reporting: Reporting,
) -> Dense | None:
    """New heads on maps of the encoder that are kept: those of new pictures alone are made now."""
    if not dense_slots(fields):
        return None
    data = data.of("train", "tune")
    wanted = data.pictures
    squares, cache = image_cache(size), map_cache(encoder, before, size)
    missing = cache.missing([picture.key for picture in wanted])
    for at in range(0, len(missing), AT_ONCE):
        part = missing[at : at + AT_ONCE]
        reporting.maps(len(wanted) - len(missing) + at, len(wanted))
        cache.put(part, before.maps(encoder, squares.rows(part)))
    maps = Images(*cache.array_for([picture.key for picture in wanted]), data.starts)
    return fit_dense(fields, data.examples, maps, before, size, seed=seed, report=reporting.placing)


def mark(
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
