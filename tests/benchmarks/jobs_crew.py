"""The workers of an instance and those of two more machines beside it: whom a kill or a freeze may hit."""

import os
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

import psutil
import psycopg

from embedded import children
from tests.instance import Instance

MACHINES = 2
NAMES = ("train", "infer", "ingest")
FROZEN_LEASES = (2.2, 12.0)  # at least, and at most if nobody takes over
BUSY = "SELECT id, worker, attempts FROM jobs_job WHERE state = 'running' AND kind LIKE 'bench.%'"
TAKEN_OVER = "SELECT 1 FROM jobs_job WHERE id = %s AND attempts > %s"
STALE = "INSERT INTO stale SELECT (arguments->>'number')::int, %s FROM jobs_job WHERE id = %s"


class Process(NamedTuple):
    name: str  # of its worker
    group: int
    pid: int


@dataclass(frozen=True)
class Frozen:
    """A process group that is stopped, with the jobs that it held: id → attempt."""

    name: str
    group: int
    held: dict[int, int]
    since: float


class Crew:
    def __init__(
        self, instance: Instance, database: "psycopg.Connection[tuple[int, str, int]]", lease: float
    ) -> None:
        self.database, self.lease, self.data = database, lease, str(instance.data)
        self.children = [
            children.worker(name, instance.data / f"machine{machine}", instance.environment)
            for machine in range(MACHINES)
            for name in NAMES
        ]
        self.frozen: list[Frozen] = []
        self.count: Counter[str] = Counter()
        for child in self.children:
            child.start()

    def busy(self) -> dict[Process, dict[int, int]]:
        """Process → the jobs that it holds with their attempts, of those that are not frozen."""
        found: dict[Process, dict[int, int]] = {}
        away = {one.group for one in self.frozen}
        for job, worker, attempt in self.database.execute(BUSY):
            name, pid = worker.split("@")[0], int(worker.rsplit("/", 1)[1])
            with suppress(ProcessLookupError, psutil.NoSuchProcess):
                group = os.getpgid(pid)
                # the number of one that is gone may be another's by now
                if (
                    group not in away
                    and psutil.Process(pid).environ().get("OSTEON_DATA") == self.data
                ):
                    found.setdefault(Process(name, group, pid), {})[job] = attempt
        return found

    def kill(self) -> bool:
        """One process in the middle of a job, or with it its parent and all its siblings."""
        busy = self.busy()
        if not busy:
            return False
        one = random.choice(list(busy))
        with suppress(ProcessLookupError):
            if random.random() < 0.5:
                os.kill(one.pid, signal.SIGKILL)
            else:
                os.killpg(one.group, signal.SIGKILL)
            self.count["killed"] += 1
        return True

    def freeze(self) -> bool:
        """One of a name at a time: somebody must be left to take over."""
        away = {one.name for one in self.frozen}
        able = [one for one in self.busy() if one.name not in away]
        if not able:
            return False
        chosen = random.choice(able)
        with suppress(ProcessLookupError):
            os.killpg(chosen.group, signal.SIGSTOP)
            held: dict[int, int] = {}
            for one, jobs in self.busy().items():
                held |= jobs if one.group == chosen.group else {}
            self.frozen.append(Frozen(chosen.name, chosen.group, held, time.monotonic()))
        return True

    def look_after(self) -> None:
        """Wake whose jobs others have; start again who is gone, as a supervisor does."""
        for one in list(self.frozen):
            least, most = (of * self.lease + one.since for of in FROZEN_LEASES)
            over = self._taken_over(one)
            if time.monotonic() > (least if over else most):
                self._wake(one, over)
        for child in self.children:
            if not child.alive():
                child.kill()  # the children that it left behind
                child.start()
                self.count["started again"] += 1

    def _taken_over(self, one: Frozen) -> dict[int, int]:
        return {
            job: attempt
            for job, attempt in one.held.items()
            if self.database.execute(TAKEN_OVER, [job, attempt]).fetchone()
        }

    def _wake(self, one: Frozen, over: dict[int, int]) -> None:
        """It counts where another worker has its job by now; what the woken one says of that is stale."""
        for job, attempt in over.items():
            self.database.execute(STALE, [attempt, job])
        self.count["frozen" if over else "frozen in vain"] += 1
        self.frozen.remove(one)
        with suppress(ProcessLookupError):
            os.killpg(one.group, signal.SIGCONT)

    def dismiss(self) -> None:
        for one in self.frozen:
            with suppress(ProcessLookupError):
                os.killpg(one.group, signal.SIGCONT)
        for child in self.children:
            child.ask_to_stop()
        for child in self.children:
            child.stop()
