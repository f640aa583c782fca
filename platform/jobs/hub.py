"""One LISTEN connection per web process, fanned out to the browsers that are connected to it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import psycopg
from psycopg import sql

from jobs.events import CHANNEL, Event
from jobs.lifeline import connection_parameters

log = logging.getLogger(__name__)
# Something may have been missed: the page fetches everything again.
RESYNC = Event(topic="", what="resync", id=None)
Queue = asyncio.Queue[Event]
LONGEST_QUEUE = 500  # a browser that reads slower than this starts afresh
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0  # seconds between two tries to reach the database
ASK_AFTER = 20.0  # seconds of silence after which the connection is asked whether it lives


class Hub:
    """Listens while anybody subscribes, and not longer."""

    def __init__(self) -> None:
        self._queues: set[Queue] = set()
        self._listener: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def subscribe(self) -> AsyncIterator[Queue]:
        """A queue of everything that is announced, which begins with RESYNC once the hub listens."""
        queue: Queue = asyncio.Queue(LONGEST_QUEUE)
        if self._listening():
            queue.put_nowait(RESYNC)
        self._queues.add(queue)
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen(), name="events from PostgreSQL")
        try:
            yield queue
        finally:
            self._queues.discard(queue)
            if not self._queues:
                self._listener.cancel()
                self._listener = None

    def _listening(self) -> bool:
        return self._live and self._listener is not None and not self._listener.done()

    _live = False

    async def _listen(self) -> None:
        pause = FIRST_PAUSE
        try:
            while True:
                with suppress(psycopg.Error, OSError):
                    async with await psycopg.AsyncConnection.connect(
                        **connection_parameters()
                    ) as connection:
                        await self._forward(connection)
                if self._live:
                    pause = FIRST_PAUSE
                    log.warning("The connection that hears of changes broke; connecting again.")
                self._live = False
                await asyncio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        finally:
            self._live = False

    async def _forward(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        self._live = True
        self._tell(RESYNC)
        while True:
            async for note in connection.notifies(timeout=ASK_AFTER):
                self._tell(Event.of(note.payload))
            await connection.execute("SELECT 1")

    def _tell(self, event: Event) -> None:
        for queue in self._queues:
            if not queue.full():
                queue.put_nowait(event)
                continue
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(RESYNC)


hub = Hub()
