"""A job in the hands of its handler: how it tells its progress and learns that it must stop."""

import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts import said
from jobs import stopping
from jobs.models import Job

LONGEST_TEXT = 300


class Refused(Exception):
    """The work cannot be done and trying again would not help; the message is one plain sentence (see accounts.said.said_by)."""


class Cancelled(Exception):
    """Somebody asked to cancel the job."""


class LeaseLost(Exception):
    """Another worker has the job now, or it has ended: nothing that this one did may count."""


class Stopping(Exception):
    """The worker is being stopped; the job goes back to the queue, and the attempt is not counted."""


@dataclass(frozen=True)
class Progress:
    fraction: float  # 0 to 1
    text: str
    said: dict[str, Any]  # the code of the text
    detail: dict[str, Any] | None  # None: leave what is there


class Running:
    """Given to a handler. Everything here is memory only: the lifeline's thread talks to the database.

    So a handler may report from inside its own transaction, and as often as it likes.
    """

    def __init__(self, job: Job) -> None:
        self.job_id: int = job.pk
        self.token = job.token
        self.kind = job.kind
        self.attempt = job.attempts
        self.max_attempts = job.max_attempts
        self.heard_by = job.heard_by
        self.cancel_asked = threading.Event()
        self.lost = threading.Event()
        self.news = threading.Event()
        self._guard = threading.Lock()
        self._progress: Progress | None = None

    def progress(self, fraction: float, text: str, detail: Mapping[str, Any] | None = None) -> None:
        """Say how far it is; the page shows it within half a second. Raises as `check` does."""
        share = min(1.0, max(0.0, fraction)) if math.isfinite(fraction) else 0.0
        told = Progress(
            share,
            text[:LONGEST_TEXT],
            plain(said.kept(text)),
            None if detail is None else plain(detail),
        )
        with self._guard:
            self._progress = told
        self.news.set()
        self.check()

    def check(self) -> None:
        """Raises Cancelled, LeaseLost or Stopping when the handler should go no further."""
        if self.lost.is_set():
            raise LeaseLost(f"Job {self.job_id} is no longer this worker's.")
        if self.cancel_asked.is_set():
            raise Cancelled(f"Job {self.job_id} was cancelled.")
        if stopping.asked():
            raise Stopping(f"The worker of job {self.job_id} is being stopped.")

    @property
    def cancelled(self) -> bool:
        """Whether it should stop, for handlers that tidy up before they raise."""
        return self.lost.is_set() or self.cancel_asked.is_set() or stopping.asked()

    def take_progress(self) -> Progress | None:
        """What was not written yet, once."""
        with self._guard:
            told, self._progress = self._progress, None
        self.news.clear()
        return told

    def put_back(self, told: Progress | None) -> None:
        """It could not be written: keep it, unless there is something newer."""
        with self._guard:
            self._progress = self._progress or told


def plain(value: Any) -> Any:
    """The same as JSON can hold it: not-a-number and infinity become null, numpy's numbers Python's."""
    if isinstance(value, Mapping):
        return {str(key): plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(held) for held in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return plain(value.item()) if hasattr(value, "item") else str(value)
