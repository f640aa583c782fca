"""Celery's view of this app: the cases of what the archive took in, and beat's question whether there are any."""

from collections.abc import Mapping
from typing import Any

from celery import shared_task

from accounts.said import Said
from annotation import arrivals
from annotation.each import each_task
from annotation.models import Task
from jobs.runner import Running, job


@job("annotation.build_cases", queue="ingest")
def build_cases(running: Running, *, task_id: int) -> Mapping[str, Any]:
    running.progress(0.0, Said("Looking at what came in", "looking_at_arrivals"))
    return arrivals.take(Task.objects.get(pk=task_id))._asdict()


@shared_task(name="annotation.look", ignore_result=True)
def look() -> None:
    each_task(arrivals.ask)
