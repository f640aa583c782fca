"""A web server whose PostgreSQL goes away and comes back."""

import shutil
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from embedded import testing
from embedded.postgres import Postgres
from tests.instance import free_port
from tests.jobs.processes import Process, wait_for_port

SOON = 4.0  # seconds


@dataclass
class Place:
    database: Postgres
    url: str

    def ask(self, seconds: float = 0.0) -> httpx.Response:
        return httpx.get(f"{self.url}/now/?seconds={seconds}", timeout=30)

    def fill_the_pool(self) -> None:
        """As many connections as requests can be at work at once."""
        with ThreadPoolExecutor(8) as readers:
            answers = list(readers.map(self.ask, [0.5] * 8))
        assert [answer.status_code for answer in answers] == [200] * 8


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    folder = testing.new_folder()
    database = Postgres(folder, folder / "postgres.log", durable=False, template=testing.template())
    url, port = database.start(), free_port()
    web = Process(
        ["config.server", "--port", str(port)],
        tmp_path / "web.log",
        DATABASE_URL=url,
        DJANGO_SETTINGS_MODULE="tests.config.settings",
    )
    try:
        wait_for_port(port, web)
        yield Place(database, f"http://127.0.0.1:{port}")
    finally:
        web.kill()
        database.stop()
        shutil.rmtree(folder)
        sys.stdout.write((tmp_path / "web.log").read_text()[-4000:])


def test_after_a_restart_of_postgresql_the_next_request_succeeds(place: Place) -> None:
    place.fill_the_pool()

    place.database.child.stop()
    place.database.run()
    began = time.monotonic()
    answer = place.ask()

    assert answer.status_code == 200
    assert time.monotonic() - began < SOON


def test_while_postgresql_is_away_a_sentence_says_so_and_afterwards_all_is_well(
    place: Place,
) -> None:
    place.fill_the_pool()
    place.database.child.stop()

    began = time.monotonic()
    with ThreadPoolExecutor(8) as readers:
        refused = list(readers.map(place.ask, [0.0] * 8))
    waited = time.monotonic() - began
    place.database.run()
    began = time.monotonic()
    answer = place.ask()

    assert {one.status_code for one in refused} == {503}
    assert "database" in refused[0].json()["detail"]
    assert waited < 8
    assert answer.status_code == 200
    assert time.monotonic() - began < SOON
