"""Osteon on one machine: starts the servers and the processes, watches them, stops them in order."""

import contextlib
import http.client
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from embedded import children, leftovers, running
from embedded.postgres import Postgres
from embedded.process import CannotStart, Child
from embedded.valkey import Valkey

SECONDS_TO_ANSWER = 120.0
# Together under five. Even a PostgreSQL that is killed loses nothing that was committed.
SECONDS_TO_STOP = {"own": 2.0, "valkey": 0.7, "postgres": 2.0}
LONGEST_PAUSE = 30.0
QUIET_AFTER = 60.0  # A process that ran this long starts afresh with the shortest pause.
LARGEST_LOG = 10_000_000


@dataclass
class Watched:
    """A process with what starts it again, and how often it died lately."""

    child: Child
    start: Callable[[], None]
    deaths: int = 0
    started: float = 0.0
    due: float | None = None


@dataclass
class Supervisor:
    """Everything `manage.py up` runs. `say` takes one line for the person at the terminal."""

    data: Path
    host: str
    port: int
    say: Callable[[str], None]
    run: str = field(default_factory=lambda: secrets.token_hex(8))
    environment: dict[str, str] = field(default_factory=dict)
    servers: list[Postgres | Valkey] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    begun: list[Child] = field(default_factory=list)

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def notes(self) -> Path:
        return self.data / "run" / "processes.json"

    @property
    def address(self) -> str:
        return f"http://{reachable_host(self.host)}:{self.port}"

    def start_servers(self) -> None:
        """PostgreSQL and Valkey, unless the environment names others; then what all processes are told."""
        self.environment = environment_of(self.data, self.host) | {leftovers.RUN: self.run}
        if not self.environment.get("DATABASE_URL"):
            self._serve(Postgres(self.data, fresh_log(self.logs / "postgres.log")), "DATABASE_URL")
        if not self.environment.get("CELERY_BROKER_URL"):
            self._serve(Valkey(self.data, fresh_log(self.logs / "valkey.log")), "CELERY_BROKER_URL")
        running.publish(self.data, self.environment)

    def _serve(self, server: Postgres | Valkey, variable: str) -> None:
        self.servers.append(server)
        self.environment[variable] = server.start()
        self._watch(Watched(server.child, server.run))

    def manage(self, *arguments: str) -> str:
        """Run a management command to its end. Returns what it printed; its log is kept."""
        log = fresh_log(self.logs / f"{arguments[0]}.log")
        with log.open("ab") as errors:
            done = subprocess.run(
                [sys.executable, str(children.BASE / "manage.py"), *arguments],
                env=self.environment,
                cwd=children.BASE,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                check=False,
            )
            errors.write(done.stdout)
        if done.returncode != 0:
            words = Child(arguments[0], (), log, {}).tail(4)
            raise CannotStart(
                f"`manage.py {' '.join(arguments)}` failed; its log {log} ends:\n{words}"
            )
        return done.stdout.decode(errors="replace").strip()

    def begin(self, *arguments: str) -> None:
        """Start a management command and leave it to itself: it ends when it is done, or with the run."""
        log = fresh_log(self.logs / f"{arguments[0]}.log")
        command = (sys.executable, str(children.BASE / "manage.py"), *arguments)
        child = Child(arguments[0], command, log, self.environment, folder=children.BASE)
        child.start()
        self.begun.append(child)

    def start_processes(self) -> None:
        """The web server, the workers and, where it is asked for, the DICOM listener."""
        common = (self.logs, self.environment)
        processes = children.web(self.host, self.port, *common)
        processes += [children.worker(name, *common) for name in children.WORKERS]
        processes.append(children.beat(self.data, *common))
        processes += children.listener(*common)
        for child in processes:
            fresh_log(child.log)
            child.start()
            self._watch(Watched(child, child.start))

    def _watch(self, watched: Watched) -> None:
        watched.started = time.monotonic()
        self.watched.append(watched)
        leftovers.note(self.notes, self.run, (each.child for each in self.watched))

    def wait_until_ready(self) -> None:
        """Until /healthz answers 200. Raises CannotStart when the web server dies or takes too long."""
        until = time.monotonic() + SECONDS_TO_ANSWER
        web = next(each.child for each in self.watched if each.child.name == "web1")
        while not is_healthy(reachable_host(self.host), self.port):
            if not web.alive() or time.monotonic() > until:
                raise CannotStart(f"The web server does not answer; {web.log} ends:\n{web.tail()}")
            time.sleep(0.1)

    def watch(self) -> None:
        """Bring back what dies and keep the logs small, for ever; each further death doubles the pause before."""
        while True:
            for each in self.watched:
                fresh_log(each.child.log)
                if not each.child.alive():
                    self.bring_back(each)
            time.sleep(0.5)

    def bring_back(self, each: Watched) -> None:
        now = time.monotonic()
        if each.due is None:
            each.deaths = 1 if now - each.started > QUIET_AFTER else each.deaths + 1
            pause = min(LONGEST_PAUSE, 2.0 ** (each.deaths - 1))
            each.due = now + pause
            name, log = each.child.name, each.child.log
            self.say(f"{name} ended; starting it again in {pause:.0f} s. {log} ends:")
            self.say("\n".join(f"    {line}" for line in each.child.tail(4).splitlines()))
        if now < each.due:
            return
        each.due, each.started = None, now
        try:
            each.start()
        except CannotStart as reason:
            self.say(str(reason))
        leftovers.note(self.notes, self.run, (one.child for one in self.watched))

    def stop(self) -> None:
        """Web, workers and beat first, then Valkey, then PostgreSQL; who does not end in time is killed."""
        own = [each.child for each in self.watched if each.child.name not in ("postgres", "valkey")]
        until = time.monotonic() + SECONDS_TO_STOP["own"]
        for child in own:
            child.ask_to_stop()
        for child in own:
            child.wait(until)
            child.kill()
        leftovers.end_run(self.run)
        for server in reversed(self.servers):
            server.stop(SECONDS_TO_STOP[server.child.name])
        self.notes.unlink(missing_ok=True)
        running.withdraw(self.data)


def environment_of(data: Path, host: str) -> dict[str, str]:
    """What the processes are told: the person's own variables, and ours where there are none."""
    given = {name: value for name, value in os.environ.items() if value}
    local = host in ("127.0.0.1", "localhost", "::1")
    if not local and "ALLOWED_HOSTS" not in given:
        raise CannotStart(
            f"With --host {host} others can come in: name the hosts that Osteon answers to, for "
            "example ALLOWED_HOSTS=osteon.example.org."
        )
    hosts = [name for name in given.get("ALLOWED_HOSTS", "").split(",") if name]
    ours = {
        "OSTEON_MODE": "development" if local else "production",
        "SECRET_KEY": secret_key(data),
        "STORAGE_URL": (data / "originals").as_uri(),
    }
    return {
        **ours,
        **given,
        "OSTEON_DATA": str(data),
        "ALLOWED_HOSTS": ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost"])),
        "PYTHONUNBUFFERED": "1",
    }


def secret_key(data: Path) -> str:
    """The key that signs sessions: made once for a data folder."""
    path = data / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def fresh_log(path: Path) -> Path:
    """Put a log that has grown large aside, as one older generation; its process may go on writing meanwhile.

    So it is copied and emptied, not renamed: every process appends, wherever the end is. A line that comes between
    the two steps is lost.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LARGEST_LOG:
        with contextlib.suppress(OSError):  # a full disk: then without the older lines
            shutil.copyfile(path, path.with_suffix(".old.log"))
        os.truncate(path, 0)
    return path


def reachable_host(host: str) -> str:
    """Where this machine itself finds a server that listens there."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]", "::1": "[::1]"}.get(host, host)  # noqa: S104


def is_healthy(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host.strip("[]"), port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
