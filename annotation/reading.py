"""Saves what a reader answers. Saved means saved: never an overwrite, never twice, never lost.

A save names the version that it changes: a stale one is refused with both texts. It carries an idempotency key: the
same request again gets the same answer and changes nothing. A reader whose lease ran out loses nothing either: his
answer is kept as his, and a second submitted read of a case stands beside the first.
"""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.db.models.functions import Now

from accounts.errors import Problem
from accounts.models import User
from annotation import forms, worklist
from annotation.models import Annotation, Case, SaveKey
from annotation.presenters import annotation_json
from jobs.events import announce

State = Annotation.State


class Save(NamedTuple):
    """What a page sends: the answers as they are now, and the version that they were changed from."""

    version: int
    answers: forms.Answers
    active_seconds: float = 0.0  # visible and with input, since the case was opened


def save_draft(annotation_id: int, reader: User, save: Save, key: str) -> dict[str, Any]:
    """Keeps the answers so far, complete or not, and renews the lease. Returns the annotation as JSON.

    Raises Problem: 404 not his, 409 stale, submitted or skipped, 422 key used for another request, 400 by slot.
    """
    return _save("draft", annotation_id, reader, save, key)


def submit(annotation_id: int, reader: User, save: Save, key: str) -> dict[str, Any]:
    """Ends the read: the answers must be complete. Returns {"annotation", "progress"}; raises as save_draft."""
    return _save("submit", annotation_id, reader, save, key)


@transaction.atomic
def _save(verb: str, annotation_id: int, reader: User, save: Save, key: str) -> dict[str, Any]:
    annotation, clock = _locked(annotation_id, reader)
    body_hash = _hash(verb, annotation_id, save)
    given = SaveKey.objects.filter(reader=reader, key=key).first()
    if given is not None:
        return _again(given, body_hash)
    _refuse_unless_open(annotation, save)
    _refuse_unless_valid(annotation, save, complete=verb == "submit")
    _write(annotation, save, clock, State.SUBMITTED if verb == "submit" else State.DRAFT)
    if verb == "submit":
        answer = _close_case(annotation, reader)
    else:
        _renew_lease(annotation.case, reader, clock)
        answer = annotation_json(annotation)
    _remember(annotation, key, body_hash, answer)
    return answer


def heartbeat(annotation_id: int, reader: User) -> datetime:
    """Renews the lease of an open annotation and returns when it ends.

    Raises Problem 409 "lease_lost" where another reader has the case by now or has read it.
    """
    annotation, clock = _found(annotation_id, reader, lock=False)
    if annotation.state != State.DRAFT:
        raise Problem(409, f"This case was already {annotation.state}.", code=annotation.state)
    lease_until = _renew_lease(annotation.case, reader, clock)
    if lease_until is None:
        raise Problem(
            409,
            "Your hold on this case ran out and somebody else has it now. Your answers are kept.",
            code="lease_lost",
        )
    return lease_until


@transaction.atomic
def skip(annotation_id: int, reader: User, reason: str) -> dict[str, Any]:
    """Gives the case to others and never again to this reader. Returns the annotation as JSON."""
    annotation, _ = _locked(annotation_id, reader)
    if annotation.state == State.SUBMITTED:
        raise Problem(409, "This case was already submitted.", code="submitted")
    if annotation.state == State.DRAFT:
        annotation.state, annotation.skip_reason = State.SKIPPED, reason[:300]
        annotation.save(update_fields=["state", "skip_reason"])
        Case.objects.filter(pk=annotation.case_id, lease_reader=reader).update(
            lease_reader=None, lease_until=None
        )
        annotation.case.lease_reader = annotation.case.lease_until = None
        announce(annotation.case.task.topic, "cases", annotation.case_id)
    return annotation_json(annotation)


def _locked(annotation_id: int, reader: User) -> tuple[Annotation, datetime]:
    return _found(annotation_id, reader, lock=True)


def _found(annotation_id: int, reader: User, lock: bool) -> tuple[Annotation, datetime]:
    """The reader's own annotation in a task that he still belongs to, and the database's time."""
    query = Annotation.objects.select_related("case__task", "form").annotate(clock=Now())
    if lock:
        query = query.select_for_update(of=("self",), no_key=True)
    if not reader.is_staff:
        query = query.filter(case__task__memberships__user=reader)
    annotation = query.filter(pk=annotation_id, reader=reader).first()
    if annotation is None:
        raise Problem(404, "There is no such annotation.")
    return annotation, annotation.clock


def _hash(verb: str, annotation_id: int, save: Save) -> str:
    body = json.dumps([verb, annotation_id, *save], sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def _again(given: SaveKey, body_hash: str) -> dict[str, Any]:
    if given.body_hash != body_hash:
        raise _key_reused()
    answer: dict[str, Any] = given.answer
    return answer


def _key_reused() -> Problem:
    return Problem(
        422, "This Idempotency-Key was used for another request; make a new one.", code="key_reused"
    )


def _refuse_unless_open(annotation: Annotation, save: Save) -> None:
    if annotation.state != State.DRAFT:
        raise Problem(409, f"This case was already {annotation.state}.", code=annotation.state)
    if annotation.version != save.version:
        raise Problem(
            409,
            "These answers were changed elsewhere since this page loaded them; choose which to keep.",
            code="stale",
            theirs=annotation_json(annotation),
            yours=save.answers,
        )


def _refuse_unless_valid(annotation: Annotation, save: Save, complete: bool) -> None:
    problems = forms.validate(annotation.form.content, save.answers, complete)
    if problems:
        raise Problem(400, next(iter(problems.values())), slots=problems)


def _write(annotation: Annotation, save: Save, clock: datetime, state: Annotation.State) -> None:
    # Active time never falls, and never exceeds the time since the case was opened.
    elapsed = max(0.0, (clock - annotation.opened_at).total_seconds())
    annotation.active_seconds = max(annotation.active_seconds, min(save.active_seconds, elapsed))
    annotation.answers = save.answers
    annotation.version += 1
    annotation.saved_at = clock
    annotation.state = state
    fields = ["active_seconds", "answers", "version", "saved_at", "state"]
    if state == State.SUBMITTED:
        annotation.answers = forms.completed(annotation.form.content, save.answers)
        annotation.submitted_at = clock
        fields.append("submitted_at")
    annotation.save(update_fields=fields)


def _renew_lease(case: Case, reader: User, clock: datetime) -> datetime | None:
    """Extends the reader's lease, or takes a free one; None where another reader has the case or it was read."""
    until = clock + timedelta(seconds=settings.READ_LEASE_SECONDS)
    mine_or_free = Q(lease_reader=reader) | Q(lease_until=None) | Q(lease_until__lt=clock)
    held = Case.objects.filter(mine_or_free, pk=case.pk, state=Case.State.WAITING).update(
        lease_reader=reader, lease_until=until
    )
    case.lease_reader_id, case.lease_until = (reader.pk, until) if held else (None, None)
    return until if held else None


def _close_case(annotation: Annotation, reader: User) -> dict[str, Any]:
    case = annotation.case
    Case.objects.filter(pk=case.pk).update(
        state=Case.State.READ, lease_reader=None, lease_until=None
    )
    case.state = Case.State.READ
    announce(case.task.topic, "cases", case.pk)
    return {
        "annotation": annotation_json(annotation),
        "progress": worklist.progress(case.task, reader),
    }


def _remember(annotation: Annotation, key: str, body_hash: str, answer: dict[str, Any]) -> None:
    try:
        SaveKey.objects.create(
            reader_id=annotation.reader_id,
            key=key,
            body_hash=body_hash,
            annotation=annotation,
            answer=answer,
        )
    except IntegrityError:  # the same key for another annotation, at the same moment
        raise _key_reused() from None
