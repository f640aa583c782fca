"""The references of a task as a CSV, with what of the model each read was made with."""

import hashlib
import json
import tempfile
from collections.abc import Callable, Collection, Mapping
from io import TextIOWrapper
from typing import Any, BinaryIO

from django.core.files import File
from django.core.files.storage import storages
from django.db import transaction

from accounts.models import User
from accounts.said import Said
from annotation import forms, seen
from annotation.export.references import ExtraColumns, write_csv
from annotation.models import Annotation, Export, Form, PatientSplit, Snapshot, Task
from annotation.snapshots import freeze
from inference import arms
from inference.models import Showing
from inference.ordering import is_control
from inference.outcomes import outcome
from jobs.enqueue import enqueue
from jobs.events import announce
from jobs.runner import Running

Cells = dict[int, str]
Answers = Mapping[str, Any]
PIECE = 1 << 20
INFORMED = "informed"


@transaction.atomic
def start(task: Task, by: User | None) -> Export:
    """Freeze the references as they are now and put their export into the queue; Problem 409 when there are none.

    Reads that may not test a model are left out, as they are of a training.
    """
    unusable = arms.unusable(task)
    snapshot = freeze(task, by, unusable=unusable)
    job = enqueue("inference.export", queue="export", topic=task.topic, owner=by, arguments={})
    left_out = _submitted(unusable)
    export = Export.objects.create(snapshot=snapshot, job=job, by=by, left_out=left_out)
    job.arguments = {"export_id": export.pk}  # the bell rings on commit
    job.save(update_fields=["arguments"])
    return export


def _submitted(reads: Collection[int]) -> int:
    return Annotation.objects.filter(pk__in=reads, state=Annotation.State.SUBMITTED).count()


def make(running: Running, export_id: int) -> Callable[[], Mapping[str, Any]]:
    """Write the file; the export's row says so only in the job's finishing transaction."""
    export = Export.objects.select_related("snapshot__task").get(pk=export_id)
    snapshot = export.snapshot
    writing = f"Writing snapshot {snapshot.number}"
    running.progress(0.1, Said(writing, "writing_snapshot", snapshot=snapshot.number))
    with tempfile.TemporaryFile() as draft:
        rows, sha256 = write(draft, snapshot)
        size_bytes = draft.tell()
        draft.seek(0)
        name = storages["default"].save(
            f"exports/{snapshot.hash[:16]}-{sha256[:16]}.csv", File(draft)
        )

    def finish() -> Mapping[str, Any]:
        Export.objects.filter(pk=export.pk).update(
            file=name, sha256=sha256, rows=rows, size_bytes=size_bytes
        )
        announce(snapshot.task.topic, "export", export.pk)
        return {"rows": rows, "sha256": sha256}

    return finish


def write(draft: BinaryIO, snapshot: Snapshot) -> tuple[int, str]:
    """The number of rows and the SHA-256 of what was written; equal snapshots give equal bytes."""
    text = TextIOWrapper(draft, encoding="utf-8", newline="", write_through=True)
    rows = write_csv(text, snapshot, columns(snapshot))
    text.detach()
    draft.flush()
    draft.seek(0)
    digest = hashlib.sha256()
    while piece := draft.read(PIECE):
        digest.update(piece)
    return rows, digest.hexdigest()


def columns(snapshot: Snapshot) -> ExtraColumns:
    """arm, model, stream, and the proposal and the outcome of each slot of the forms that were answered.

    arm: assisted, unassisted, or informed (annotation/seen.py). stream: control (drawn at random), ranked (chosen by the
    model) or test (drawn at random for the locked test).
    """
    task, reads = snapshot.task, _Reads(snapshot)
    answered = snapshot.rows.order_by().values("annotation__form")
    used = Form.objects.filter(pk__in=answered).order_by("-version")
    named = dict.fromkeys(slot.slot for form in used for slot in forms.slots(form.content))
    of_slot = {}
    for slot in named:
        of_slot[f"{slot}_proposal"] = reads.cells(_proposal(slot))
        of_slot[f"{slot}_outcome"] = reads.cells(_outcome(slot))
    return {
        "arm": lambda ids: _arms(snapshot, ids),
        "model_shown": reads.cells(
            lambda showing, _: str(showing.model.number) if showing.model else ""
        ),
        "stream": lambda ids: _streams(task, ids),
        **of_slot,
    }


class _Reads:
    """What the reads of a batch were shown, and what the snapshot has of their answers: asked once for all columns."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot, self.ids = snapshot, list[int]()
        self.found: list[tuple[Showing, Answers]] = []

    def cells(self, cell: Callable[[Showing, Answers], str]) -> Callable[[list[int]], Cells]:
        def of(ids: list[int]) -> Cells:
            if ids != self.ids:
                self.ids, self.found = ids, self._find(ids)
            return {
                showing.annotation_id: cell(showing, answers) for showing, answers in self.found
            }

        return of

    def _find(self, ids: list[int]) -> list[tuple[Showing, Answers]]:
        rows = self.snapshot.rows.filter(annotation__in=ids)
        frozen = dict(rows.values_list("annotation_id", "answers"))
        showings = Showing.objects.filter(annotation__in=ids).select_related("model")
        return [(showing, frozen[showing.annotation_id]) for showing in showings]


def _proposal(slot: str) -> Callable[[Showing, Answers], str]:
    def cell(showing: Showing, _: Answers) -> str:
        value = ((showing.slots or {}).get(slot) or {}).get("value", "")
        return json.dumps(value) if isinstance(value, list) else str(value)

    return cell


def _outcome(slot: str) -> Callable[[Showing, Answers], str]:
    return lambda showing, answers: str(outcome((showing.slots or {}).get(slot), answers.get(slot)))


def _arms(snapshot: Snapshot, ids: list[int]) -> Cells:
    """The arm of each read that has one; what was said after others had been heard is of neither."""
    drawn = dict(Showing.objects.filter(annotation__in=ids).values_list("annotation", "arm"))
    rows = snapshot.rows.filter(annotation__in=ids)
    informed = seen.informed_rows(rows).values_list("annotation", flat=True)
    return drawn | dict.fromkeys(informed, INFORMED)


def _streams(task: Task, ids: list[int]) -> Cells:
    reads = Annotation.objects.filter(pk__in=ids)
    tested = reads.filter(
        case__patient__splits__task=task, case__patient__splits__split=PatientSplit.Split.TEST
    )
    streams = {
        pk: "control" if is_control(task, case) else "ranked"
        for pk, case in reads.values_list("pk", "case")
    }
    return streams | dict.fromkeys(tested.values_list("pk", flat=True), "test")
