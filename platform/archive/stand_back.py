"""Work that nobody waits for leaves the processor to whoever else wants it."""

import os
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

NICENESS = 10  # as of the workers that calculate
# Linux deals the processor out to sessions first, and a thread's niceness counts within its own (sched(7), autogroups)
SESSION = Path("/proc/self/autogroup")
TRIES, PAUSE = 5, 0.2  # it hears one such word every tenth of a second, on the whole machine


def thread_stands_back() -> None:
    """The calling thread, for good."""
    with suppress(OSError):  # only Linux has priorities of threads
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


@contextmanager
def session_stands_back() -> Generator[None]:
    """Every process of this session, meanwhile: for a worker, which leads one of its own (embedded/process.py)."""
    _tell(NICENESS)
    try:
        yield
    finally:
        _tell(0)


def _tell(niceness: int) -> None:
    for _ in range(TRIES):
        try:
            SESSION.write_text(str(niceness))
        except BlockingIOError:
            time.sleep(PAUSE)
        except OSError:  # a kernel without autogroups
            return
        else:
            return
