"""The statements of a save. Saving is the busiest path of all, so they are few and written by hand.

Lock order, here and in worklist.py: the annotation before its case, and never the other way round.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection

from accounts.models import User
from annotation.models import Annotation, Case, Form, Task
from jobs.events import CHANNEL, Event

FIND = """
SELECT a.state, a.version, a.answers, a.side, a.active_seconds, a.opened_at, a.saved_at, a.submitted_at,
       a.amended_at, a.amend_reason, a.flagged, a.flag_note,
       c.id, c.task_id, c.state, c.laterality, c.flags, c.lease_reader_id, c.lease_until,
       f.version, f.content, clock_timestamp()
FROM annotation_annotation a
JOIN annotation_case c ON c.id = a.case_id
JOIN annotation_form f ON f.id = a.form_id
WHERE a.id = %(annotation)s AND a.reader_id = %(reader)s AND (%(staff)s OR EXISTS (
    SELECT FROM annotation_membership m WHERE m.task_id = c.task_id AND m.user_id = %(reader)s))
"""
ANNOTATION = (
    *("state", "version", "answers", "side", "active_seconds", "opened_at", "saved_at"),
    *("submitted_at", "amended_at", "amend_reason", "flagged", "flag_note"),
)
CASE = ("id", "task_id", "state", "laterality", "flags", "lease_reader_id", "lease_until")
LOCK = FIND + "FOR NO KEY UPDATE OF a"

RENEW = """
UPDATE annotation_case SET lease_reader_id = %(reader)s, lease_until = %(until)s
WHERE id = %(case)s AND state = 'waiting'
  AND (lease_reader_id = %(reader)s OR lease_until IS NULL OR lease_until < %(clock)s)
"""

# One statement, since each is a round trip: a read that is submitted also closes its case (whoever held it holds it no
# longer) and tells the browsers once this is committed.
WRITE = """
WITH saved AS (
    UPDATE annotation_annotation
    SET state = %(state)s, version = %(version)s, answers = %(answers)s, side = %(side)s,
        active_seconds = %(active_seconds)s, saved_at = %(saved_at)s, submitted_at = %(submitted_at)s,
        amended_at = %(amended_at)s, amend_reason = %(amend_reason)s
    WHERE id = %(annotation)s
), closed AS (
    UPDATE annotation_case SET state = 'read', lease_reader_id = NULL, lease_until = NULL
    WHERE id = %(case)s AND %(state)s = 'submitted'
), kept AS (
    INSERT INTO annotation_savekey (reader_id, key, body_hash, annotation_id, answer)
    VALUES (%(reader)s, %(key)s, %(body_hash)s, %(annotation)s, %(answer)s)
    RETURNING id
)
SELECT pg_notify(%(channel)s, %(event)s) FROM kept WHERE %(state)s = 'submitted'
"""


class KeyTaken(Exception):
    """The idempotency key stands for another save already."""


def find(annotation_id: int, reader: User, lock: bool) -> tuple[Annotation, datetime] | None:
    """The reader's own annotation in a task that he still belongs to, and the database's time.

    It comes with the case and the form, as far as a save needs them; None where there is none.
    """
    values = {"annotation": annotation_id, "reader": reader.pk, "staff": reader.is_staff}
    with connection.cursor() as cursor:
        row = cursor.execute(LOCK if lock else FIND, values).fetchone()
    if row is None:
        return None
    own, rest = row[: len(ANNOTATION)], row[len(ANNOTATION) :]
    of_case, (form_version, content, clock) = rest[: len(CASE)], rest[len(CASE) :]
    case = Case(**dict(zip(CASE, of_case, strict=True)))
    case.task, case.flags = Task(pk=case.task_id), json.loads(str(case.flags))
    annotation = Annotation(
        **dict(zip(ANNOTATION, own, strict=True)),
        pk=annotation_id,
        case=case,
        reader=reader,
        form=Form(version=form_version, content=json.loads(content)),
    )
    annotation.answers = json.loads(str(annotation.answers))
    return annotation, clock


def renew_lease(annotation: Annotation, clock: datetime) -> datetime | None:
    """Extends the reader's lease, or takes a free one; None where another has the case or it was read."""
    case = annotation.case
    until = clock + timedelta(seconds=settings.READ_LEASE_SECONDS)
    held = _execute(RENEW, case=case.pk, reader=annotation.reader_id, until=until, clock=clock)
    case.lease_reader_id, case.lease_until = (annotation.reader_id, until) if held else (None, None)
    return case.lease_until


def write(annotation: Annotation, key: str, body_hash: str, answer: dict[str, Any]) -> None:
    """Stores the annotation as it now is, and what its reader is told, under his key. Raises KeyTaken."""
    case = annotation.case
    try:
        _execute(
            WRITE,
            annotation=annotation.pk,
            reader=annotation.reader_id,
            state=annotation.state,
            version=annotation.version,
            answers=json.dumps(annotation.answers),
            side=annotation.side,
            active_seconds=annotation.active_seconds,
            saved_at=annotation.saved_at,
            submitted_at=annotation.submitted_at,
            amended_at=annotation.amended_at,
            amend_reason=annotation.amend_reason,
            key=key,
            body_hash=body_hash,
            answer=json.dumps(answer),
            case=case.pk,
            channel=CHANNEL,
            event=Event(case.task.topic, "cases", case.pk).payload(),
        )
    except IntegrityError as error:
        raise KeyTaken from error


def _execute(statement: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return int(cursor.rowcount)
