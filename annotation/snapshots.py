"""Freezes references, so that a training or an export can say for ever what it was made from."""

import hashlib
import json
from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction

from accounts.errors import Problem
from accounts.models import User
from annotation import splits
from annotation.images import pixel_hashes
from annotation.models import Annotation, Case, PatientSplit, Snapshot, SnapshotCase, Task
from annotation.references import references

BATCH = 2000


@transaction.atomic
def freeze(task: Task, by: User | None = None, *, unusable: Collection[int] = ()) -> Snapshot:
    """The task's references as they are now, as a Snapshot.

    `unusable`: ids of annotations to leave out, given by whoever knows that they were made with a prediction in
    sight. Where nothing changed since the latest snapshot, that one is returned: equal content, equal number. Raises
    Problem 409 while there is no reference.
    """
    Task.objects.select_for_update(no_key=True).get(
        pk=task.pk
    )  # two freezes would take the same number
    rows = _rows(task, unusable)
    if not rows:
        raise Problem(409, "No case has a reference yet; read and submit at least one.")
    digest = _hash((row, row.case.key) for row in rows)
    latest = Snapshot.objects.filter(task=task).order_by("-number").first()
    if latest is not None and latest.hash == digest:
        return latest
    snapshot = Snapshot.objects.create(
        task=task, number=(latest.number if latest else 0) + 1, hash=digest, by=by
    )
    for row in rows:
        row.snapshot = snapshot
    SnapshotCase.objects.bulk_create(rows, batch_size=BATCH)
    return snapshot


def unchanged(snapshot: Snapshot, *, unusable: Collection[int] = ()) -> bool:
    """Whether the task's references, and what they are of, are still those that it holds; `unusable` as in freeze."""
    reads = references(snapshot.task, unusable)
    held = set(snapshot.rows.values_list("annotation", "annotation_version"))
    if set(reads.values_list("pk", "version")) != held:  # quickly told, and the usual case
        return False
    pixels = pixel_hashes(Case.objects.filter(pk__in=snapshot.rows.values("case")))
    now = {(one.pk, *_shows(one, pixels)) for one in reads.defer("answers").select_related("case")}
    return now == set(snapshot.rows.values_list("annotation", "laterality", "pixel_hash"))


def verify(snapshot: Snapshot) -> bool:
    """Whether the rows are still those that were hashed."""
    rows = snapshot.rows.select_related("case").order_by("case_id")
    return _hash((row, row.case.key) for row in rows) == snapshot.hash


def _rows(task: Task, unusable: Collection[int]) -> list[SnapshotCase]:
    chosen = list(references(task, unusable).select_related("case__patient"))
    splits.assign(task, {read.case.patient for read in chosen})
    sides = dict(PatientSplit.objects.filter(task=task).values_list("patient_id", "split"))
    pixels = pixel_hashes(Case.objects.filter(task=task))
    return [_row(annotation, sides[annotation.case.patient_id], pixels) for annotation in chosen]


def _row(annotation: Annotation, split: str, pixels: dict[int, str]) -> SnapshotCase:
    case = annotation.case
    laterality, pixel_hash = _shows(annotation, pixels)
    return SnapshotCase(
        case=case,
        patient=case.patient.pseudonym,
        split=split,
        laterality=laterality,
        pixel_hash=pixel_hash,
        answers=annotation.answers,
        annotation=annotation,
        annotation_version=annotation.version,
    )


def _shows(annotation: Annotation, pixels: dict[int, str]) -> tuple[str, str]:
    """Side and pixels of the case as it was read."""
    case = annotation.case
    return annotation.side or case.laterality, pixels.get(case.pk, "")


def _hash(rows: Iterable[tuple[SnapshotCase, str]]) -> str:
    """SHA-256 over one line of canonical JSON a row, in the order of the cases."""
    digest = hashlib.sha256()
    for row, key in rows:
        content: dict[str, Any] = {
            "case": key,
            "patient": row.patient,
            "split": row.split,
            "laterality": row.laterality,
            "pixel_hash": row.pixel_hash,
            "answers": row.answers,
            "annotation": row.annotation_id,
            "annotation_version": row.annotation_version,
        }
        line = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()
