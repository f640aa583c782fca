"""The process in which files are judged: `python -m archive.sandbox_child CHANNEL INBOX OUTBOX` (descriptors).

It has no database, no settings and no more memory and time than limits.py gives. Whatever a file does to it, the
next file gets a new one (see sandbox.py).
"""

import resource
import select
import socket
import sys
import warnings
from contextlib import suppress
from pathlib import Path

from .limits import CPU_SECONDS, IDLE_SECONDS, MAX_FILE_BYTES, MEMORY_BYTES
from .prepare import prepare
from .refused import Refused
from .secondary_capture import Attributes
from .wire import (
    policy_from_json,
    prepared_to_json,
    read_all,
    receive,
    refused_to_json,
    send,
)

DESCRIPTORS = 32


def main(channel: socket.socket, inbox: int, outbox: int) -> None:
    """Answers until the other side is gone, or has asked nothing for a while."""
    warnings.simplefilter("ignore")
    _limit()
    send(channel, {"ready": True})
    while select.select([channel], [], [], IDLE_SECONDS)[0]:
        _allow_one_file()
        _answer(channel, inbox, outbox)


def _answer(channel: socket.socket, inbox: int, outbox: int) -> None:
    message = receive(channel)
    try:
        data = read_all(inbox, 0, message["length"])
        row = message["attributes"]
        prepared = prepare(
            data,
            message["source_hash"],
            policy_from_json(message["policy"]),
            Attributes(**row) if row else None,
        )
        answer = prepared_to_json(prepared, data, outbox)
    except Refused as reason:
        answer = refused_to_json(reason)
    answer["peak"] = _peak_bytes()  # the other side ends a child that has grown
    send(channel, answer)


def _peak_bytes() -> int:
    """The most memory ever held. What getrusage calls so begins with the size of the process that started this one."""
    with suppress(OSError), Path("/proc/self/status").open() as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) << 10
    return 0


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (DESCRIPTORS, DESCRIPTORS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * MAX_FILE_BYTES, 2 * MAX_FILE_BYTES))
    with suppress(ValueError, OSError):  # not every system can
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))


def _allow_one_file() -> None:
    """The kernel counts the time of the process; each file gets its own on top of what is used."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used = int(usage.ru_utime + usage.ru_stime)
    resource.setrlimit(resource.RLIMIT_CPU, (used + CPU_SECONDS, resource.RLIM_INFINITY))


if __name__ == "__main__":
    descriptor, inbox_file, outbox_file = map(int, sys.argv[1:])
    with suppress(EOFError, ConnectionError), socket.socket(fileno=descriptor) as opened:
        main(opened, inbox_file, outbox_file)
