"""Django's PostgreSQL backend, but its pool outlives a restart of the server.

Django's own check asks the server before every request, which is a round trip, and throws one dead connection away at
a time with growing pauses between: ten seconds of errors while PostgreSQL has long been back.
"""

import select
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError
from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg_pool import ConnectionPool

# .arrived: when the request came in (time.monotonic) that this thread is answering
request = threading.local()


@contextmanager
def answering(arrived: float) -> Iterator[None]:
    """What this thread does within is for a request that came in then; what it does later is not."""
    request.arrived = arrived
    try:
        yield
    finally:
        del request.arrived


class DatabaseWrapper(base.DatabaseWrapper):
    pool: ConnectionPool[Connection[Any]] | None

    def get_new_connection(self, conn_params: dict[str, Any] | None) -> Any:
        """A connection from the pool; the first dead one takes all of its age along."""
        self.refuse_if_late()
        connection = super().get_new_connection(conn_params)
        if self.pool is None or not has_hung_up(connection):
            return connection
        self.pool.drain()
        self.pool.putconn(connection)
        return super().get_new_connection(conn_params)

    def refuse_if_late(self) -> None:
        """Who waited long behind others that waited for a server that is away does not wait as long again."""
        waited = time.monotonic() - getattr(request, "arrived", time.monotonic())
        if self.pool is None or waited < self.pool.timeout / 2:
            return
        if not self.pool.get_stats()["pool_available"]:
            raise OperationalError(f"no connection for {waited:.0f} s")


def has_hung_up(connection: Connection[Any]) -> bool:
    """An idle server is silent: what can be read now is its farewell or the end of the line."""
    if connection.closed:
        return True
    line = select.poll()
    line.register(connection.fileno(), select.POLLIN)
    return bool(line.poll(0))
