"""Who does a job: one worker at a time, under a lease by the database's clock and a fencing token."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from accounts.said import Said, kept, part, restored
from jobs.events import announce
from jobs.models import Job


def lease() -> timedelta:
    return timedelta(seconds=settings.JOB_LEASE_SECONDS)


def due() -> Q:
    """Waiting and no longer put off."""
    return Q(state=Job.State.QUEUED, not_before__lte=Now())


def abandoned() -> Q:
    """Running, but its worker has been silent for longer than the lease."""
    return Q(state=Job.State.RUNNING, lease_until__lt=Now())


def left_behind(queue: str) -> Job | None:
    """The oldest abandoned job of a queue."""
    return Job.objects.filter(abandoned(), queue=queue).order_by("pk").first()


def claim(job_id: int, worker: str) -> Job | None:
    """Take the job for this worker: a new token, one attempt more. None when there is nothing to do.

    A row that another worker has locked is passed over: somebody is claiming or finishing it right now.
    """
    with transaction.atomic():
        job = (
            Job.objects.select_for_update(skip_locked=True)
            .filter(due() | abandoned(), pk=job_id)
            .first()
        )
        if job is None or settle(job):
            return None
        Job.objects.filter(pk=job.pk).update(
            state=Job.State.RUNNING,
            worker=worker[:120],
            token=uuid4(),
            lease_until=Now() + lease(),
            attempts=F("attempts") + 1,
            started_at=Coalesce("started_at", Now()),
            progress=0.0,
            text="",
            text_said={},
        )
        job.refresh_from_db()
        announce(job.heard_by, "job", job.pk)
        return job


def settle(job: Job) -> bool:
    """End a locked job that must not be started (again); False when it may be. Needs the row's lock."""
    if job.cancel_requested:
        values: dict[str, Any] = {"state": Job.State.CANCELLED}
    elif job.attempts >= job.max_attempts:
        why = lost(job)
        values = {"state": Job.State.FAILED, "error": str(why), "error_said": kept(why)}
    else:
        return False
    Job.objects.filter(pk=job.pk).update(**values, token=None, lease_until=None, finished_at=Now())
    announce(job.heard_by, "job", job.pk)
    return True


def lost(job: Job) -> Said:
    """Why a job fails whose worker vanished at its last attempt, for a person to read."""
    reached = f" It had last said: “{job.text}”" if job.text else ""
    told: dict[str, Any] = {"attempts": job.attempts}
    if job.text:
        told["reached"] = part(restored(job.text, job.text_said))
    if job.error:  # an earlier attempt ended with an error of its own
        sentence = f"The worker was lost at the last of {job.attempts} attempts.{reached} Before: {job.error}"
        return Said(
            sentence,
            "worker_lost_at_last",
            **told,
            before=part(restored(job.error, job.error_said)),
        )
    times = "" if job.attempts == 1 else f" {job.attempts} times"
    sentence = (
        f"The worker was lost{times} while doing this, so it is not tried again; "
        f"lack of memory or a restart of the machine are the usual reasons.{reached}"
    )
    return Said(sentence, "worker_lost", **told)
