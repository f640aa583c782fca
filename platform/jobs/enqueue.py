"""Ask for background work: a row now, a bell when the transaction commits."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import User
from jobs.bell import ring
from jobs.events import announce
from jobs.models import Job

LIVE = (Job.State.QUEUED, Job.State.RUNNING)
PATIENCE = timedelta(minutes=10)  # after a failed or cancelled job, before beat tries again


def enqueue(
    kind: str,
    *,
    queue: str,
    topic: str = "",
    owner: User | None = None,
    arguments: Mapping[str, Any],
    key: str | None = None,
    not_before: datetime | None = None,
) -> Job:
    """Insert a job in the caller's transaction and ring on commit; call it from api and beat only.

    `key` names the work: while a job of that key is queued or running, that job is returned instead of another.
    `arguments` become the handler's keyword arguments; only what JSON can hold, ids rather than things.
    """
    job = Job(
        kind=kind, queue=queue, topic=topic, owner=owner, arguments=dict(arguments), key=key or None
    )
    later = not_before is not None and not_before > timezone.now()
    if not_before is not None:
        job.not_before = not_before
    if not later:
        job.rung_at = Now()  # the database's clock
    inserted, job = _insert(job)
    if inserted:
        announce(job.heard_by, "job", job.pk)
        if not later:  # else the sweeper rings when it is due
            transaction.on_commit(partial(ring, job.pk, kind, queue), robust=True)
    return job


def gave_up(key: str) -> bool:
    """Whether a job of this key failed or was cancelled a short time ago: for beat, which would ask for ever."""
    ended = Job.objects.filter(key=key, finished_at__gt=Now() - PATIENCE)
    return ended.filter(state__in=[Job.State.FAILED, Job.State.CANCELLED]).exists()


def _insert(job: Job) -> tuple[bool, Job]:
    """The job inserted, or the live one of the same key: the database decides between two at once."""
    while True:
        try:
            with transaction.atomic():
                job.save(force_insert=True)
            job.refresh_from_db()
            return True, job
        except IntegrityError:
            if job.key is None:
                raise
            live = Job.objects.filter(key=job.key, state__in=LIVE).first()
            if live is not None:
                return False, live
            job.pk = None  # it ended meanwhile: try again
