"""A real instance for measurements: PostgreSQL, Valkey, workers and web server as `manage.py up` starts them."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from embedded.postgres import Postgres
from embedded.valkey import Valkey

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "build" / "instances"


@dataclass(frozen=True)
class Instance:
    port: int
    data: Path
    environment: dict[str, str]

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def manage(self, *arguments: str) -> str:
        """Run a management command against this instance; returns what it printed."""
        done = subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stdout}\n{done.stderr}")
        return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(
    origin: str, process: "subprocess.Popen[bytes]", log: Path, seconds: float = 600
) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"The platform stopped while starting:\n{log.read_text()[-3000:]}")
        try:
            with urllib.request.urlopen(f"{origin}/healthz", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(
        f"The platform did not answer within {seconds} s:\n{log.read_text()[-3000:]}"
    )


@contextmanager
def servers(name: str) -> Generator[tuple[Path, dict[str, str]]]:
    """PostgreSQL (with its usual durability) and Valkey in a fresh folder; yields it and the environment."""
    data = FOLDER / name
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    database = Postgres(data, data / "postgres.log")
    broker = Valkey(data, data / "valkey.log")
    try:
        environment = os.environ | {
            "DATABASE_URL": database.start(),
            "CELERY_BROKER_URL": broker.start(),
            "OSTEON_DATA": str(data),
            "OSTEON_MODE": "development",
            "SECRET_KEY": "only-for-benchmarks-".ljust(50, "x"),
            "STORAGE_URL": (data / "originals").as_uri(),
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }
        yield data, environment
    finally:
        broker.stop()
        database.stop()


@contextmanager
def running(name: str, *arguments: str, **variables: str) -> Generator[Instance]:
    """The whole platform on a free port, stopped at the end; its data stay in build/instances for a look.

    `arguments` are added to those of `manage.py up`, `variables` to its environment.
    """
    with servers(name) as (data, environment):
        environment |= variables
        instance = Instance(free_port(), data, environment)
        log = data / "up.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [
                    sys.executable,
                    str(ROOT / "manage.py"),
                    "up",
                    "--port",
                    str(instance.port),
                    "--data",
                    str(data),
                    *arguments,
                ],
                env=environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_for(instance.origin, process, log)
            yield instance
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
