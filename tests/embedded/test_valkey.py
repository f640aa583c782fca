import os
import signal
from pathlib import Path

import pytest
import redis

from embedded.valkey import Valkey


def client(broker: Valkey) -> "redis.Redis[bytes]":
    return redis.Redis(unix_socket_path=str(broker.socket))


def test_it_keeps_what_it_holds_when_it_is_killed(tmp_path: Path) -> None:
    broker = Valkey(tmp_path, tmp_path / "valkey.log")
    broker.start()
    client(broker).rpush("bell", *range(100))
    assert broker.child.process is not None
    os.kill(broker.child.process.pid, signal.SIGKILL)
    broker.child.process.wait()

    broker.run()
    length = client(broker).llen("bell")
    broker.stop()

    assert length == 100


@pytest.mark.parametrize("name", ["Knöchel, 膝 and 'spaces'", "deep/" * 30 + "end"])
def test_it_takes_a_data_folder_of_any_name(tmp_path: Path, name: str) -> None:
    data = tmp_path / name
    data.mkdir(parents=True)
    broker = Valkey(data, data / "valkey.log")

    url = broker.start()
    answered = client(broker).ping()
    broker.stop()

    assert answered
    assert url.startswith("redis+socket:///")
    assert not broker.socket.exists()
    assert (data / "valkey" / "appendonlydir").is_dir()


def test_only_its_owner_may_open_its_socket(tmp_path: Path) -> None:
    broker = Valkey(tmp_path, tmp_path / "valkey.log")
    broker.start()
    mode = broker.socket.stat().st_mode & 0o777
    folder = broker.socket.parent.stat().st_mode & 0o777
    broker.stop()

    assert (mode, folder) == (0o700, 0o700)
