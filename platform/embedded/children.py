"""The processes of one machine: what `manage.py up` starts, and docker/compose.yaml on several machines."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from embedded.memory import own_allocator
from embedded.process import Child

BASE = Path(__file__).resolve().parents[2]
# Waiting threads sleep: spinning ones slowed training to a tenth on a busy machine.
QUIET_THREADS = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "0"}
CELERY = ("-m", "celery", "-A", "config")
WORKER = ("worker", "--loglevel", "INFO", "--without-gossip", "--without-mingle")
# A worker's name → its arguments. Training is one process that may take every core but one.
WORKERS: dict[str, tuple[str, ...]] = {
    "train": ("-Q", "train", "--pool", "solo", "-n", "train@%h"),
    "infer": ("-Q", "infer", "--pool", "solo", "-n", "infer@%h"),
    # What somebody waits for; a process of its own, since predicting thousands of cases may take minutes.
    "ask": ("-Q", "ask", "--pool", "solo", "-n", "ask@%h"),
    # The second process comes with a second job and goes half a minute after: idle, it would only hold memory.
    "ingest": ("-Q", "ingest,export", "--autoscale", "2,1", "-n", "ingest@%h"),
    # What beat asks every few seconds: the sweeper must run while all others are busy for hours.
    "housekeeping": ("-Q", "beat", "--pool", "solo", "-n", "housekeeping@%h"),
}
NICE = ("nice", "-n", "10")


def cores() -> int:
    """The cores this process may use; in a container often fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def means_of(worker: str) -> dict[str, str]:
    """Variables of the workers that calculate: threads and memory. Readers' requests keep a core while one trains."""
    counts = {"train": max(1, cores() - 1), "infer": cores(), "ask": cores()}
    if worker not in counts:
        return {}
    memory = own_allocator() if worker == "train" else {}
    return {"OMP_NUM_THREADS": str(counts[worker]), **QUIET_THREADS, **memory}


def web(host: str, port: int, logs: Path, environment: Mapping[str, str]) -> list[Child]:
    """One web server a core, at most four; the kernel deals out connections (config/server.py)."""
    command = [sys.executable, "-m", "config.server", "--host", host, "--port", str(port)]
    path = {**environment, "PYTHONPATH": str(BASE / "platform")}
    return [
        Child(f"web{number}", command, logs / f"web{number}.log", path, folder=BASE)
        for number in range(1, min(4, max(2, cores())) + 1)
    ]


def worker(name: str, logs: Path, environment: Mapping[str, str]) -> Child:
    command = [sys.executable, *CELERY, *WORKER, *WORKERS[name]]
    calculates = means_of(name)
    return Child(
        name,
        [*NICE, *command] if calculates else command,
        logs / f"{name}.log",
        {**calculates, **environment},  # an operator may set OMP_NUM_THREADS himself
        folder=BASE,
    )


def listener(logs: Path, environment: Mapping[str, str]) -> list[Child]:
    """The DICOM listener, where a port is named for it (config/environment.py); else none."""
    if not environment.get("OSTEON_LISTEN_PORT"):
        return []
    command = [sys.executable, str(BASE / "manage.py"), "listen"]
    return [Child("listener", command, logs / "listener.log", environment, folder=BASE)]


def beat(data: Path, logs: Path, environment: Mapping[str, str]) -> Child:
    """The clock of repeated jobs; there must be only one."""
    own = ("--schedule", str(data / "run" / "beat-schedule"), "--pidfile", "")
    command = [sys.executable, *CELERY, "beat", "--loglevel", "WARNING", *own]
    return Child("beat", command, logs / "beat.log", environment, folder=BASE)
