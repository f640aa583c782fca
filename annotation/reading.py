"""Saves what a reader answers. Saved means saved: never an overwrite, never twice, never lost.

A save names the version that it changes: a stale one is refused with both texts. It carries an idempotency key: the
same request again gets the same answer and changes nothing. A reader whose lease ran out loses nothing either: his
answer is kept as his, and a second submitted read of a case stands beside the first.
"""

import hashlib
import json
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from django.db import transaction

from accounts.errors import Problem
from accounts.models import User
from annotation import checking, forms, held, worklist
from annotation.models import Annotation, Case, SaveKey, Task
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
    return _save("draft", annotation_id, reader, save, key)[0]


def submit(annotation_id: int, reader: User, save: Save, key: str) -> dict[str, Any]:
    """Ends the read: the answers must be complete. Returns {"annotation", "progress"}; raises as save_draft."""
    answer, task = _save("submit", annotation_id, reader, save, key)
    return {"annotation": answer, "progress": worklist.progress(task, reader)}


@transaction.atomic
def _save(
    verb: str, annotation_id: int, reader: User, save: Save, key: str
) -> tuple[dict[str, Any], Task]:
    """The annotation as JSON, and its task."""
    annotation, clock = _found(annotation_id, reader, lock=True)
    task = annotation.case.task
    body_hash = _hash(verb, annotation_id, save)
    # A save that succeeded changed the version: while it fits, this request was not answered before.
    if annotation.state != State.DRAFT or annotation.version != save.version:
        return _answer_given(reader, key, body_hash) or _refuse(annotation, save), task
    _refuse_unless_valid(annotation, save, complete=verb == "submit")
    _change(annotation, save, clock)
    if verb == "submit":
        _end(annotation, clock)
    else:
        held.renew_lease(annotation, clock)
    answer = annotation_json(annotation)
    try:
        held.write(annotation, key, body_hash, answer)
    except held.KeyTaken:
        raise _key_reused() from None
    return answer, task


def heartbeat(annotation_id: int, reader: User) -> datetime:
    """Renews the lease of an open annotation and returns when it ends.

    Raises Problem 409 "lease_lost" where another reader has the case by now or has read it.
    """
    annotation, clock = _found(annotation_id, reader, lock=False)
    if annotation.state != State.DRAFT:
        raise Problem(409, f"This case was already {annotation.state}.", code=annotation.state)
    lease_until = held.renew_lease(annotation, clock)
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
    annotation, _ = _found(annotation_id, reader, lock=True)
    if annotation.state == State.SUBMITTED:
        raise Problem(409, "This case was already submitted.", code="submitted")
    if annotation.state == State.DRAFT:
        annotation.state, annotation.skip_reason = State.SKIPPED, reason[:300]
        Annotation.objects.filter(pk=annotation.pk).update(
            state=annotation.state, skip_reason=annotation.skip_reason
        )
        Case.objects.filter(pk=annotation.case_id, lease_reader=reader).update(
            lease_reader=None, lease_until=None
        )
        annotation.case.lease_reader = annotation.case.lease_until = None
        announce(annotation.case.task.topic, "cases", annotation.case_id)
    return annotation_json(annotation)


def _found(annotation_id: int, reader: User, lock: bool) -> tuple[Annotation, datetime]:
    found = held.find(annotation_id, reader, lock)
    if found is None:
        raise Problem(404, "There is no such annotation.")
    return found


def _hash(verb: str, annotation_id: int, save: Save) -> str:
    body = json.dumps([verb, annotation_id, *save], sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def _answer_given(reader: User, key: str, body_hash: str) -> dict[str, Any] | None:
    """What the same request was told before, if it came before."""
    given = SaveKey.objects.filter(reader=reader, key=key).first()
    if given is None:
        return None
    if given.body_hash != body_hash:
        raise _key_reused()
    answer: dict[str, Any] = given.answer
    return answer


def _key_reused() -> Problem:
    return Problem(
        422, "This Idempotency-Key was used for another request; make a new one.", code="key_reused"
    )


def _refuse(annotation: Annotation, save: Save) -> NoReturn:
    if annotation.state != State.DRAFT:
        raise Problem(409, f"This case was already {annotation.state}.", code=annotation.state)
    raise Problem(
        409,
        "These answers were changed elsewhere since this page loaded them; choose which to keep.",
        code="stale",
        theirs=annotation_json(annotation),
        yours=save.answers,
    )


def _refuse_unless_valid(annotation: Annotation, save: Save, complete: bool) -> None:
    problems = checking.problems(annotation, save.answers, complete)
    if problems:
        raise Problem(400, next(iter(problems.values())), slots=problems)


def _change(annotation: Annotation, save: Save, clock: datetime) -> None:
    # Active time never falls, and never exceeds the time since the case was opened.
    elapsed = max(0.0, (clock - annotation.opened_at).total_seconds())
    annotation.active_seconds = max(annotation.active_seconds, min(save.active_seconds, elapsed))
    annotation.answers = save.answers
    annotation.version += 1
    annotation.saved_at = clock


def _end(annotation: Annotation, clock: datetime) -> None:
    annotation.answers = forms.completed(annotation.form.content, annotation.answers)
    annotation.state = State.SUBMITTED
    annotation.submitted_at = clock
    case = annotation.case
    case.state, case.lease_reader_id, case.lease_until = Case.State.READ, None, None
