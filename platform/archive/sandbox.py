"""Judges files in child processes with limits of memory and time, so that no file harms who took it in.

A child lives on from file to file and costs about a millisecond for each; one that dies, hangs or grows is
replaced, and the file that did it is refused.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .check_answer import check_prepared, check_refused
from .inspect import too_much_memory
from .limits import MAX_FILE_BYTES, RECYCLED_AT_BYTES, START_SECONDS, WALL_SECONDS
from .policy import Policy
from .prepare import Prepared
from .refused import Refused
from .secondary_capture import Attributes
from .wire import (
    anonymous_file,
    policy_to_json,
    prepared_from_json,
    receive,
    refused_from_json,
    send,
    write_all,
)

TOO_MUCH_TIME = "takes longer to read than any sound file does; it is damaged or made to do harm."
KILLED_READER = (
    "is damaged in a way that ended the program reading it; send it again from the source."
)
DYING_SECONDS = 10
MOST_CHILDREN = os.cpu_count() or 1
Message = dict[str, Any]
FOLDER = Path(__file__).resolve().parents[1]  # where the child finds this package


class Sandbox:
    """As many children as are asked at once, up to the number of processors; threads may share it."""

    def __init__(self) -> None:
        self._idle: list[_Child] = []
        self._lock = threading.Lock()
        self._free = threading.BoundedSemaphore(MOST_CHILDREN)

    def prepare(
        self,
        data: bytes,
        source_hash: str,
        policy: Policy,
        attributes: Attributes | None = None,
    ) -> Prepared:
        """`archive.prepare.prepare` in a child; raises Refused, with too_costly_memory and too_costly_time as well."""
        if len(data) > MAX_FILE_BYTES:
            raise Refused(
                f"is larger than {MAX_FILE_BYTES >> 20:,} MB; split it into several files.",
                code="too_large",
            )
        asked = {
            "length": len(data),
            "source_hash": source_hash,
            "policy": policy_to_json(policy),
            "attributes": asdict(attributes) if attributes else None,
        }
        with self._free:
            try:
                return self._once(data, asked)
            except _WentHome:
                return self._once(data, asked)

    def _once(self, data: bytes, asked: Message) -> Prepared:
        child = self._child()
        try:
            return child.prepare(data, asked)
        finally:
            if child.is_fit:
                with self._lock:
                    self._idle.append(child)
            else:
                child.end()

    def close(self) -> None:
        with self._lock:
            children, self._idle = self._idle, []
        for child in children:
            child.end()

    def _child(self) -> "_Child":
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.is_running():
                    return child
        return _Child()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


_shared: dict[int, Sandbox] = {}  # by process: a fork must not talk to its parent's children


def shared() -> Sandbox:
    """The sandbox of this process, which stays open: its children end by themselves when nobody asks them."""
    return _shared.setdefault(os.getpid(), Sandbox())


@atexit.register
def _close_shared() -> None:
    if os.getpid() in _shared:
        _shared.pop(os.getpid()).close()


class _WentHome(Exception):
    """The child had waited too long for a file and ended just before this one came."""


class _Child:
    def __init__(self) -> None:
        self.is_fit = True  # for another file
        self.ended = False
        self.channel, theirs = socket.socketpair()
        self.inbox, self.outbox = anonymous_file(), anonymous_file()
        files = (theirs.fileno(), self.inbox, self.outbox)
        with theirs:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-P", "-m", "archive.sandbox_child", *map(str, files)],
                pass_fds=files,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # libraries write of the file there, and a file holds names
                env=_environment(),
                start_new_session=True,
            )
        self.channel.settimeout(START_SECONDS)
        try:
            receive(self.channel)
        except (EOFError, OSError) as exc:
            self.end()
            raise RuntimeError(
                "The process that judges files does not start; try: python -m archive.sandbox_child"
            ) from exc
        self.channel.settimeout(WALL_SECONDS)

    def is_running(self) -> bool:
        if self.process.poll() is None:
            return True
        self.end()
        return False

    def prepare(self, data: bytes, asked: Message) -> Prepared:
        try:
            write_all(self.inbox, (data,))
            send(self.channel, asked)
            told = self._told(receive(self.channel), data, asked)
        except TimeoutError:
            self.is_fit = False
            raise Refused(TOO_MUCH_TIME, code="too_costly_time") from None
        except (EOFError, OSError):
            self.is_fit = False
            raise self._post_mortem() from None
        except Exception:  # no sound child answers so; a lie may end in anything
            self.is_fit = False
            raise Refused(KILLED_READER) from None
        if isinstance(told, Refused):
            raise told
        return told

    def _told(self, answer: Message, data: bytes, asked: Message) -> Prepared | Refused:
        """What the child says became of the file; raises anything where that cannot be true."""
        told: Prepared | Refused
        if "refused" in answer:
            told = refused_from_json(answer)
            check_refused(told)
        else:
            told = prepared_from_json(answer, data, self.outbox)
            check_prepared(told, asked["source_hash"])
        out_of_memory = isinstance(told, Refused) and told.code == "too_costly_memory"
        if out_of_memory or answer["peak"] > RECYCLED_AT_BYTES:
            self.is_fit = False
        return told

    def _post_mortem(self) -> Exception:
        """The child is gone, or has closed its end: by which signal says why."""
        try:
            status = self.process.wait(DYING_SECONDS)
        except subprocess.TimeoutExpired:
            return Refused(KILLED_READER)
        if status == 0:
            return _WentHome()
        if status == -signal.SIGXCPU:
            return Refused(TOO_MUCH_TIME, code="too_costly_time")
        if status == -signal.SIGKILL:  # by the system, which is out of memory
            return too_much_memory()
        return Refused(KILLED_READER)

    def end(self) -> None:
        if self.ended:
            return
        self.ended, self.is_fit = True, False
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.channel.close()
        for file in (self.inbox, self.outbox):
            os.close(file)


def _environment() -> dict[str, str]:
    """Nothing secret, and no threads beside the first."""
    kept = ("PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR", "VIRTUAL_ENV")
    return {name: os.environ[name] for name in kept if name in os.environ} | {
        "PYTHONPATH": str(FOLDER),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "1",
    }
