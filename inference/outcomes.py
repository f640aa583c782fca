"""What became of a proposal at a read: untouched, accepted or changed, slot by slot."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

SAME_PIXELS = 0.5  # how far a coordinate may move and still be the one that was proposed
PLACES = {"box", "at", "points"}
# of an item: what says nothing of where it lies, or follows from it; attributes are compared one by one
IGNORED = {"id", "score", "attributes", "value"}


class Outcome(StrEnum):
    NOT_SHOWN = ""
    UNTOUCHED = "untouched"  # the slot was left open, or closed by another answer
    ACCEPTED = "accepted"
    CHANGED = "changed"  # not assessable as well: that is an answer, and not the model's


def outcome(proposal: Mapping[str, Any] | None, answer: Mapping[str, Any] | None) -> Outcome:
    if proposal is None:
        return Outcome.NOT_SHOWN
    if answer is None or answer.get("state") not in ("answered", "not_assessable"):
        return Outcome.UNTOUCHED
    if answer["state"] != "answered":
        return Outcome.CHANGED
    return Outcome.ACCEPTED if _same(proposal["value"], answer.get("value")) else Outcome.CHANGED


def _same(proposed: Any, given: Any) -> bool:
    """Lists are the same whatever their order: options by their names, items by where they lie."""
    if not isinstance(proposed, list) or not isinstance(given, list):
        return bool(proposed == given)
    if len(proposed) != len(given):
        return False
    fits = [[at for at, other in enumerate(given) if _same_entry(one, other)] for one in proposed]
    taken: dict[int, int] = {}  # by the place in `given`: the proposal that it belongs to
    return all(_find(number, fits, taken, set()) for number in range(len(fits)))


def _find(number: int, fits: list[list[int]], taken: dict[int, int], tried: set[int]) -> bool:
    """Gives a proposal its entry; one that has it moves to another where it can (augmenting paths)."""
    for at in fits[number]:
        if at not in tried:
            tried.add(at)
            if at not in taken or _find(taken[at], fits, taken, tried):
                taken[at] = number
                return True
    return False


def _same_entry(proposed: Any, given: Any) -> bool:
    """What the reader adds to an item that the model says nothing of is no change."""
    if not isinstance(proposed, Mapping) or not isinstance(given, Mapping):
        return bool(proposed == given)
    asked, told = proposed.get("attributes", {}), given.get("attributes", {})
    return all(told.get(key) == value for key, value in asked.items()) and all(
        _near(value, given.get(key)) if key in PLACES else value == given.get(key)
        for key, value in proposed.items()
        if key not in IGNORED
    )


def _near(proposed: Any, given: Any) -> bool:
    ours, theirs = list(_numbers(proposed)), list(_numbers(given))
    return len(ours) == len(theirs) and all(
        abs(a - b) <= SAME_PIXELS for a, b in zip(ours, theirs, strict=True)
    )


def _numbers(place: Any) -> Iterator[float]:
    """The coordinates of a box, a point or a list of points."""
    if isinstance(place, list):
        for part in place:
            yield from _numbers(part)
    elif place is not None:
        yield place
