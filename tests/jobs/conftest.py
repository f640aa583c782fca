import os
from collections.abc import Iterator

import pytest
import redis

QUEUE = "only-for-tests"


class Line:
    """The bells that wait in a queue which no worker listens to."""

    def __init__(self) -> None:
        url = os.environ["CELERY_BROKER_URL"].replace("redis+socket", "unix").split("?")[0]
        self.broker = redis.Redis.from_url(url)
        self.broker.delete(QUEUE)

    def __len__(self) -> int:
        return int(self.broker.llen(QUEUE))

    def first(self) -> bytes:
        found = self.broker.lindex(QUEUE, 0)
        assert isinstance(found, bytes)
        return found


@pytest.fixture
def line() -> Iterator[Line]:
    line = Line()
    yield line
    line.broker.delete(QUEUE)
    line.broker.close()
