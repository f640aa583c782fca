"""Real processes on the database and the broker of this run of the tests."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


def environment(**more: str) -> dict[str, str]:
    """Ours, but with the test database; the settings read the rest from it as they do here."""
    known = connection.settings_dict
    place = f"{quote(known['USER'])}:{quote(known['PASSWORD'])}@"
    server = f"?host={quote(known['HOST'], safe='/')}&port={known['PORT'] or 5432}"
    return os.environ | {
        "DATABASE_URL": f"postgresql://{place}/{known['NAME']}{server}",
        "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
        **more,
    }


LEASE = 3.0  # seconds, of the workers started here


class Process:
    """A program in a process group of its own, so that it can be killed or frozen with all its children."""

    def __init__(self, command: list[str], log: Path, **more: str) -> None:
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT,
                env=environment(**more),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def send(self, number: signal.Signals) -> None:
        os.killpg(self.process.pid, number)

    def kill(self) -> None:
        with suppress(ProcessLookupError):  # it and its children have ended
            self.send(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        """As a supervisor stops it: the main process alone is asked, and ends its children itself."""
        self.process.terminate()
        return self.process.wait(30)


POOLS = {
    "solo": ("-P", "solo", "-c", "1"),
    "prefork": ("-P", "prefork", "-c", "2"),
    "autoscale": ("-P", "prefork", "--autoscale", "2,1"),
}


def worker(name: str, log: Path, pool: str = "solo") -> Process:
    """A Celery worker of the queue `chaos`, with the handlers of these tests and a short lease."""
    command = ["celery", "-A", "config", "worker", "-Q", "chaos", "-I", "tests.jobs.handlers"]
    options = [*POOLS[pool], "-n", f"{name}@here", "-l", "INFO"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Process([*command, *options, *quiet], log, JOB_LEASE_SECONDS=str(LEASE))


def wait_for_port(port: int, process: Process, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        assert process.process.poll() is None, process.log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(process.log.read_text())
