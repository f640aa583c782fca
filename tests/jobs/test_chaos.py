"""What may happen to workers and broker, all at once: every job is applied exactly once, and none is lost."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.db import connection, transaction

from jobs.bell import ring
from jobs.enqueue import enqueue
from jobs.models import Job
from jobs.sweep import sweep
from tests.jobs.handlers import QUEUE
from tests.jobs.processes import LEASE, Process, worker

pytestmark = [pytest.mark.chaos, pytest.mark.django_db(transaction=True)]
JOBS, GREEDY = 120, 3
# What happens once so many jobs are done.
KILLS = (5, 20, 40, 60, 80, 100)
FREEZES = (10, 50)
FLUSHES = (15, 70)


@pytest.fixture
def effects() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE chaos_effect (number integer, attempt integer)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE chaos_effect")


class Crew:
    """Three workers that are started again when they are gone, as a supervisor does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pools = {"first": "prefork", "second": "prefork", "third": "solo"}
        self.workers = {name: self._start(name) for name in self.pools}
        self.frozen: dict[str, float] = {}  # name: when it thaws
        self.count: Counter[str] = Counter()

    def _start(self, name: str) -> Process:
        return worker(name, self.folder / f"{name}.log", self.pools[name])

    def busy(self, kind: str = "test.") -> str | None:
        """A worker that is in the middle of a job of that kind."""
        running = Job.objects.filter(state="running", kind__startswith=kind).order_by("?")
        for held_by in running.values_list("worker", flat=True):
            name = held_by.split("@")[0]
            if name in self.workers and name not in self.frozen:
                return name
        return None

    def kill(self) -> bool:
        name = self.busy()
        if name is None:
            return False
        self.workers[name].kill()
        self.count["killed"] += 1
        return True

    def freeze(self) -> bool:
        name = self.busy("test.silent")
        if name is None:
            return False
        self.workers[name].send(signal.SIGSTOP)
        self.frozen[name] = time.monotonic() + 2.2 * LEASE
        self.count["frozen"] += 1
        return True

    def look_after(self) -> None:
        for name, until in list(self.frozen.items()):
            if time.monotonic() > until:
                self.workers[name].send(signal.SIGCONT)
                del self.frozen[name]
        for name, process in self.workers.items():
            if process.process.poll() is not None:
                process.kill()  # the children that it left behind
                self.workers[name] = self._start(name)
                self.count["started again"] += 1

    def dismiss(self) -> None:
        """Let those that live end what they do, zombies too; then kill."""
        for process in self.workers.values():
            process.process.terminate()
        until = time.monotonic() + 15
        while (
            any(p.process.poll() is None for p in self.workers.values())
            and time.monotonic() < until
        ):
            time.sleep(0.1)
        for process in self.workers.values():
            process.kill()


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    crew = Crew(tmp_path)
    yield crew
    for process in crew.workers.values():
        process.kill()


def flush() -> bool:
    url = os.environ["CELERY_BROKER_URL"].replace("redis+socket", "unix").split("?")[0]
    with redis.Redis.from_url(url) as broker:
        broker.flushdb()
    return True


def kind_of(number: int) -> str:
    if number < GREEDY:
        return "test.greedy"
    return "test.silent" if number % 4 == 0 else "test.effect"


def over() -> int:
    return Job.objects.filter(state__in=["done", "failed", "cancelled"]).count()


def test_each_job_is_applied_exactly_once_whatever_happens(
    effects: None, crew: Crew, settings: object
) -> None:
    settings.JOB_LEASE_SECONDS = LEASE  # type: ignore[attr-defined]
    with transaction.atomic():
        poison = enqueue("test.poison", queue=QUEUE, arguments={})
    for number in range(JOBS):
        enqueue(kind_of(number), queue=QUEUE, arguments={"number": number})
    # By chance one job may be hit three times; that it is then given up is not what is asked here.
    Job.objects.exclude(pk=poison.pk).update(max_attempts=9)
    plan = sorted(
        [*((at, crew.kill) for at in KILLS), *((at, crew.freeze) for at in FREEZES)]
        + [(at, flush) for at in FLUSHES],
        key=lambda step: step[0],
    )

    until = time.monotonic() + 85
    while over() < JOBS + 1 or crew.frozen or plan:
        assert time.monotonic() < until, Counter(Job.objects.values_list("state", "attempts"))
        crew.look_after()
        if plan and over() >= plan[0][0] and plan[0][1]():
            plan.pop(0)
        sweep()
        extra = random.choice(Job.objects.values_list("pk", "kind"))  # a bell too many
        ring(*extra, QUEUE)
        time.sleep(0.2)
    crew.dismiss()

    with connection.cursor() as cursor:
        cursor.execute("SELECT number, count(*) FROM chaos_effect GROUP BY number ORDER BY number")
        assert cursor.fetchall() == [(number, 1) for number in range(JOBS)]
    assert Counter(Job.objects.exclude(pk=poison.pk).values_list("state", flat=True)) == {
        "done": JOBS
    }
    assert crew.count["killed"] == len(KILLS)
    assert crew.count["frozen"] == len(FREEZES)
    assert Job.objects.filter(attempts__gt=1).count() >= len(KILLS), "kills must have hit jobs"
    poison.refresh_from_db()
    assert (poison.state, poison.attempts) == ("failed", 3)
    assert poison.error.startswith("The worker was lost 3 times while doing this")
