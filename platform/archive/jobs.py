"""Celery's view of this app: the ingest of what was uploaded, the search for burned-in text, and what beat asks of it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from celery import shared_task
from django.db.models.functions import Now

from accounts.said import Said
from jobs.enqueue import enqueue
from jobs.models import Job
from jobs.runner import Refused, Running, job

from . import check_text, uploads
from .deliver import settle_all
from .stand_back import session_stands_back
from .text_detector import NoDetector

KIND = "archive.check_text"
PATIENCE = timedelta(minutes=10)  # after a failed or cancelled job, before beat tries again


@job(KIND, queue="ingest")
def check(running: Running) -> Mapping[str, Any]:
    def progress(done: int, count: int) -> None:
        said = f"Searching for burned-in text: {done} of {count} images"
        running.progress(done / count, Said(said, "searching_text", done=done, of=count))

    try:
        with session_stands_back():
            checked = check_text.run_waiting(progress=progress)
    except NoDetector as missing:
        raise Refused(Said(str(missing), "text_detector_missing")) from missing
    settle_all()
    return {"ready": checked.ready, "held": checked.held}


@shared_task(name="archive.keep_checking", ignore_result=True)
def keep_checking() -> None:
    """Whatever waits is checked, also when the one who brought it was killed."""
    ended = Job.objects.filter(kind=KIND, finished_at__gt=Now() - PATIENCE)
    gave_up = ended.filter(state__in=[Job.State.FAILED, Job.State.CANCELLED]).exists()
    if check_text.waiting() and not gave_up:
        enqueue(KIND, queue="ingest", arguments={}, key=KIND)


@job("archive.ingest", queue="ingest")
def ingest(running: Running, *, upload_id: int) -> Callable[[], Mapping[str, Any]]:
    result = uploads.take(running, upload_id)

    def end() -> Mapping[str, Any]:
        uploads.finish(upload_id)
        return result

    return end
