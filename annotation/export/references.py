"""Writes a snapshot's references as CSV, one row a case, in batches: memory does not grow with the snapshot."""

import csv
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TextIO

from annotation import forms
from annotation.hung import images_of
from annotation.models import Form, Snapshot, SnapshotCase
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
AFTER = ("reader", "form_version", "opened_at", "submitted_at", "active_seconds")

ExtraColumns = Mapping[str, Callable[[list[int]], dict[int, str]]]


def write_csv(file: TextIO, snapshot: Snapshot, extra_columns: ExtraColumns | None = None) -> int:
    """Writes the header and a row a case; returns the number of rows.

    `extra_columns`: name → a function from annotation ids to their cells, asked once a batch. Several UIDs of one
    case stand in one cell with a space between them. Each slot has a column for its value and one for its state.
    """
    extra = extra_columns or {}
    slots = _slots(snapshot)
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(
        [*BEFORE, *(name for slot in slots for name in (slot, f"{slot}_state")), *AFTER, *extra]
    )
    written = 0
    for rows in _batches(snapshot):
        writer.writerows(
            [escaped(cell) for cell in line] for line in _lines(rows, snapshot, slots, extra)
        )
        written += len(rows)
    return written


def _slots(snapshot: Snapshot) -> list[str]:
    """The slots of all form versions that were answered, those of the newest first."""
    used = Form.objects.filter(
        pk__in=snapshot.rows.order_by().values(
            "annotation__form"
        )  # order_by(): no sort below a subquery
    )
    contents = used.order_by("-version").values_list("content", flat=True)
    return list(dict.fromkeys(slot.slot for content in contents for slot in forms.slots(content)))


def _batches(snapshot: Snapshot) -> Iterator[list[SnapshotCase]]:
    rows = snapshot.rows.select_related("case", "annotation__reader", "annotation__form").order_by(
        "pk"
    )
    last = 0
    while batch := list(rows.filter(pk__gt=last)[:BATCH]):
        yield batch
        last = batch[-1].pk


def _lines(
    rows: list[SnapshotCase], snapshot: Snapshot, slots: list[str], extra: ExtraColumns
) -> Iterator[list[Any]]:
    images = images_of(row.case_id for row in rows)
    ids = [row.annotation_id for row in rows]
    added = [column(ids) for column in extra.values()]
    for row in rows:
        annotation = row.annotation
        yield [
            *(snapshot.number, snapshot.hash, row.case_id, row.patient, row.laterality),
            *(row.case.view_position, row.split),
            *(
                " ".join(dict.fromkeys(image[uid] for image in images.get(row.case_id, [])))
                for uid in UIDS
            ),
            *(cell for slot in slots for cell in _answer(row.answers.get(slot))),
            *(annotation.reader.get_username(), annotation.form.version),
            *(
                annotation.opened_at.isoformat(),
                annotation.submitted_at and annotation.submitted_at.isoformat(),
            ),
            round(annotation.active_seconds, 1),
            *(column.get(row.annotation_id, "") for column in added),
        ]


def _answer(answer: dict[str, Any] | None) -> tuple[Any, str]:
    """A slot's value and state; one that the answered form did not have was not asked."""
    answer = answer or {"state": forms.NOT_ASKED}
    return answer.get("value", ""), answer["state"]
