"""The event stream of one browser: what of the hub's events its user may hear, as server-sent events."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict

from asgiref.sync import sync_to_async
from django.db import connections

from jobs.events import Event
from jobs.hub import RESYNC, hub

HEARTBEAT = 15.0  # seconds; proxies end connections that are silent for a minute
# None: the stream must end, the user may not hear anything any more.
Ear = Callable[[Event], bool]
Permission = Callable[[], Ear | None]


async def stream(permission: Permission) -> AsyncIterator[bytes]:
    """Yields until the browser leaves. The permission is asked again with every heartbeat."""
    loop = asyncio.get_running_loop()
    ask = sync_to_async(_releasing(permission))
    async with hub.subscribe() as queue:
        ear, next_beat = await ask(), loop.time() + HEARTBEAT
        while ear is not None:
            try:
                event = await asyncio.wait_for(queue.get(), max(0.0, next_beat - loop.time()))
            except TimeoutError:
                ear, next_beat = await ask(), loop.time() + HEARTBEAT
                yield b": still here\n\n"
                continue
            if event is RESYNC:
                yield b"event: resync\ndata: {}\n\n"
            elif ear(event):
                yield f"event: change\ndata: {json.dumps(asdict(event))}\n\n".encode()


def _releasing(permission: Permission) -> Permission:
    """The same, but the thread's database connection goes back: else each open stream would keep one for hours."""

    def ask() -> Ear | None:
        try:
            return permission()
        finally:
            connections.close_all()

    return ask
