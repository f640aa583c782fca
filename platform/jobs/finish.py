"""How a running job ends. Each way is one transaction that counts only while the worker's token is the row's."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import F
from django.db.models.functions import Greatest, Now
from psycopg.errors import QueryCanceled

from accounts import said
from jobs.events import announce
from jobs.models import Job
from jobs.running import LeaseLost, Running, plain

log = logging.getLogger(__name__)

Result = Mapping[str, Any] | None
Outcome = Callable[[], Result] | Result
LONGEST_ERROR = 4000
# A restart of the database must not cost an hour of training: about two minutes in all.
PAUSES = (0.2, 1.0, 3.0, 10.0, 20.0, 30.0, 60.0)


def done(running: Running, outcome: Outcome) -> None:
    """Apply the outcome and end the job, both or neither. Raises LeaseLost when it is not ours any more.

    A callable outcome runs inside the transaction, under the row's lock, and may run again when the database
    went away: all that it does must be rows of that transaction.
    """

    def apply() -> None:
        _hold(running)
        result = outcome() if callable(outcome) else outcome
        _close(
            running, Job.State.DONE, progress=1.0, **_error(""), result=plain(dict(result or {}))
        )

    _patiently(running, apply)
    log.info("Job %d (%s) is done.", running.job_id, running.kind)


def failed(running: Running, reason: str) -> None:
    """End it for good, with the reason."""
    _patiently(running, lambda: _close(running, Job.State.FAILED, **_error(reason)))
    log.warning("Job %d (%s) has failed: %s", running.job_id, running.kind, reason)


def cancelled(running: Running) -> None:
    _patiently(running, lambda: _close(running, Job.State.CANCELLED))
    log.info("Job %d (%s) was cancelled.", running.job_id, running.kind)


def again(running: Running, reason: str, after: timedelta) -> None:
    """Back to the queue for another attempt, after a while; the reason stays on the row."""
    _patiently(
        running,
        lambda: _requeue(running, not_before=Now() + after, **_error(reason)),
    )
    log.warning("Job %d (%s) is put off: %s", running.job_id, running.kind, reason)


def released(running: Running) -> None:
    """Back to the queue at once: the worker is being stopped, which is no fault of the job."""
    _patiently(running, lambda: _requeue(running, attempts=Greatest(F("attempts") - 1, 0)))
    log.info("Job %d (%s) goes back to the queue.", running.job_id, running.kind)


def _error(reason: str) -> dict[str, Any]:
    return {"error": reason[:LONGEST_ERROR], "error_said": plain(said.kept(reason))}


def _hold(running: Running) -> None:
    """Lock the row if it is ours: from here on nobody else can claim it."""
    held = Job.objects.select_for_update().filter(
        pk=running.job_id, token=running.token, state=Job.State.RUNNING
    )
    if not held.exists():
        raise LeaseLost(f"Job {running.job_id} is no longer this worker's.")


def _close(running: Running, state: Job.State, **values: Any) -> None:
    last = running.take_progress()
    if last is not None:  # reported a moment ago and not written yet
        told = {"progress": last.fraction, "text": last.text, "text_said": last.said}
        values = told | values
        values |= {} if last.detail is None else {"detail": last.detail}
    _write(running, state=state, finished_at=Now(), **values)


def _requeue(running: Running, **values: Any) -> None:
    _write(running, state=Job.State.QUEUED, rung_at=None, worker="", **values)


def _write(running: Running, **values: Any) -> None:
    ours = Job.objects.filter(pk=running.job_id, token=running.token, state=Job.State.RUNNING)
    if not ours.update(token=None, lease_until=None, **values):
        raise LeaseLost(f"Job {running.job_id} is no longer this worker's.")
    announce(running.heard_by, "job", running.job_id)


def _patiently(running: Running, transition: Callable[[], None]) -> None:
    """Run it in a transaction, again while the database is away; committed but unheard of ends as LeaseLost."""
    for pause in (*PAUSES, None):
        close_old_connections()
        try:
            with transaction.atomic():
                transition()
            return
        except (OperationalError, InterfaceError) as error:
            if pause is None or isinstance(
                error.__cause__, QueryCanceled
            ):  # too slow, not too early
                raise
            log.warning("Job %d waits for the database: %s", running.job_id, error)
            time.sleep(pause)
