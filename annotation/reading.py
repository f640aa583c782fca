"""Saves what a reader answers. Saved means saved: never an overwrite, never twice, never lost.

A save names the version that it changes: a stale one is refused with both texts. It carries an idempotency key: the
same request again gets the same answer and changes nothing. A reader whose lease ran out loses nothing either: his
answer is kept as his, and a second submitted read of a case stands beside the first. A submitted read may be amended
with a reason: it stays the same row, and every version of it is in the history.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, NoReturn

from django.db import transaction

from accounts import said
from accounts.errors import Problem
from accounts.models import User
from annotation import checking, forms, held, sides, worklist
from annotation.models import Annotation, Case, SaveKey, Task
from annotation.presenters import annotation_json
from jobs.events import announce

State = Annotation.State


class Save(NamedTuple):
    """What a page sends: the answers as they are now, and the version that they were changed from."""

    version: int
    answers: forms.Answers
    active_seconds: float = 0.0  # visible and with input, since the case was opened
    side: str = ""  # R or L, as the reader settled it; "" where he did not
    reason: str = ""  # of an amendment


def save_draft(annotation_id: int, reader: User, save: Save, key: str) -> dict[str, Any]:
    """Keeps the answers so far, complete or not, and renews the lease. Returns the annotation as JSON.

    Raises Problem: 404 not his, 409 stale, submitted or skipped, 422 key used for another request, 400 by slot.
    """
    return _save("draft", annotation_id, reader, save, key)[0]


def submit(annotation_id: int, reader: User, save: Save, key: str) -> dict[str, Any]:
    """Ends the read: the answers must be complete and the side clear. Returns {"annotation", "progress"}.

    Raises as save_draft.
    """
    answer, task = _save("submit", annotation_id, reader, save, key)
    return {"annotation": answer, "progress": worklist.progress(task, reader)}


def amend(annotation_id: int, reader: User, save: Save, key: str) -> dict[str, Any]:
    """Changes a submitted read, with a reason; the first submission keeps its time. Returns as submit.

    Raises as save_draft, and 409 where the read was not submitted.
    """
    if not save.reason.strip():
        raise Problem(400, "Say why this read is amended.", code="reason_missing")
    answer, task = _save("amend", annotation_id, reader, save, key)
    return {"annotation": answer, "progress": worklist.progress(task, reader)}


@transaction.atomic
def _save(
    verb: str, annotation_id: int, reader: User, save: Save, key: str
) -> tuple[dict[str, Any], Task]:
    """The annotation as JSON, and its task."""
    annotation, clock = _found(annotation_id, reader, lock=True)
    task = annotation.case.task
    body_hash = _hash(verb, annotation_id, save)
    wanted = State.SUBMITTED if verb == "amend" else State.DRAFT
    # A save that succeeded changed the version: while it fits, this request was not answered before.
    if annotation.state != wanted or annotation.version != save.version:
        told = _answer_given(reader, key, body_hash)
        return _whole(told, annotation, save) if told else _refuse(annotation, save, wanted), task
    _refuse_unless_valid(annotation, save, complete=verb != "draft")
    _change(annotation, save, clock)
    if verb == "draft":
        held.renew_lease(annotation, clock)
    else:
        _end(annotation, clock, save.reason)
    answer = annotation_json(annotation)
    try:
        held.write(annotation, key, body_hash, {k: v for k, v in answer.items() if k != "answers"})
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
        raise Problem(404, "There is no such annotation.", code="no_annotation")
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


def _whole(told: dict[str, Any], annotation: Annotation, save: Save) -> dict[str, Any]:
    """With the answers, which are not kept twice: the same request holds the same."""
    ended = told["state"] == State.SUBMITTED
    content = annotation.form.content
    return {"answers": forms.completed(content, save.answers) if ended else save.answers} | told


def _key_reused() -> Problem:
    return Problem(
        422, "This Idempotency-Key was used for another request; make a new one.", code="key_reused"
    )


def _refuse(annotation: Annotation, save: Save, wanted: str) -> NoReturn:
    """Tells what stands there: it is his own text, so that he can choose."""
    code = "stale"
    sentence = (
        "These answers were changed elsewhere since this page loaded them; choose which to keep."
    )
    if annotation.state != wanted:
        code = annotation.state
        sentence = f"This case was already {annotation.state}."
        if code == State.DRAFT:
            sentence = "This read was not submitted yet; submit it rather than amend it."
    theirs = annotation_json(annotation)
    raise Problem(409, sentence, code=code, theirs=theirs, yours=save.answers)


def _refuse_unless_valid(annotation: Annotation, save: Save, complete: bool) -> None:
    content = annotation.form.content
    if problems := checking.problems(annotation, save.answers, complete):
        raise _refused("answers_refused", problems)
    if complete and (unclear := sides.problems(annotation.case, content, save.answers, save.side)):
        raise _refused("side_unclear", unclear)


def _refused(code: str, slots: Mapping[str, str]) -> Problem:
    """By slot: the sentence, and for a page in another language its code and parameters."""
    reasons = {slot: said.reason(problem) for slot, problem in slots.items()}
    return Problem(400, next(iter(slots.values())), code=code, slots=slots, reasons=reasons)


def _change(annotation: Annotation, save: Save, clock: datetime) -> None:
    # Active time never falls, and never exceeds the time since the case was opened.
    elapsed = max(0.0, (clock - annotation.opened_at).total_seconds())
    annotation.active_seconds = max(annotation.active_seconds, min(save.active_seconds, elapsed))
    annotation.answers, annotation.side = save.answers, save.side
    annotation.version += 1
    annotation.saved_at = clock


def _end(annotation: Annotation, clock: datetime, reason: str) -> None:
    """Closes the read and its case; an amendment keeps the time of the first submission."""
    annotation.answers = forms.completed(annotation.form.content, annotation.answers)
    if annotation.state == State.SUBMITTED:
        annotation.amended_at, annotation.amend_reason = clock, reason.strip()[:300]
    else:
        annotation.state, annotation.submitted_at = State.SUBMITTED, clock
    case = annotation.case
    case.state, case.lease_reader_id, case.lease_until = Case.State.READ, None, None
