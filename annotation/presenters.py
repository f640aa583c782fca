"""What the API shows of tasks, cases, annotations, forms and snapshots: the JSON that clients rely on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery

from accounts.models import User
from accounts.roles import Role
from annotation.access import tasks_visible_to
from annotation.hung import images_of
from annotation.models import Annotation, Case, Form, Membership, Snapshot, SnapshotCase, Task
from annotation.splits import Split

FORM_PARTS = ("slug", "name", "name_zh", "fields", "hanging")


def annotation_json(annotation: Annotation) -> dict[str, Any]:
    """`annotation` with its case and form at hand (select_related)."""
    case = annotation.case
    holds = case.state == Case.State.WAITING and case.lease_reader_id == annotation.reader_id
    return {
        "id": annotation.pk,
        "case": annotation.case_id,
        "state": annotation.state,
        "version": annotation.version,
        "answers": annotation.answers,
        "side": annotation.side,
        "form_version": annotation.form.version,
        "saved_at": _iso(annotation.saved_at),
        "submitted_at": _iso(annotation.submitted_at),
        "amended_at": _iso(annotation.amended_at),
        "amend_reason": annotation.amend_reason,
        "lease_until": _iso(case.lease_until) if holds else None,
        "active_seconds": annotation.active_seconds,
        "flagged": annotation.flagged,
        "flag_note": annotation.flag_note,
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def read_json(read: Annotation) -> dict[str, Any]:
    """A read in the list of its reader's own; its case, patient and form at hand (select_related)."""
    case = read.case
    return {
        "annotation": read.pk,
        "state": read.state,
        "case": {
            "id": case.pk,
            "name": case.name,
            "patient": case.patient.pseudonym,
            "laterality": read.side or case.laterality,
            "thumbnail": f"/api/cases/{case.pk}/thumbnail/",
        },
        "answers": read.answers,
        "form_version": read.form.version,
        "saved_at": _iso(read.saved_at),
        "submitted_at": _iso(read.submitted_at),
        "amended_at": _iso(read.amended_at),
        "amend_reason": read.amend_reason,
        "active_seconds": read.active_seconds,
        "flagged": read.flagged,
        "flag_note": read.flag_note,
    }


def form_json(form: Form) -> dict[str, Any]:
    """What the reading page needs of a form; the case rule and the training settings stay here."""
    return {"version": form.version} | {part: form.content.get(part) for part in FORM_PARTS}


def case_json(case: Case) -> dict[str, Any]:
    """One case with its images, in one query; its patient at hand (select_related)."""
    return cases_json([case])[0]


def cases_json(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Cases with their images, in one query for all."""
    cases = list(cases)
    images = images_of(case.pk for case in cases)
    return [
        {
            "id": case.pk,
            "task": case.task_id,
            "name": case.name,
            "patient": case.patient.pseudonym,
            "laterality": case.laterality,
            "view": case.view_position,
            "flags": case.flags,
            "images": images.get(case.pk, []),
        }
        for case in cases
    ]


def tasks_json(user: User) -> list[dict[str, Any]]:
    """The user's tasks with his role and how far each is, in two queries."""
    roles = dict(Membership.objects.filter(user=user).values_list("task_id", "role"))
    read = Count("cases", filter=Q(cases__state=Case.State.READ))
    forms = Form.objects.filter(task=OuterRef("pk")).order_by("-version")
    tasks = tasks_visible_to(user).annotate(
        case_count=Count("cases"),
        read_count=read,
        form_name=Subquery(forms.values("content__name")[:1]),
        form_name_zh=Subquery(forms.values("content__name_zh")[:1]),
    )
    return [
        {
            "id": task.pk,
            "name": task.name,
            "template": task.template,
            "form": {"name": task.form_name, "name_zh": task.form_name_zh},
            "role": Role.ADMIN if user.is_staff else roles[task.pk],
            "cases": task.case_count,
            "read": task.read_count,
            "waiting": task.case_count - task.read_count,
        }
        for task in tasks.order_by("pk")
    ]


def task_json(
    task: Task, role: Role, form: Form, progress: dict[str, int], to_discuss: int
) -> dict[str, Any]:
    """One task with its form; `progress` as worklist.progress has it; `to_discuss`: cases flagged for discussion."""
    return {
        "id": task.pk,
        "name": task.name,
        "template": task.template,
        "role": role,
        "retrain_every": task.retrain_every,
        "form": form_json(form),
        "counts": {
            "cases": progress["total"],
            "read": progress["read"],
            "waiting": progress["total"] - progress["read"],
            "mine_today": progress["mine_today"],
            "to_discuss": to_discuss,
        },
    }


def snapshots_json(task: Task) -> list[dict[str, Any]]:
    """The task's snapshots, newest first, with their sizes, in two queries."""
    counts: dict[int, dict[str, int]] = {}
    rows = SnapshotCase.objects.filter(snapshot__task=task).order_by().values("snapshot", "split")
    for row in rows.annotate(cases=Count("pk")):
        counts.setdefault(row["snapshot"], {})[row["split"]] = row["cases"]
    patients = Count("rows__patient", distinct=True)
    snapshots = Snapshot.objects.filter(task=task).annotate(patients=patients).order_by("-number")
    return [
        {
            "id": snapshot.pk,
            "number": snapshot.number,
            "hash": snapshot.hash,
            "created_at": snapshot.created_at.isoformat(),
            "cases": sum(counts[snapshot.pk].values()),
            "patients": snapshot.patients,
            "splits": {split: counts[snapshot.pk].get(split, 0) for split in Split.values},
        }
        for snapshot in snapshots
    ]
