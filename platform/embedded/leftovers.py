"""What a supervisor that was killed left running: found again by its own notes, and ended."""

import json
import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

from embedded.process import Child

RUN = "OSTEON_RUN"  # In the environment of every process of one run, so in their children's too.
CLOCK_SECONDS = 2.0
SECONDS_TO_DIE = 3.0


def note(path: Path, run: str, children: Iterable[Child]) -> None:
    """Write down which processes belong to this run: number and start time, since numbers come back."""
    processes = []
    for child in children:
        if child.process is None or not child.alive():
            continue
        try:
            started = psutil.Process(child.process.pid).create_time()
        except psutil.Error:
            continue
        processes.append({"name": child.name, "pid": child.process.pid, "started": started})
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps({"run": run, "processes": processes}))
    unfinished.replace(path)


def end(path: Path) -> list[str]:
    """End what the notes name and is still that process. Returns the names. PostgreSQL ends its own."""
    try:
        notes = json.loads(path.read_text())
    except (FileNotFoundError, ValueError):
        return []
    ended, killed = [], []
    for known in notes["processes"]:
        if known["name"] != "postgres" and is_still(known["pid"], known["started"]):
            killed.append(psutil.Process(known["pid"]))
            os.killpg(known["pid"], signal.SIGKILL)
            ended.append(known["name"])
    wait_until_dead(killed)
    end_run(notes["run"])
    path.unlink()
    return ended


def is_still(pid: int, started: float) -> bool:
    try:
        return abs(psutil.Process(pid).create_time() - started) < CLOCK_SECONDS
    except psutil.Error:
        return False


def end_run(run: str) -> None:
    """Kill every process that carries the mark of that run: children outlive a killed parent."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get(RUN) == run:
                process.kill()
                found.append(process)
        except psutil.Error:
            continue  # It ended meanwhile, or belongs to somebody else.
    wait_until_dead(found)


def wait_until_dead(processes: Iterable[psutil.Process]) -> None:
    """A killed process holds its port for as long as its memory takes to be given back."""
    until = time.monotonic() + SECONDS_TO_DIE
    while any(is_alive(process) for process in processes) and time.monotonic() < until:
        time.sleep(0.02)


def is_alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)  # its parent has not asked after it
    except psutil.Error:
        return False
