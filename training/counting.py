"""How many cases, patients and answers a model learned from and was tested on, by split: what its card says."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from annotation import forms
from training.engine.examples import Example


def count(rows: Sequence[Example], kinds: Mapping[str, str]) -> dict[str, Any]:
    """{"cases", "patients", "splits": {split: {"cases", "patients", "slots": {slot: {answer: how many}}}}}.

    `kinds`: that of each slot; a slot that nobody was asked counts for nothing.
    """
    return {
        "cases": len(rows),
        "patients": len({row.patient for row in rows}),
        "splits": {
            split: _part([row for row in rows if row.split == split], kinds)
            for split in ("train", "tune", "test")
        },
    }


def _part(rows: Sequence[Example], kinds: Mapping[str, str]) -> dict[str, Any]:
    tallies: dict[str, Counter[str]] = {slot: Counter() for slot in kinds}
    for row in rows:
        for slot, answer in row.answers.items():
            if slot in kinds and answer.get("state") != forms.NOT_ASKED:
                tallies[slot][_told(kinds[slot], answer)] += 1
    return {
        "cases": len(rows),
        "patients": len({row.patient for row in rows}),
        "slots": {slot: dict(sorted(tally.items())) for slot, tally in tallies.items() if tally},
    }


def _told(kind: str, answer: Mapping[str, Any]) -> str:
    if answer.get("state") != forms.ANSWERED:
        return forms.NOT_ASSESSABLE
    return TOLD.get(kind, _any)(answer.get("value"))


def _chosen(value: Any) -> str:
    return " + ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


def _found(value: Any) -> str:
    return f"{len(value)} found" if len(value) < MANY else f"{MANY} or more found"


def _measured(value: Any) -> str:
    return "measured"


def _any(value: Any) -> str:
    """Of a kind without a line."""
    return _found(value) if isinstance(value, list) else "answered"


MANY = 3
# How an answer of a kind is counted: what would have as many values as cases is counted as given.
TOLD: dict[str, Callable[[Any], str]] = {
    "presence": str,
    "grade": str,
    "choice": _chosen,
    "number": _measured,
    "boxes": _found,
    "points": _found,
    "polygon": _found,
    "mask": _found,
    "measure": _found,
}
