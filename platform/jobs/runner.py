"""Run a job when the bell rings: claim, hold the lease, call the handler, finish."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from celery import Task, shared_task

from accounts import said
from accounts.said import Said, part
from jobs import finish
from jobs.claim import claim, left_behind
from jobs.finish import Outcome, Result
from jobs.lifeline import Lifeline
from jobs.running import Cancelled, LeaseLost, Refused, Running, Stopping

__all__ = [
    "Cancelled",
    "LeaseLost",
    "Outcome",
    "Refused",
    "Result",
    "Running",
    "Stopping",
    "execute",
    "job",
    "work",
]

log = logging.getLogger(__name__)
Handler = Callable[..., Outcome]
H = TypeVar("H", bound=Handler)
FIRST_PAUSE = timedelta(seconds=5)


@dataclass(frozen=True)
class Kind:
    handler: Handler
    queue: str


KINDS: dict[
    str, Kind
] = {}  # for whoever runs a job without Celery, and for the check of the queues


def job(kind: str, *, queue: str) -> Callable[[H], H]:
    """Make a function the handler of a kind of job: `handler(running, **arguments)`.

    What it returns is the job's result; a callable runs inside the finishing transaction. Raise Refused to fail at
    once; any other exception is tried again until the attempts are used up. It may be run twice from the start when
    a worker dies: whatever must happen once belongs into the returned callable.
    """

    def register(handler: H) -> H:
        @shared_task(name=kind, bind=True, ignore_result=True)
        def run(self: Task[..., None], job_id: int) -> None:
            answer(job_id, kind, worker=f"{self.request.hostname}/{os.getpid()}")

        KINDS[kind] = Kind(handler, queue)
        return handler

    return register


def answer(job_id: int, kind: str, *, worker: str) -> None:
    """Answer a bell. What a lost worker left behind in this queue is done first: its own bell stands at the end of the
    line, and while that is long it would fade unheard again and again."""
    left = left_behind(KINDS[kind].queue)
    if (
        left is not None and left.kind in KINDS
    ):  # a kind of an earlier release has no handler any more
        execute(left.pk, KINDS[left.kind].handler, worker=worker)
    execute(job_id, KINDS[kind].handler, worker=worker)


def execute(job_id: int, handler: Handler, *, worker: str) -> None:
    """Answer a bell; quietly nothing when the job is taken, put off or over."""
    claimed = claim(job_id, worker)
    if claimed is None:
        return
    running = Running(claimed)
    attempt = f"attempt {running.attempt} of {running.max_attempts}"
    log.info("Job %d (%s) begins, %s.", job_id, running.kind, attempt)
    with Lifeline(running):
        work(running, handler, claimed.arguments)


def work(running: Running, handler: Handler, arguments: dict[str, Any]) -> None:
    """Call the handler and record how it ended."""
    try:
        _attempt(running, handler, arguments)
    except LeaseLost:
        log.warning("Job %d (%s) was lost to another worker.", running.job_id, running.kind)


def _attempt(running: Running, handler: Handler, arguments: dict[str, Any]) -> None:
    try:
        finish.done(running, handler(running, **arguments))
    except LeaseLost:
        raise
    except Cancelled:
        finish.cancelled(running)
    except Stopping:
        finish.released(running)
    except (SystemExit, KeyboardInterrupt):
        with suppress(LeaseLost):
            finish.released(running)
        raise
    except Refused as error:
        finish.failed(running, said.said_by(error))
    except Exception as error:
        log.exception("Job %d (%s) failed.", running.job_id, running.kind)
        _retry_or_fail(running, f"{type(error).__name__}: {error}")


def _retry_or_fail(running: Running, reason: str) -> None:
    attempt, of = running.attempt, running.max_attempts
    why = Said(
        f"{reason} (attempt {attempt} of {of})",
        "tried",
        why=part(reason),
        attempt=attempt,
        of=of,
    )
    if attempt < of:
        finish.again(running, why, back_off(attempt))
    else:
        finish.failed(running, why)


def back_off(attempt: int) -> timedelta:
    """How long to wait before the next attempt: 5 s, 20 s, 80 s, …"""
    return FIRST_PAUSE * int(4 ** (attempt - 1))
