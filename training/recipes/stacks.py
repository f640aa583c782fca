"""One finding on several slices of a stack is one hit, on the slice that shows it best. And which pictures of a case a
reader's mark tells of."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from training.recipes.place import Place

Hit = dict[str, Any]  # with image, frame and score
Seen = tuple[int, Hit]  # number of the picture within its case, hit
AS_SURE = (
    0.3  # share of the best slice's score from which a slice next to it shows the finding as well
)
SKIPPED = 1  # slices in a row that may show nothing of what those on either side show


def merged(
    seen: Sequence[Seen],
    places: Sequence[Place],
    alike: Callable[[Hit, Hit], bool],
    together: Callable[[Sequence[Hit]], Hit],
    most: int,
    *,
    extent: bool,
) -> list[Hit]:
    """Hits of a case, the surest first, and at most so many, those that have the surest slice; like ones of a picture are
    one as well.

    together: what the hits of the slices that show one finding say of it, its score too. A hit of a stack says `on` which slices it
    counts: those that show it and the ones beside them. `extent`: it also says from which slice to which it reaches.
    """
    left = sorted(seen, key=lambda one: -one[1]["score"])
    found: list[Hit] = []
    while left and len(found) < most:
        at, best = left[0]
        shown = {at: best}
        for step in (-1, 1):
            shown |= _shown_towards(at, step, left, places, alike)
        first, last = min(shown), max(shown)
        beside = range(max(0, first - 1), min(len(places), last + 2))
        slices = [n for n in beside if n == at or _same_stack(places, n, at)]
        hit = best | together(list(shown.values()))
        if places[at].stack:
            hit["on"] = [list(name) for n in slices for name in places[n].names]
        if extent and places[at].stack:
            hit["extent"] = {
                end: {"image": places[n].image, "frame": places[n].frame}
                for end, n in (("first", first), ("last", last))
            }
        found.append(hit)
        left = [
            one
            for one in left[1:]
            if one[0] not in slices
            or not any(alike(of, one[1]) for of in (best, shown.get(one[0], best)))
        ]
    return sorted(found, key=lambda hit: -hit["score"])


def shown_on(item: Mapping[str, Any], places: Sequence[Place]) -> tuple[int | None, list[int]]:
    """The picture of an item's own slice or view, None where that is not read, and all that show it: those of the extent
    that it was given."""
    numbers = {name: n for n, place in enumerate(places) for name in place.names}
    at = numbers.get((item["image"], item["frame"]))
    if at is None:
        return None, []
    extent = item.get("extent", {"first": item, "last": item})
    first, last = (
        numbers.get((end["image"], end["frame"])) for end in (extent["first"], extent["last"])
    )
    reaches = [] if first is None or last is None else range(first, last + 1)
    return at, sorted({at, *reaches})


def told_of(items: Sequence[Hit], places: Sequence[Place]) -> list[Hit]:
    """Items to judge by: each says on which pictures it is to be found (`on`), and of which pictures of the case its reader
    has said all that they show (`among`): of its own one, or of all slices of its stack."""
    found = []
    for item in items:
        at, reaches = shown_on(item, places)
        if at is not None:
            among = [n for n in range(len(places)) if n in reaches or _same_stack(places, n, at)]
            on, told = ([[places[n].image, places[n].frame] for n in of] for of in (reaches, among))
            item = {**item, "on": on, "among": told}
        found.append(item)
    return found


def _shown_towards(
    at: int,
    step: int,
    left: Sequence[Seen],
    places: Sequence[Place],
    alike: Callable[[Hit, Hit], bool],
) -> dict[int, Hit]:
    """By slice, what in one direction shows what the surest hit, on slice `at`, shows."""
    before, least = left[0][1], AS_SURE * left[0][1]["score"]
    found: dict[int, Hit] = {}
    for n in _onwards(at, step, places):
        like = [hit for where, hit in left if where == n and alike(before, hit)]
        if like and like[0]["score"] >= least:
            found[n] = before = like[0]
            at = n
        elif abs(n - at) > SKIPPED:
            break
    return found


def _onwards(at: int, step: int, places: Sequence[Place]) -> Iterator[int]:
    n = at + step
    while 0 <= n < len(places) and _same_stack(places, n, at):
        yield n
        n += step


def _same_stack(places: Sequence[Place], one: int, other: int) -> bool:
    return bool(places[one].stack) and places[one].stack == places[other].stack
