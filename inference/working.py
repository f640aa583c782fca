"""For commands: wait for a job that a worker does, or do it here."""

import sys
import time
from collections.abc import Callable
from importlib import import_module

from jobs.models import Job
from jobs.runner import KINDS, execute

PAUSE = 0.2  # seconds between two looks


def wait(job: Job, say: Callable[[str], None] | None = None) -> Job:
    """Until a worker has ended it; `say` hears each new word of its progress."""
    told = ""
    while True:
        job.refresh_from_db()
        if say and job.text and job.text != told:
            told = job.text
            say(f"{round(job.progress * 100):3d} %  {told}")
        if not job.is_live:
            return job
        time.sleep(PAUSE)


def do(job: Job) -> Job:
    """In this process, with its lease and lifeline as in a worker; again while it is put off for another attempt."""
    for name in ("training.jobs", "inference.jobs"):
        import_module(name)
    while job.is_live:
        execute(job.pk, KINDS[job.kind].handler, worker=f"{sys.argv[0]} (inline)")
        job.refresh_from_db()
        if job.is_live:
            time.sleep(PAUSE)
    return job
