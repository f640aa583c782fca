import json
import queue
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from http.client import HTTPConnection, IncompleteRead
from socket import SHUT_RDWR
from typing import Any

import httpx
import psycopg
import pytest
from django.db import transaction
from django.test import Client
from knox.models import AuthToken

from accounts.models import User
from jobs.events import Event, announce
from jobs.hub import LONGEST_QUEUE, Hub, Queue
from jobs.hub import RESYNC as RESYNC_EVENT
from jobs.lifeline import connection_parameters
from tests.instance import free_port
from tests.jobs.processes import Process, wait_for_port

pytestmark = pytest.mark.django_db(transaction=True)
RESYNC: tuple[str, Any] = ("resync", {})


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    port, log = free_port(), tmp_path_factory.mktemp("events") / "web.log"
    web = Process(
        ["uvicorn", "config.asgi:application", "--port", str(port), "--log-level", "warning"],
        log,
        DJANGO_SETTINGS_MODULE="tests.jobs.settings",
    )
    try:
        wait_for_port(port, web)
        yield port
    finally:
        web.kill()


class Browser:
    """Reads the event stream in a thread, as a page does."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.heard: queue.Queue[tuple[str, Any]] = queue.Queue()
        self._line = HTTPConnection("127.0.0.1", port, timeout=60)
        self._line.request("GET", "/api/events/", headers=headers)
        self.response = self._line.getresponse()
        assert self.response.status == 200
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def _read(self) -> None:
        name = ""
        with suppress(IncompleteRead, OSError), self.response:
            while line := self.response.readline().decode():
                if line.startswith("event: "):
                    name = line.removeprefix("event: ").strip()
                elif line.startswith("data: "):
                    self.heard.put((name, json.loads(line.removeprefix("data: "))))

    def next(self) -> tuple[str, Any]:
        return self.heard.get(timeout=30)

    def close(self) -> None:
        if self._thread.is_alive():
            with suppress(OSError):
                self._line.sock.shutdown(SHUT_RDWR)
        self._thread.join()
        self._line.close()


Browse = Callable[[dict[str, str]], Browser]


@pytest.fixture
def browse(server: int) -> Iterator[Browse]:
    with ExitStack() as opened:

        def open_browser(headers: dict[str, str]) -> Browser:
            browser = Browser(server, headers)
            opened.callback(browser.close)
            return browser

        yield open_browser


def by_session(name: str) -> dict[str, str]:
    client = Client()
    client.force_login(User.objects.create(username=name))
    return {"Cookie": f"sid={client.cookies['sid'].value}", "Accept": "text/event-stream"}


def by_token(name: str) -> dict[str, str]:
    _, token = AuthToken.objects.create(User.objects.create(username=name))
    return {"Authorization": f"Token {token}"}


def change(topic: str, number: int) -> tuple[str, dict[str, Any]]:
    return ("change", {"topic": topic, "what": "job", "id": number})


def test_each_browser_hears_of_its_own_topics_only(browse: Browse) -> None:
    one, two = browse(by_session("task-1")), browse(by_token("task-2"))
    everything = browse(by_session("everything"))
    assert [one.next(), two.next(), everything.next()] == [RESYNC, RESYNC, RESYNC]

    own = f"user/{User.objects.get(username='task-2').pk}"
    announce("task/1", "job", 1)
    announce("task/2", "job", 2)
    announce("task/3", "job", 3)
    announce(own, "job", 4)
    announce("task/1", "job", 5)
    announce("task/2", "job", 6)

    assert [one.next(), one.next()] == [change("task/1", 1), change("task/1", 5)]
    assert [two.next() for _ in range(3)] == [
        change("task/2", 2),
        change(own, 4),
        change("task/2", 6),
    ]
    assert [everything.next()[1]["id"] for _ in range(6)] == [1, 2, 3, 4, 5, 6]
    told = {name.lower(): value for name, value in one.response.getheaders()}
    assert told["content-type"] == "text/event-stream"
    assert told["cache-control"] == "no-store"
    assert told["x-accel-buffering"] == "no"


def test_nobody_hears_of_what_was_rolled_back(browse: Browse) -> None:
    browser = browse(by_session("task-1"))
    assert browser.next() == RESYNC

    with transaction.atomic():
        announce("task/1", "job", 1)
        transaction.set_rollback(True)
    with transaction.atomic():
        announce("task/1", "job", 2)

    assert browser.next() == change("task/1", 2)


def test_it_says_resync_when_the_connection_to_the_database_broke(browse: Browse) -> None:
    browsers = [browse(by_session("task-1")), browse(by_session("task-2"))]
    assert [browser.next() for browser in browsers] == [RESYNC, RESYNC]

    assert len(end_listeners()) == 1, "one connection for all browsers"

    assert [browser.next() for browser in browsers] == [RESYNC, RESYNC]
    announce("task/1", "job", 7)
    assert browsers[0].next() == change("task/1", 7)


def test_open_streams_hold_one_connection_and_it_goes_with_the_last(browse: Browse) -> None:
    headers = by_session("task-1")
    browsers = [browse(headers) for _ in range(30)]  # the pool has 12
    assert [browser.next() for browser in browsers] == [RESYNC] * 30
    announce("task/1", "job", 1)
    assert [browser.next() for browser in browsers] == [change("task/1", 1)] * 30
    assert len(listeners()) == 1

    for browser in browsers:
        browser.close()

    until = time.monotonic() + 20
    while listeners() and time.monotonic() < until:
        time.sleep(0.1)
    assert listeners() == []


def test_a_stranger_gets_no_stream(server: int) -> None:
    url = f"http://127.0.0.1:{server}/api/events/"

    answer = httpx.get(url, headers={"Accept": "text/event-stream"})

    assert answer.status_code == 401
    assert "detail" in answer.json()


def test_an_event_that_postgresql_would_refuse_is_refused_with_a_sentence() -> None:
    with pytest.raises(ValueError, match="too long to be announced"):
        announce("task/" + "1" * 9000, "job", 1)


def test_only_the_browser_that_reads_too_slowly_starts_afresh() -> None:
    hub, event = Hub(), Event("task/1", "job", 1)
    queues = [Queue(LONGEST_QUEUE) for _ in range(20)]
    hub._queues = set(queues)
    for _ in range(LONGEST_QUEUE):
        queues[0].put_nowait(event)

    hub._tell(event)

    assert queues[0].get_nowait() == RESYNC_EVENT
    assert queues[0].empty()
    assert [queue.get_nowait() for queue in queues[1:]] == [event] * 19


def test_an_event_is_the_same_after_the_journey() -> None:
    event = Event("task/1", "models", None)

    assert Event.of(event.payload()) == event


LISTENERS = (
    "SELECT {} FROM pg_stat_activity WHERE datname = current_database() AND query ~ '^LISTEN'"
)


def listeners() -> list[Any]:
    with psycopg.connect(**connection_parameters()) as observer:
        return observer.execute(LISTENERS.format("pid")).fetchall()


def end_listeners() -> list[Any]:
    with psycopg.connect(**connection_parameters()) as observer:
        return observer.execute(LISTENERS.format("pg_terminate_backend(pid)")).fetchall()
