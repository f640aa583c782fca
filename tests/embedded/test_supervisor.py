import signal
import socket
import sys
import time
from pathlib import Path

import psutil
import pytest

from embedded import children
from embedded.ports import check_port
from embedded.process import CannotStart, Child, lock, socket_folder
from embedded.supervisor import Supervisor, Watched, environment_of, fresh_log, secret_key

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
print(child.pid, flush=True)
time.sleep(60)
"""


TALKER = """
import pathlib, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
print("before", flush=True)
pathlib.Path("logs/said").write_text("yes")
signal.sigwait([signal.SIGUSR1])
print("after", flush=True)
"""


def child(tmp_path: Path, program: str) -> Child:
    return Child("a process", [sys.executable, "-c", program], tmp_path / "logs" / "a.log", {})


def wait_for_words(path: Path) -> str:
    until = time.monotonic() + 30
    while not (path.exists() and path.read_text().strip()):
        assert time.monotonic() < until
        time.sleep(0.05)
    return path.read_text().strip()


def test_a_process_that_will_not_stop_is_killed_with_its_children(tmp_path: Path) -> None:
    stubborn = child(tmp_path, STUBBORN)
    stubborn.start()
    grandchild = psutil.Process(int(wait_for_words(stubborn.log)))

    stubborn.stop(seconds=0.2)

    assert stubborn.process is not None
    assert stubborn.process.returncode == -signal.SIGKILL
    assert psutil.wait_procs([grandchild], timeout=30)[1] == []


def test_each_further_death_doubles_the_pause(tmp_path: Path) -> None:
    said: list[str] = []
    dead = child(tmp_path, "print('the last words')")
    (tmp_path / "run").mkdir()
    supervisor = Supervisor(tmp_path, "127.0.0.1", 8000, said.append)
    each = Watched(dead, dead.start, started=time.monotonic())
    dead.start()
    assert dead.process is not None
    dead.process.wait()

    pauses = []
    for _ in range(3):
        supervisor.bring_back(each)
        assert each.due is not None
        pauses.append(round(each.due - time.monotonic()))
        each.due = None

    assert pauses == [1, 2, 4]
    assert "the last words" in said[1]


def test_a_pause_that_is_over_starts_the_process_again(tmp_path: Path) -> None:
    dead = child(tmp_path, "")
    (tmp_path / "run").mkdir()
    supervisor = Supervisor(tmp_path, "127.0.0.1", 8000, lambda line: None)

    supervisor.bring_back(Watched(dead, dead.start, deaths=1, due=time.monotonic() - 1))

    assert dead.process is not None
    assert dead.process.wait() == 0


def test_a_taken_port_is_named_with_what_to_do() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            CannotStart, match=rf"^Port {port} is already in use: .*PORT={port + 1}`\.$"
        ):
            check_port("127.0.0.1", port)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(CannotStart, match=r"no address 192\.0\.2\.1"):
        check_port("192.0.2.1", 8000)


def test_the_secret_key_is_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first, second = secret_key(tmp_path), secret_key(tmp_path)

    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_processes_are_told_everything_by_their_environment(tmp_path: Path) -> None:
    told = environment_of(tmp_path, "127.0.0.1")

    assert told["OSTEON_DATA"] == str(tmp_path)
    assert {"SECRET_KEY", "STORAGE_URL", "OSTEON_MODE", "ALLOWED_HOSTS"} <= told.keys()
    assert told["ALLOWED_HOSTS"].split(",")[-2:] == ["127.0.0.1", "localhost"]


def test_the_listener_is_started_only_where_a_port_is_named(tmp_path: Path) -> None:
    environment = {"OSTEON_LISTEN_PORT": "11112", "OSTEON_LISTEN_PEERS": "CT01"}

    [child] = children.listener(tmp_path, environment)

    assert list(child.command)[-1] == "listen"
    assert child.environment == environment
    assert children.listener(tmp_path, {"OSTEON_LISTEN_PORT": ""}) == []
    assert children.listener(tmp_path, {}) == []


def test_an_open_address_needs_the_names_of_its_hosts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ALLOWED_HOSTS", raising=False)
    monkeypatch.delenv("OSTEON_MODE", raising=False)
    with pytest.raises(CannotStart, match=r"ALLOWED_HOSTS=osteon\.example\.org"):
        environment_of(tmp_path, "0.0.0.0")

    monkeypatch.setenv("ALLOWED_HOSTS", "osteon.example.org")
    told = environment_of(tmp_path, "0.0.0.0")

    assert told["OSTEON_MODE"] == "production"
    assert told["ALLOWED_HOSTS"] == "osteon.example.org,127.0.0.1,localhost"


def test_a_lock_is_free_again_when_it_is_closed(tmp_path: Path) -> None:
    first = lock(tmp_path / "lock", "taken")
    with pytest.raises(CannotStart, match="taken"):
        lock(tmp_path / "lock", "taken")

    first.close()

    lock(tmp_path / "lock", "taken").close()


def test_a_socket_folder_is_closed_to_others_wherever_it_lies(tmp_path: Path) -> None:
    folders = [socket_folder(tmp_path / "socket"), socket_folder(tmp_path / ("long" * 30))]

    assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700, 0o700]
    assert folders[0] == tmp_path / "socket"
    folders[1].rmdir()


def test_a_log_that_has_grown_large_is_put_aside_while_its_process_writes_on(
    tmp_path: Path,
) -> None:
    talker = child(tmp_path, TALKER)
    talker.folder = tmp_path
    talker.log.parent.mkdir()
    talker.log.write_bytes(b"-" * 10_000_001)
    talker.start()
    try:
        wait_for_words(tmp_path / "logs" / "said")
        fresh_log(talker.log)
        assert talker.process is not None
        talker.process.send_signal(signal.SIGUSR1)
        talker.process.wait(30)
    finally:
        talker.kill()

    assert talker.log.read_text() == "after\n"
    assert (tmp_path / "logs" / "a.old.log").read_text().endswith("-before\n")


def test_a_small_log_stays_as_it_is(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("a line")

    fresh_log(log)

    assert log.read_text() == "a line"
    assert not (tmp_path / "web.old.log").exists()
