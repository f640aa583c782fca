"""The lifeline of a running job: a thread that renews the lease, writes progress and hears of a cancel.

It has a database connection of its own, outside Django's pool: a pool that the handler has emptied, a broken
connection or a long transaction of the handler cannot silence it.
"""

import logging
import threading
from contextlib import suppress
from types import TracebackType
from typing import Any

import psycopg
from django.db import connections
from psycopg.types.json import Jsonb

from jobs.claim import lease
from jobs.events import CHANNEL, Event
from jobs.running import Progress, Running

log = logging.getLogger(__name__)
LONGEST_SILENCE = 5.0  # seconds between two beats, so that a cancel is heard by then
BREATH = 0.5  # seconds between two writes, however often the handler reports
BEAT = """
UPDATE jobs_job SET lease_until = statement_timestamp() + %(lease)s
WHERE id = %(id)s AND token = %(token)s AND state = 'running'
RETURNING cancel_requested
"""
TELL = """
WITH told AS (
    UPDATE jobs_job SET lease_until = statement_timestamp() + %(lease)s,
        progress = %(progress)s, text = %(text)s, text_said = %(said)s,
        detail = COALESCE(%(detail)s, detail)
    WHERE id = %(id)s AND token = %(token)s AND state = 'running'
    RETURNING cancel_requested
)
SELECT cancel_requested, CASE WHEN %(payload)s::text IS NULL THEN NULL
    ELSE pg_notify(%(channel)s, %(payload)s)::text END FROM told
"""


def connection_parameters() -> dict[str, Any]:
    """How to reach Django's database with psycopg alone."""
    django_only = ("cursor_factory", "context", "prepare_threshold")
    known = connections["default"].get_connection_params()
    kept = {name: value for name, value in known.items() if name not in django_only}
    return kept | {"autocommit": True, "connect_timeout": 5, "keepalives_idle": 10}


class Lifeline:
    """Holds the lease of a running job for the length of a `with` block."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.beat = min(lease().total_seconds() / 3, LONGEST_SILENCE)
        self._parameters = connection_parameters()
        self._connection: psycopg.Connection[Any] | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f"lifeline of job {running.job_id}", daemon=True
        )

    def __enter__(self) -> "Lifeline":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self.running.news.set()  # wake it
        self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            while not self._ended.wait(min(BREATH, self.beat)):
                self.running.news.wait(self.beat)
                if self._ended.is_set() or not self._renew():
                    return
        finally:
            self._drop()

    def _renew(self) -> bool:
        """Renew the lease, with news when there is some. False when the lease is gone for good."""
        told = self.running.take_progress()
        try:
            row = self._ask(told)
        except Exception as error:
            # The database is away for now, or the row is locked: the lease is still ours until somebody takes it.
            log.warning("Job %d could not renew its lease: %s", self.running.job_id, error)
            self.running.put_back(told)
            self._drop()
            return True
        if row is None:
            self.running.lost.set()
            return False
        if row[0]:
            self.running.cancel_asked.set()
        return True

    def _ask(self, told: Progress | None) -> tuple[Any, ...] | None:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(**self._parameters)
        who = {"lease": lease(), "id": self.running.job_id, "token": self.running.token}
        if told is None:
            return self._connection.execute(BEAT, who).fetchone()
        topic = self.running.heard_by
        news = {
            "progress": told.fraction,
            "text": told.text,
            "said": Jsonb(told.said),
            "detail": None if told.detail is None else Jsonb(told.detail),
            "channel": CHANNEL,
            "payload": Event(topic, "job", self.running.job_id).payload() if topic else None,
        }
        return self._connection.execute(TELL, who | news).fetchone()

    def _drop(self) -> None:
        with suppress(psycopg.Error):
            if self._connection is not None:
                self._connection.close()
        self._connection = None
