"""How many cases, patients and answers a snapshot holds, by split: what a model card says that its model learned from."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from annotation import forms
from annotation.models import Form, Snapshot, SnapshotCase


class Row(NamedTuple):
    patient: str
    split: str
    answers: Mapping[str, Mapping[str, Any]]


def counts_of(snapshot: Snapshot, form: Form) -> dict[str, Any]:
    """{"cases", "patients", "splits": {split: {"cases", "patients", "slots": {slot: {answer: how many}}}}}."""
    rows = SnapshotCase.objects.filter(snapshot=snapshot).values_list("patient", "split", "answers")
    kinds = {slot.slot: slot.field["kind"] for slot in forms.slots(form.content)}
    return count([Row(*row) for row in rows.iterator()], kinds)


def count(rows: Iterable[Row], kinds: Mapping[str, str]) -> dict[str, Any]:
    """As `counts_of`; a slot that nobody was asked counts for nothing."""
    rows = list(rows)
    return {
        "cases": len(rows),
        "patients": len({row.patient for row in rows}),
        "splits": {
            split: _part([row for row in rows if row.split == split], kinds)
            for split in ("train", "tune", "test")
        },
    }


def _part(rows: list[Row], kinds: Mapping[str, str]) -> dict[str, Any]:
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
    return TOLD[kind](answer.get("value"))


def _chosen(value: Any) -> str:
    return " + ".join(map(str, value)) or "none" if isinstance(value, list) else str(value)


def _found(value: Any) -> str:
    return f"{len(value)} found" if len(value) < MANY else f"{MANY} or more found"


def _measured(value: Any) -> str:
    return "measured"


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
