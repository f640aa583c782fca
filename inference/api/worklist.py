"""The cases of a task in reading order, page by page."""

import base64
import binascii
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import user_of
from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role
from annotation import discussing, flags, seen
from annotation.access import TaskView
from annotation.catalogue import current_form
from annotation.images import has_image
from annotation.models import Annotation, Case, PatientSplit, Task
from inference import quarantine
from inference.models import Prediction
from inference.unasked import asked
from training.models import ModelVersion

LEASED = Q(state=Case.State.WAITING, lease_until__gt=Now())
STATES = {
    "waiting": Q(state=Case.State.WAITING) & ~LEASED,
    "leased": LEASED,
    "read": Q(state=Case.State.READ),
}


class Asked(serializers.Serializer[dict[str, Any]]):
    state = serializers.ChoiceField(choices=list(STATES), required=False)
    flag = serializers.ChoiceField(
        choices=[*flags.CODES, "any"], required=False, help_text="Cases with this flag, or any."
    )
    cursor = serializers.CharField(max_length=200, required=False)
    discuss = serializers.BooleanField(
        default=False,
        help_text="Only cases flagged for discussion; for a reader those that he flagged.",
    )
    limit = serializers.IntegerField(min_value=1, max_value=200, default=50)
    reveal = serializers.BooleanField(
        default=False,
        help_text="For admins: also predictions and others' answers. That he was shown them is recorded; what he"
        " reads or amends of these cases afterwards is no reference of the locked test.",
    )


class Worklist(TaskView):
    """All see the cases and their own answers; splits are the admins'. Since admins read too, what the model and others
    say of a case comes to them only when they ask for it, and is recorded as seen."""

    @extend_schema(parameters=[Asked], responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        asked = Asked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted, limit = asked.validated_data, asked.validated_data["limit"]
        reveal = wanted["reveal"] and self.role == Role.ADMIN
        cases = Case.objects.filter(task=self.task).order_by("-priority", "pk")
        if "state" in wanted:
            cases = cases.filter(STATES[wanted["state"]])
        if "flag" in wanted:
            cases = _flagged(cases, wanted["flag"])
        if wanted["discuss"]:
            only = None if self.role == Role.ADMIN else user_of(request)
            cases = cases.filter(pk__in=discussing.flagged(self.task, only).values("case"))
        if "cursor" in wanted:
            cases = _after(cases, wanted["cursor"])
        cases = cases.select_related("lease_reader").annotate(
            clock=Now(), shown=has_image(), why_unread=quarantine.why()
        )
        found = list(cases[: limit + 1])
        page = found[:limit]
        return Response(
            {
                "results": _rows(self.task, user_of(request), self.role, page, reveal),
                "next": _cursor(page[-1]) if len(found) > limit else None,
            }
        )


def _flagged(cases: QuerySet[Case], flag: str) -> QuerySet[Case]:
    return (
        cases.exclude(flags=[]) if flag == "any" else cases.filter(flags__contains=[{"code": flag}])
    )


def _after(cases: QuerySet[Case], cursor: str) -> QuerySet[Case]:
    try:
        priority, pk = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        priority, pk = float(priority), int(pk)
    except (ValueError, TypeError, binascii.Error):
        sentence = "The cursor was not understood; start again without one."
        raise Problem(400, sentence, code="cursor_not_understood") from None
    return cases.filter(Q(priority__lt=priority) | Q(priority=priority, pk__gt=pk))


def _cursor(case: Case) -> str:
    return base64.urlsafe_b64encode(json.dumps([case.priority, case.pk]).encode()).decode()


def _rows(
    task: Task, user: User, role: Role, cases: Sequence[Case], reveal: bool
) -> list[dict[str, Any]]:
    """Eight queries at most, however many cases; each asks only for what this user may know."""
    is_admin = role == Role.ADMIN
    reads = _reads(cases, None if reveal else user)
    flagged = _flagged_by(cases, None if is_admin else user)
    rows = [_row(case, reads.get(case.pk), user, is_admin) for case in cases]
    for row, case in zip(rows, cases, strict=True):
        told = flagged.get(case.pk, [])
        row["discussion"] = [_discussion(task, read, user, reveal) for read in told]
    predictions = _predictions(task, cases) if reveal else {}
    if is_admin:
        splits = dict(
            PatientSplit.objects.filter(
                task=task, patient__in=[c.patient_id for c in cases]
            ).values_list("patient_id", "split")
        )
        for row, case in zip(rows, cases, strict=True):
            row["split"] = splits.get(case.patient_id)
            row["prediction"] = predictions.get(case.pk)
    if reveal:
        of_others = [*reads.values(), *(read for told in flagged.values() for read in told)]
        others = {read.case_id for read in of_others if read.reader_id != user.pk}
        seen.record(user, others | predictions.keys())
    return rows


def _flagged_by(cases: Iterable[Case], reader: User | None) -> dict[int, list[Annotation]]:
    found = Annotation.objects.filter(case__in=cases, flagged=True)
    if reader is not None:
        found = found.filter(reader=reader)
    told: dict[int, list[Annotation]] = {}
    for read in found.select_related("reader").defer("answers"):
        told.setdefault(read.case_id, []).append(read)
    return told


def _discussion(task: Task, read: Annotation, user: User, reveal: bool) -> dict[str, Any]:
    mine = read.reader_id == user.pk
    open_to_him = mine or reveal
    return {
        "by": read.reader.display_name
        if open_to_him
        else discussing.pseudonym(task, read.reader_id),
        "note": read.flag_note if open_to_him else None,
        "mine": mine,
    }


def _reads(cases: Iterable[Case], reader: User | None) -> dict[int, Annotation]:
    """The latest submitted read of each case, of one reader only where one is given."""
    found = Annotation.objects.filter(case__in=cases, state=Annotation.State.SUBMITTED)
    if reader is not None:
        found = found.filter(reader=reader)
    return {read.case_id: read for read in found.select_related("reader").order_by("submitted_at")}


def _row(case: Case, read: Annotation | None, user: User, is_admin: bool) -> dict[str, Any]:
    """`read`: one that this user may know of."""
    is_leased = case.lease_until is not None and case.lease_until > case.clock  # type: ignore[attr-defined]
    state = "read" if case.state == Case.State.READ else "leased" if is_leased else "waiting"
    reader = read.reader if read else case.lease_reader if is_leased else None
    return {
        "case": case.pk,
        "name": case.name,
        "laterality": case.laterality,
        "flags": case.flags,
        "state": state,
        "withheld": not case.shown,  # type: ignore[attr-defined]  # all its images: nobody is offered it
        "unreadable": case.why_unread,  # type: ignore[attr-defined]  # why no model tries it any more
        "reader": reader.display_name if reader and (is_admin or reader == user) else None,
        "read_at": read.submitted_at if read else None,
        "answers": read.answers if read else None,
        "thumbnail": f"/api/cases/{case.pk}/thumbnail/",
    }


def _predictions(task: Task, cases: Iterable[Case]) -> dict[int, dict[str, Any]]:
    """What the current model says of each: for a case read already, what it said while that still waited."""
    form = current_form(task)
    fields = form.content["fields"] if form else []
    found = (
        Prediction.objects.filter(case__in=cases).exclude(slots={}).select_related("model", "case")
    )
    return {one.case_id: _prediction(one, fields) for one in found.order_by("model__number")}


def _prediction(one: Prediction, fields: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The answer of the slot that the model is least sure of, of those that its own answers leave open."""
    slot, of = max(asked(fields, one.slots).items(), key=lambda item: item[1]["uncertainty"])
    current = one.model.state == ModelVersion.State.CURRENT and one.shows == one.case.shows
    return {
        "slot": slot,
        "value": of["value"],
        "probability": _chance(of),
        "uncertainty": of["uncertainty"],
        "model": one.model.number,
        "stale": not current,  # said by a version that was replaced, or of fewer images
    }


def _chance(of: Mapping[str, Any]) -> float | None:
    """Of what is said; a finding may be called present at less than an even chance (training/recipes/point.py)."""
    chances: list[float] = of["probabilities"]
    if of["kind"] == "presence":
        return chances[int(of["value"] == "present")]
    return max(chances, default=None)
