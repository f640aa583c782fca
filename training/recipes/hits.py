"""How well places were found: free-response curves and average precision of hits against what readers marked."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.recipes import statistics
from training.recipes.statistics import Floats, Ints

Item = Mapping[str, Any]
Picture = tuple[str, int]  # image, frame
Near = Callable[
    [Item, Item], float | None
]  # how near two items are, higher is nearer; None: not the same
FALSE_EACH = (0.25, 0.5, 1.0, 2.0)  # a case, or a picture, at which a curve is read


class Hits(NamedTuple):
    """All hits of some cases, the surest first."""

    scores: Floats  # (H,)
    right: NDArray[np.bool_]  # (H,)
    case: Ints  # (H,)
    marked: Floats  # (N,): items of each case
    found: list[Item]  # (H,)


def matched(y_true: Sequence[Sequence[Item]], found: Sequence[Sequence[Item]], near: Near) -> Hits:
    """Within a case the surest hit takes the nearest item that is left; what finds none, or one taken, is false. Hits on
    pictures of which nothing is known are neither."""
    rows = []
    for case, (items, hits) in enumerate(zip(y_true, found, strict=True)):
        free = list(range(len(items)))
        for hit in sorted(known(items, hits), key=lambda hit: -hit["score"]):
            best = max(
                (
                    (nearness, -at)
                    for at in free
                    if is_on(items[at], hit) and (nearness := near(items[at], hit)) is not None
                ),
                default=None,
            )
            if best is not None:
                free.remove(-best[1])
            rows.append((hit["score"], best is not None, case, hit))
    rows.sort(key=lambda row: -row[0])
    return Hits(
        np.array([row[0] for row in rows], dtype=np.float64),
        np.array([row[1] for row in rows], dtype=bool),
        np.array([row[2] for row in rows], dtype=np.int64),
        np.array([len(items) for items in y_true], dtype=np.float64),
        [row[3] for row in rows],
    )


def is_on(item: Item, hit: Item) -> bool:
    """A hit of a stack counts on every slice that it was seen on, and on those beside them; an item of a stack is on every
    slice that its reader said it reaches to."""
    return not _pictures(item, "on").isdisjoint(_pictures(hit, "on"))


def known(items: Sequence[Item], hits: Sequence[Item]) -> list[Item]:
    """The hits that can be judged. What is marked on one view or stack may show on others, where nobody need mark it again;
    a case without any mark shows nothing on all of them."""
    told = known_pictures(items)
    return [hit for hit in hits if not items or not told.isdisjoint(_pictures(hit, "on"))]


def known_pictures(items: Sequence[Item]) -> set[Picture]:
    """Those of which the items of a case tell all that they show."""
    return {picture for item in items for picture in _pictures(item, "among")}


def _pictures(of: Item, which: str) -> set[Picture]:
    """See stacks.told_of; its own where nothing more is said."""
    return {(image, frame) for image, frame in of.get(which, [[of["image"], of["frame"]]])}


def average_precision(hits: Hits, weights: Floats) -> Floats:
    """(rounds,): area under precision by recall, precision raised to the best at any higher recall, for case weights
    (rounds, N). NaN where nothing is marked."""
    right, false, marked = _sums(hits, weights)
    precision = statistics.divide(right, right + false)
    best = np.maximum.accumulate(np.nan_to_num(precision)[:, ::-1], axis=1)[:, ::-1]
    gained = np.diff(right, axis=1, prepend=0)
    return statistics.divide((gained * best).sum(1), marked)


def sensitivity_at(
    hits: Hits, weights: Floats, false_each: float, pictures: Floats | None = None
) -> Floats:
    """(rounds,): share of the marked items that is found where there are so many false hits a case at most, or a picture,
    of which each case has so many (N,)."""
    right, false, marked = _sums(hits, weights)
    over = weights.sum(1) if pictures is None else weights @ pictures
    allowed = false <= false_each * over[:, None] + 1e-9
    return statistics.divide((right * allowed).max(1, initial=0), marked)


def curve(hits: Hits, pictures: Floats | None = None) -> list[list[float]]:
    """[false hits a case, or a picture, sensitivity] from the surest hit on, where the sensitivity rises; `pictures` as
    of sensitivity_at."""
    right, false, marked = _sums(hits, np.ones((1, len(hits.marked))))
    over = len(hits.marked) if pictures is None else float(pictures.sum())
    if not marked[0]:
        return []
    rises = np.flatnonzero(np.diff(right[0], prepend=0) > 0)
    last = {
        float(false[0, at]): float(right[0, at]) for at in rises
    }  # of each number of false ones
    return [
        [round(wrong / over, 4), round(found / float(marked[0]), 4)]
        for wrong, found in last.items()
    ]


def best_threshold(hits: Hits) -> float | None:
    """The score from which on F1 is largest, half-way to the next lower one; None where none is right."""
    right, false, marked = _sums(hits, np.ones((1, len(hits.marked))))
    f1 = statistics.divide(2 * right[0], right[0] + false[0] + marked[0])
    if not len(f1) or not np.nanmax(f1) > 0:
        return None
    scores = hits.scores[_ends(hits)]
    at = int(np.nanargmax(f1))
    lower = scores[at + 1] if at + 1 < len(scores) else 0.0
    return float((scores[at] + lower) / 2)


def _sums(hits: Hits, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Right and false ones (rounds, E) down to each score that occurs, and the marked items (rounds,)."""
    each, ends = weights[:, hits.case], _ends(hits)
    right = np.cumsum(each * hits.right, axis=1)[:, ends]
    false = np.cumsum(each * ~hits.right, axis=1)[:, ends]
    return right, false, weights @ hits.marked


def _ends(hits: Hits) -> Ints:
    """The last of the hits of each score: those of one score come together."""
    if not len(hits.scores):
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(np.r_[np.diff(hits.scores) < 0, True])
