"""Celery's view of this app: the ingest of what was uploaded."""

from collections.abc import Callable, Mapping
from typing import Any

from jobs.runner import Running, job

from . import uploads


@job("archive.ingest", queue="ingest")
def ingest(running: Running, *, upload_id: int) -> Callable[[], Mapping[str, Any]]:
    result = uploads.take(running, upload_id)

    def end() -> Mapping[str, Any]:
        uploads.finish(upload_id)
        return result

    return end
