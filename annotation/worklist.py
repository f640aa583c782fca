"""Gives readers their next case. One reader holds a case at a time, by a lease that ends by the database's clock."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from annotation.images import SHOWN
from annotation.models import Annotation, Case, Form, Task
from archive.models import Patient

# One statement, so that no two readers can win the same case. `own` is a draft that the reader has and this tab does
# not (a reload, a crash); else `fresh` is the first waiting case that nobody holds and he has not answered or skipped.
# Neither is a case of which there is nothing to show: all its images are held back. It comes again when one is released.
# NO KEY: a job that writes predictions of the cases meanwhile must not hide them from SKIP LOCKED.
# DO NOTHING: locking his draft here and the case in reading.py the other way round could meet in a deadlock.
# What the reader is shown of it comes along: `next` is asked at each case, and every further question is a round trip.
CLAIM = """
WITH own AS (
    SELECT c.id FROM annotation_annotation a JOIN annotation_case c ON c.id = a.case_id
    WHERE a.reader_id = %(reader)s AND a.state = 'draft' AND a.id <> ALL(%(holding)s)
      AND c.task_id = %(task)s AND c.state = 'waiting'
      AND (c.lease_reader_id = %(reader)s OR c.lease_until IS NULL OR c.lease_until < clock_timestamp())
      AND {shown}
    ORDER BY a.id LIMIT 1 FOR NO KEY UPDATE OF c {skip}
), fresh AS (
    SELECT c.id FROM annotation_case c
    WHERE NOT EXISTS (SELECT FROM own)
      AND c.task_id = %(task)s AND c.state = 'waiting'
      AND (c.lease_until IS NULL OR c.lease_until < clock_timestamp())
      AND NOT EXISTS (
        SELECT FROM annotation_annotation a WHERE a.case_id = c.id AND a.reader_id = %(reader)s
          AND (a.state <> 'draft' OR a.id = ANY(%(holding)s)))
      AND {shown}
    ORDER BY c.priority DESC, c.id LIMIT 1 FOR NO KEY UPDATE OF c {skip}
), leased AS (
    UPDATE annotation_case
    SET lease_reader_id = %(reader)s, lease_until = clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = (SELECT id FROM own UNION ALL SELECT id FROM fresh)
    RETURNING id, patient_id, key, name, laterality, view_position, priority, lease_until, flags
), draft AS (
    INSERT INTO annotation_annotation
        (case_id, reader_id, round, form_id, state, version, answers, active_seconds, skip_reason, opened_at)
    SELECT id, %(reader)s, 1, (
        SELECT f.id FROM annotation_form f WHERE f.task_id = %(task)s ORDER BY f.version DESC LIMIT 1
    ), 'draft', 0, '{{}}', 0, '', clock_timestamp() FROM leased
    ON CONFLICT (case_id, reader_id, round) DO NOTHING
    RETURNING {annotation}
), opened AS (
    SELECT {annotation} FROM draft
    UNION ALL
    SELECT {annotation} FROM annotation_annotation
    WHERE case_id = (SELECT id FROM leased) AND reader_id = %(reader)s
)
SELECT opened.id, opened.round, opened.state, opened.version, opened.answers, opened.side,
       opened.active_seconds, opened.opened_at, opened.saved_at, opened.flagged, opened.flag_note,
       leased.id, leased.key, leased.name, leased.laterality, leased.view_position, leased.priority,
       leased.lease_until, leased.flags, patient.id, patient.patient_id, patient.pseudonym,
       EXISTS (SELECT FROM archive_study WHERE patient_id = patient.id OFFSET 1),
       form.id, form.version, form.content
FROM opened
JOIN leased ON leased.id = opened.case_id
JOIN archive_patient patient ON patient.id = leased.patient_id
JOIN annotation_form form ON form.id = opened.form_id
"""
# One value, not EXISTS: so it is asked of the cases that come first, never of all that wait.
ANY_SHOWN = f"(SELECT true {SHOWN.format(case='c.id')} LIMIT 1)"
COLUMNS = (
    "id, case_id, form_id, round, state, version, answers, side, active_seconds, opened_at, saved_at,"
    " flagged, flag_note"
)
ANNOTATION = COLUMNS.replace("case_id, form_id, ", "").split(", ")
CASE = ("id", "key", "name", "laterality", "view_position", "priority", "lease_until", "flags")
# The second way waits for rows that somebody is just writing (a bulk change of priorities) rather than say "none left".
CLAIM_NOW, CLAIM_WAITING = (
    CLAIM.format(skip=skip, annotation=COLUMNS, shown=ANY_SHOWN) for skip in ("SKIP LOCKED", "")
)

SET_PRIORITIES = """
UPDATE annotation_case c SET priority = wanted.priority
FROM unnest(%(ids)s::bigint[], %(priorities)s::float8[]) AS wanted (id, priority)
WHERE c.id = wanted.id AND c.task_id = %(task)s AND c.state = 'waiting' AND c.priority <> wanted.priority
"""

# An answer's task is found by its form: by its case, PostgreSQL may look at all cases for each answer of the day.
PROGRESS = """
SELECT count(*) FILTER (WHERE c.state = 'read'), count(*), (
    SELECT count(*) FROM annotation_annotation a
    WHERE a.reader_id = %(reader)s AND a.state = 'submitted'
      AND a.submitted_at >= date_trunc('day', now(), 'UTC')
      AND a.form_id IN (SELECT f.id FROM annotation_form f WHERE f.task_id = %(task)s))
FROM annotation_case c WHERE c.task_id = %(task)s
"""

Values = dict[str, Any]


def claim(task: Task, reader: User, holding: Sequence[int] = ()) -> Annotation | None:
    """The reader's next draft with its case, patient and form, the case leased to him; None when none is left.

    `holding`: ids of the annotations that the reader's page has already, which therefore do not come again.
    """
    values: Values = {
        "task": task.pk,
        "reader": reader.pk,
        "holding": list(holding),
        "lease": settings.READ_LEASE_SECONDS,
    }
    with connection.cursor() as cursor:
        for statement in (CLAIM_NOW, CLAIM_WAITING):
            if row := cursor.execute(statement, values).fetchone():
                return _claimed(task, reader, row)
    return None


def _claimed(task: Task, reader: User, row: Sequence[Any]) -> Annotation:
    annotation, case, patient, form = row[:11], row[11:19], row[19:23], row[23:]
    return Annotation(
        **dict(zip(ANNOTATION, annotation, strict=True)) | {"answers": json.loads(annotation[4])},
        reader=reader,
        case=_case(task, reader, case, patient),
        form=Form(pk=form[0], task=task, version=form[1], content=json.loads(form[2])),
    )


def _case(task: Task, reader: User, case: Sequence[Any], patient: Sequence[Any]) -> Case:
    found = Case(
        **dict(zip(CASE, case, strict=True)) | {"flags": json.loads(case[-1])},
        task=task,
        lease_reader=reader,
        patient=Patient(pk=patient[0], patient_id=patient[1], pseudonym=patient[2]),
    )
    found.has_other_studies = patient[3]
    return found


@transaction.atomic
def set_priorities(task: Task, priorities: Mapping[int, float]) -> int:
    """Orders the waiting cases, highest first; writes only those that change and says how many.

    Its rows stay locked until the caller's transaction ends, so call it last in one.
    """
    values: Values = {
        "ids": list(priorities),
        "priorities": list(priorities.values()),
        "task": task.pk,
    }
    with connection.cursor() as cursor:
        # two of them at once would lock the same rows in different orders
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('priorities', %(task)s))", values
        )
        cursor.execute(SET_PRIORITIES, values)
        return int(cursor.rowcount)


def progress(task: Task, reader: User) -> dict[str, int]:
    """Cases read and in all, and how many of them the reader read since midnight UTC."""
    with connection.cursor() as cursor:
        cursor.execute(PROGRESS, {"task": task.pk, "reader": reader.pk})
        read, total, mine_today = cursor.fetchone()
    return {"read": read, "total": total, "mine_today": mine_today}
