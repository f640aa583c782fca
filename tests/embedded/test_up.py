import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from embedded import leftovers, testing
from embedded.supervisor import is_healthy
from tests.instance import free_port
from tests.servers import VARIABLES

BASE = Path(__file__).resolve().parents[2]
SECONDS = 120.0


@dataclass
class Up:
    """One `manage.py up` as a person starts it, with what it prints."""

    data: Path
    port: int
    output: Path
    process: subprocess.Popen[bytes]

    def printed(self) -> str:
        return self.output.read_text()

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + SECONDS
        while words not in self.printed():
            assert self.process.poll() is None, self.printed()
            assert time.monotonic() < until, self.printed()
            time.sleep(0.1)

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(SECONDS)

    def pid_of(self, name: str) -> int:
        notes = json.loads((self.data / "run" / "processes.json").read_text())
        return next((known["pid"] for known in notes["processes"] if known["name"] == name), 0)

    def processes(self) -> list[psutil.Process]:
        """Everything that runs for this data folder: by its environment, or by its working folder."""
        found = []
        for process in psutil.process_iter():
            try:
                own = process.environ().get("OSTEON_DATA") == str(self.data)
                if own or process.cwd().startswith(f"{self.data}/"):
                    found.append(process)
            except psutil.Error:
                continue
        return found


def bare_environment() -> dict[str, str]:
    """The environment without what the test run itself has set."""
    return {name: value for name, value in os.environ.items() if name not in VARIABLES}


def start(data: Path, port: int | None = None) -> Up:
    port = port or free_port()
    with tempfile.NamedTemporaryFile(dir=data.parent, prefix="output-", delete=False) as printed:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up", "--data", str(data), "--port", str(port)],
            cwd=BASE,
            env=bare_environment(),
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Up(data, port, Path(printed.name), process)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = testing.new_folder()
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[Up]:
    up = start(folder / "Daten für Knie, 膝")
    up.wait_for("Ctrl-C stops everything")
    yield up
    up.end(signal.SIGINT)


def test_it_prints_where_everything_is_and_answers_there(running: Up) -> None:
    assert f"Osteon is ready: http://127.0.0.1:{running.port}" in running.printed()
    assert f"Data  {running.data}" in running.printed()
    assert is_healthy("127.0.0.1", running.port)


def test_it_keeps_its_secrets_to_its_owner(running: Up) -> None:
    secrets = [running.data / "secret_key", running.data / "run" / "environment.json"]
    assert [path.stat().st_mode & 0o777 for path in secrets] == [0o600, 0o600]
    assert [(running.data / name).stat().st_mode & 0o077 for name in ("run", "logs")] == [0, 0]


def test_a_second_one_on_the_same_folder_says_so_in_one_sentence(running: Up) -> None:
    second = start(running.data)

    assert second.process.wait(SECONDS) == 1
    assert second.printed() == (
        f"Osteon already runs on {running.data} (process {running.process.pid}, "
        f"http://127.0.0.1:{running.port}): stop it there with Ctrl-C, "
        "or choose another folder with --data.\n"
    )


def test_a_taken_port_is_named_before_anything_starts(running: Up, folder: Path) -> None:
    second = start(folder / "other", running.port)

    assert second.process.wait(SECONDS) == 1
    assert f"Port {running.port} is already in use" in second.printed()
    assert f"make demo PORT={running.port + 1}" in second.printed()
    assert not (folder / "other" / "postgres").exists()


def test_other_commands_find_its_database(running: Up) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--check"],
        cwd=BASE,
        env={**bare_environment(), "OSTEON_DATA": str(running.data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["beat", "valkey", "postgres"])
def test_what_dies_is_brought_back(running: Up, name: str) -> None:
    before = running.pid_of(name)
    os.killpg(before, signal.SIGKILL)

    until = time.monotonic() + SECONDS
    while running.pid_of(name) in (before, 0):
        assert time.monotonic() < until, running.printed()
        time.sleep(0.1)

    assert f"{name} ended; starting it again" in running.printed()


def test_ctrl_c_stops_everything_and_leaves_nothing_behind(folder: Path) -> None:
    up = start(folder / "stopped")
    up.wait_for("Ctrl-C stops everything")
    count = len(up.processes())

    code = up.end(signal.SIGINT)

    assert count > 8
    assert (code, up.processes()) == (0, [])
    assert sorted(path.name for path in (up.data / "run").iterdir() if path.suffix == ".json") == []


def test_it_starts_again_after_everything_was_killed(folder: Path) -> None:
    killed = start(folder / "killed")
    killed.wait_for("Ctrl-C stops everything")
    killed.process.kill()  # First: it would bring the others back.
    killed.process.wait()
    for process in killed.processes():
        process.kill()

    again = start(killed.data, killed.port)
    again.wait_for("Ctrl-C stops everything")

    assert is_healthy("127.0.0.1", again.port)
    assert (again.end(signal.SIGTERM), again.processes()) == (0, [])


def test_it_ends_what_a_killed_supervisor_left_running(folder: Path) -> None:
    orphaned = start(folder / "orphaned")
    orphaned.wait_for("Ctrl-C stops everything")
    orphaned.process.kill()
    orphaned.process.wait()
    left = {process.pid for process in orphaned.processes()}

    again = start(orphaned.data, orphaned.port)
    again.wait_for("Ctrl-C stops everything")
    now = {process.pid for process in again.processes()}
    again.end(signal.SIGINT)

    assert len(left) > 8
    assert left & now == set()


def test_notes_about_a_number_that_came_back_are_no_reason_to_kill(tmp_path: Path) -> None:
    bystander = subprocess.Popen(["sleep", "60"], start_new_session=True)
    known = {"name": "web", "pid": bystander.pid, "started": time.time() - 5_000}
    notes = tmp_path / "processes.json"
    notes.write_text(json.dumps({"run": "a run of long ago", "processes": [known]}))

    ended = leftovers.end(notes)
    alive = bystander.poll() is None
    bystander.kill()
    bystander.wait()

    assert (ended, alive, notes.exists()) == ([], True, False)


def test_a_server_that_does_not_answer_is_not_healthy() -> None:
    assert not is_healthy("127.0.0.1", free_port())
