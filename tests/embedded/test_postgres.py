import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from embedded import testing
from embedded.postgres import Postgres, home_for, processes_of
from embedded.process import CannotStart


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the server's user can reach; pytest's own tmp_path is closed to other users."""
    made = testing.new_folder()
    yield made
    shutil.rmtree(made)


Server = Callable[[Path], Postgres]


@pytest.fixture
def server(folder: Path) -> Iterator[Server]:
    """Makes the server of a data folder, with the settings that people have; stopped after the test."""
    made: list[Postgres] = []

    def make(data: Path) -> Postgres:
        made.append(Postgres(data, data / "postgres.log", template=testing.template()))
        return made[-1]

    yield make
    for database in made:
        database.stop()


def abandon(database: Postgres) -> None:
    """What the sudden end of the process that started it leaves: the server runs on, its lock is free."""
    assert database.held is not None
    database.held.close()


def write(url: str, number: int) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept VALUES (%s)", [number])


def read(url: str) -> list[int]:
    with psycopg.connect(url) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM kept ORDER BY 1")]


def kill_everything(database: Postgres) -> None:
    assert database.child.process is not None
    os.killpg(database.child.process.pid, signal.SIGKILL)
    database.child.process.wait()
    for process in processes_of(database.cluster):
        process.kill()


def test_it_keeps_rows_over_a_stop(server: Server, folder: Path) -> None:
    first = server(folder)
    write(first.start(), 1)
    first.stop()

    second = server(folder)
    rows = read(second.start())
    second.stop()

    assert rows == [1]
    assert processes_of(second.cluster) == []


def test_it_keeps_committed_rows_when_the_server_is_killed(server: Server, folder: Path) -> None:
    database = server(folder)
    url = database.start()
    for number in range(20):
        write(url, number)
    assert database.child.process is not None
    database.child.process.kill()  # The postmaster alone: its children still hold the memory.
    database.child.process.wait()

    database.run()
    rows = read(url)

    assert rows == list(range(20))


def test_it_starts_after_everything_was_killed(server: Server, folder: Path) -> None:
    killed = server(folder)
    write(killed.start(), 7)
    kill_everything(killed)
    abandon(killed)

    database = server(folder)
    rows = read(database.start())

    assert rows == [7]


def test_it_ends_a_server_whose_supervisor_was_killed(server: Server, folder: Path) -> None:
    orphan = server(folder)
    write(orphan.start(), 3)
    abandon(orphan)

    database = server(folder)
    rows = read(database.start())
    ended = orphan.child.process is not None and orphan.child.process.poll() is not None

    assert rows == [3]
    assert ended


def test_it_is_not_misled_by_a_stale_process_number(server: Server, folder: Path) -> None:
    database = server(folder)
    write(database.start(), 5)
    kill_everything(database)
    numbers = database.cluster / "postmaster.pid"
    lines = numbers.read_text().splitlines()
    numbers.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    abandon(database)

    again = server(folder)
    rows = read(again.start())

    assert rows == [5]


@pytest.mark.parametrize(
    "name", ["a folder with spaces, a comma and Knöchel 膝", "deep/" * 30 + "end"]
)
def test_it_takes_a_data_folder_of_any_name(server: Server, folder: Path, name: str) -> None:
    data = folder / name
    data.mkdir(parents=True)

    database = server(data)
    write(database.start(), 1)
    rows, socket = read(database.url), database.socket
    database.stop()

    assert rows == [1]
    assert len(os.fsencode(socket)) < 90
    assert not socket.exists()


def test_it_lets_nobody_else_use_the_folder(server: Server, folder: Path) -> None:
    database = server(folder)
    database.start()

    with pytest.raises(CannotStart, match="already in use"):
        server(folder).start()


def test_it_begins_again_when_the_first_start_was_cut_short(server: Server, folder: Path) -> None:
    (folder / "postgres" / "cluster.new").mkdir(parents=True)

    database = server(folder)
    write(database.start(), 1)

    assert not (folder / "postgres" / "cluster.new").exists()


def test_it_sorts_and_folds_accents_without_the_machine_s_locales(
    server: Server, folder: Path
) -> None:
    database = server(folder)
    with psycopg.connect(database.start()) as connection:
        row = connection.execute("SELECT upper('é'), lower('Å'), 'a' < 'B'").fetchone()
        checksums = connection.execute("SHOW data_checksums").fetchone()

    assert row == ("É", "å", False)
    assert checksums == ("on",)


def test_it_goes_elsewhere_when_the_server_s_user_cannot_reach_the_data(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    data = closed / "data"
    data.mkdir()

    home = home_for(data)
    again = home_for(data)

    if os.geteuid() == 0:
        assert home.parent == Path("/var/lib")
        shutil.rmtree(home)
    else:
        assert home == data / "postgres"
    assert again == home


def test_it_refuses_to_leave_a_full_database_behind(server: Server, folder: Path) -> None:
    (folder / "data").mkdir()
    database = server(folder / "data")
    database.start()
    database.stop()

    (folder / "data").chmod(0o700)

    if os.geteuid() == 0:
        with pytest.raises(CannotStart, match="can no longer reach"):
            home_for(folder / "data")
    else:
        assert home_for(folder / "data") == folder / "data" / "postgres"
