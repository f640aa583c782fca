"""Writes a snapshot's references as CSV, one row a case, in batches: memory does not grow with the snapshot."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TextIO

from annotation import forms
from annotation.hung import images_of
from annotation.kinds import KINDS
from annotation.models import Annotation, Form, Snapshot, SnapshotCase
from archive.cells import escaped

BATCH = 500
UIDS = ("study_instance_uid", "series_instance_uid", "sop_instance_uid")
BEFORE = (
    "snapshot",
    "snapshot_hash",
    "case",
    "patient",
    "laterality",
    "view_position",
    "split",
    *UIDS,
)
AFTER = (
    *("reader", "form_version", "opened_at", "submitted_at", "amended_at", "active_seconds"),
    "side_settled",
)

ExtraColumns = Mapping[str, Callable[[list[int]], dict[int, str]]]


def write_csv(file: TextIO, snapshot: Snapshot, extra_columns: ExtraColumns | None = None) -> int:
    """Writes the header and a row a case; returns the number of rows.

    `extra_columns`: name → a function from annotation ids to their cells, asked once a batch. Several UIDs of one
    case stand in one cell with a space between them. Each slot has the columns of its kind and one for its state.
    """
    extra = extra_columns or {}
    used = _forms(snapshot)
    columns = _columns(used.values())
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow([*BEFORE, *columns, *AFTER, *extra])
    written = 0
    for rows in _batches(snapshot):
        lines = _lines(rows, snapshot, used, columns, extra)
        writer.writerows([escaped(cell) for cell in line] for line in lines)
        written += len(rows)
    return written


def _forms(snapshot: Snapshot) -> dict[int, Form]:
    """The form versions that were answered, the newest first."""
    used = Form.objects.filter(
        pk__in=snapshot.rows.order_by().values(
            "annotation__form"
        )  # order_by(): no sort below a subquery
    )
    return {form.pk: form for form in used.order_by("-version")}


def _columns(used: Iterable[Form]) -> dict[str, str]:
    """Those of all versions, the newest first, each with what stands in it where nothing was asked."""
    found: dict[str, str] = {}
    for form in used:
        found = found | {k: v for k, v in forms.columns(form.content).items() if k not in found}
    return found


def _batches(snapshot: Snapshot) -> Iterator[list[SnapshotCase]]:
    rows = snapshot.rows.select_related("case", "annotation__reader").order_by("pk")
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def _lines(
    rows: list[SnapshotCase],
    snapshot: Snapshot,
    used: Mapping[int, Form],
    columns: Mapping[str, str],
    extra: ExtraColumns,
) -> Iterator[list[Any]]:
    images = images_of(row.case_id for row in rows)
    ids = [row.annotation_id for row in rows]
    before = _before_amendments(rows)
    added = [column(ids) for column in extra.values()]
    for row in rows:
        annotation, form = row.annotation, used[row.annotation.form_id]
        frozen = before.get(row.annotation_id, annotation)
        answered = _answers(form, row.answers)
        yield [
            *(snapshot.number, snapshot.hash, row.case_id, row.patient, row.laterality),
            *(row.case.view_position, row.split),
            *(
                " ".join(dict.fromkeys(image[uid] for image in images.get(row.case_id, [])))
                for uid in UIDS
            ),
            *(answered.get(name, otherwise) for name, otherwise in columns.items()),
            *(annotation.reader.get_username(), form.version),
            annotation.opened_at.isoformat(),
            *(
                moment and moment.isoformat()
                for moment in (annotation.submitted_at, frozen.amended_at)
            ),
            *(round(frozen.active_seconds, 1), frozen.side),
            *(column.get(row.annotation_id, "") for column in added),
        ]


def _before_amendments(rows: Iterable[SnapshotCase]) -> dict[int, Any]:
    """The reads that were amended since they were frozen, as they were then: their history has every version."""
    changed = {
        row.annotation_id: row.annotation_version
        for row in rows
        if row.annotation.version != row.annotation_version
    }
    history = Annotation.pgh_event_models["update"]  # type: ignore[attr-defined]
    events = history.objects.filter(pgh_obj__in=changed)
    return {
        event.pgh_obj_id: event
        for event in (events if changed else ())
        if event.version == changed[event.pgh_obj_id]
    }


def _answers(form: Form, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The cells of a case's answers by their column; what is not there was not asked or has no value."""
    cells: dict[str, Any] = {}
    for slot, field, _ in forms.slots(form.content):
        answer = answers.get(slot) or {"state": forms.NOT_ASKED}
        cells[f"{slot}_state"] = answer["state"]
        if answer["state"] == forms.ANSWERED:
            kind = KINDS[field["kind"]]
            cells |= zip(kind.columns(slot, field), kind.cells(field, answer["value"]), strict=True)
    return cells
