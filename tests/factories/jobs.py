"""Jobs as rows, and a way to run them here and now."""

from typing import Any

from celery import current_app
from django.db import connection

from jobs.claim import claim, due
from jobs.models import Job
from jobs.runner import KINDS, Handler, Running, work


def make_job(**values: Any) -> Job:
    """A queued job, due now, of a kind that has no handler."""
    given: dict[str, Any] = {"kind": "test.work", "queue": "ingest"} | values
    job = Job.objects.create(**given)
    job.refresh_from_db()
    return job


def run(job: Job, handler: Handler | None = None) -> Job:
    """Claim and work on it in this thread, without a lifeline: also in a test that never commits."""
    if handler is None:
        current_app.loader.import_default_modules()
    claimed = claim(job.pk, "test")
    assert claimed is not None, f"{job} cannot be claimed."
    work(Running(claimed), handler or KINDS[claimed.kind].handler, claimed.arguments)
    job.refresh_from_db()
    return job


def run_due() -> list[Job]:
    """Run what is due, and what that enqueues, until nothing is. Returns the jobs in the order they ran."""
    ran = []
    while (job := Job.objects.filter(due()).order_by("pk").first()) is not None:
        ran.append(run(job))
    return ran


def expire(job: Job) -> None:
    """Let the lease run out, as if its worker had been silent for a minute."""
    _back(job, "lease_until")


def make_due(job: Job) -> None:
    """Let the pause before the next attempt be over."""
    _back(job, "not_before")


def forget_bell(job: Job) -> None:
    """Let the last bell be long ago."""
    _back(job, "rung_at")


def _back(job: Job, column: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE jobs_job SET {column} = now() - interval '1 minute' WHERE id = %s", [job.pk]
        )
    job.refresh_from_db()
