"""What nobody needs any more of deliveries: asked by beat once an hour (config/jobs.py)."""

import time
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from jobs.models import Job

from .models import Upload, UploadFile
from .receive import folder
from .uploads import forget_files, set_state

KEPT = timedelta(days=7)  # files that were sent and never started, or whose ingest failed
STRAY_SECONDS = 86_400.0  # bytes that belong to no file of a delivery that may still go on

OPEN = (Upload.State.RECEIVING, Upload.State.WAITING, Upload.State.RUNNING, Upload.State.FAILED)


def tidy() -> None:
    settle_ended_jobs()
    expire()
    remove_strays()


def settle_ended_jobs() -> None:
    """Deliveries whose job ended without a word: cancelled while it waited, or its worker lost for good."""
    ended = Upload.objects.select_related("job").filter(
        state__in=[Upload.State.WAITING, Upload.State.RUNNING],
        job__state__in=[Job.State.CANCELLED, Job.State.FAILED],
    )
    for upload in ended:
        assert upload.job is not None  # the filter says so
        set_state(upload, Upload.State(upload.job.state))
        if upload.state == Upload.State.CANCELLED:
            forget_files(upload)


def expire() -> None:
    """Deliveries that were begun and given up; also those of a command that was killed."""
    begun = Q(state=Upload.State.RECEIVING) | Q(state=Upload.State.RUNNING, job=None)
    for upload in Upload.objects.filter(begun, created_at__lt=Now() - KEPT):
        set_state(upload, Upload.State.CANCELLED)
        forget_files(upload)
    failed = Upload.objects.filter(state=Upload.State.FAILED, finished_at__lt=Now() - KEPT)
    for upload in failed.filter(Exists(UploadFile.objects.filter(upload=OuterRef("pk")))):
        set_state(upload, Upload.State.CANCELLED)
        forget_files(upload)


def remove_strays() -> None:
    oldest = time.time() - STRAY_SECONDS
    for path in folder().iterdir():
        if path.stat().st_mtime > oldest:
            continue
        try:
            wanted = UploadFile.objects.filter(token=UUID(path.name), upload__state__in=OPEN)
        except ValueError:  # what the listener or the web server left when it was killed
            path.unlink(missing_ok=True)
            continue
        if not wanted.exists():
            path.unlink(missing_ok=True)
