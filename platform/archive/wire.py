"""What goes between the sandbox and its child: JSON, and bytes in two files that have no name.

Nothing is pickled: a child that a file has taken over can lie about that file, and do no more.
"""

import json
import os
import socket
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, time
from struct import pack, unpack
from typing import Any

import numpy as np

from .burned_in import Hold
from .part10 import Part
from .policy import Policy
from .prepare import Prepared
from .refused import Refused

ROWS = ("patient", "study", "series", "instance")
KINDS: dict[str, Callable[[str], date | time]] = {
    "date": date.fromisoformat,
    "time": time.fromisoformat,
}
MOST_BYTES = 1 << 30  # of one message


def anonymous_file() -> int:
    """A file without a name, in memory where the system has that; returns its descriptor."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("osteon")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def send(channel: socket.socket, message: dict[str, Any]) -> None:
    data = json.dumps(message, separators=(",", ":")).encode()
    channel.sendall(pack("<L", len(data)) + data)


def receive(channel: socket.socket) -> dict[str, Any]:
    """Raises EOFError when the other side is gone, OSError (TimeoutError) or ValueError."""
    (length,) = unpack("<L", _exactly(channel, 4))
    if length > MOST_BYTES:
        raise ValueError("The message is too long")
    message = json.loads(_exactly(channel, length))
    if not isinstance(message, dict):
        raise ValueError("The message is no object")
    return message


def _exactly(channel: socket.socket, length: int) -> bytearray:
    data = bytearray(length)
    view = memoryview(data)
    while view:
        count = channel.recv_into(view)
        if not count:
            raise EOFError
        view = view[count:]
    return data


def write_all(file: int, parts: tuple[Part, ...]) -> None:
    """Replaces what stands in the file."""
    at = 0
    for part in parts:
        view = memoryview(part).cast("B")
        while view:
            count = os.pwrite(file, view, at)
            at, view = at + count, view[count:]
    os.ftruncate(file, at)  # at last: what is emptied first gets all its memory anew


def read_all(file: int, at: int, length: int) -> bytes:
    """Raises EOFError when the file is shorter: nothing is allocated on the word of the other side."""
    if not 0 <= at <= at + length <= os.fstat(file).st_size:
        raise EOFError
    pieces = []
    while length:  # one call gives 2 GiB at most
        if not (piece := os.pread(file, length, at)):
            raise EOFError
        pieces.append(piece)
        at, length = at + len(piece), length - len(piece)
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def policy_to_json(policy: Policy) -> dict[str, Any]:
    return {
        name: {"hex": value.hex()} if isinstance(value, bytes) else value
        for name, value in asdict(policy).items()
    }


def policy_from_json(message: dict[str, Any]) -> Policy:
    fields: dict[str, Any] = {
        name: bytes.fromhex(value["hex"]) if isinstance(value, dict) else value
        for name, value in message.items()
    }
    return Policy(**fields)


def refused_to_json(reason: Refused) -> dict[str, Any]:
    return {"refused": [str(reason), reason.code, reason.tag, reason.offset]}


def refused_from_json(message: dict[str, Any]) -> Refused:
    sentence, code, tag, offset = message["refused"]
    return Refused(str(sentence), code=str(code), tag=tag, offset=offset)


def prepared_to_json(prepared: Prepared, data: bytes, file: int) -> dict[str, Any]:
    """Parts that are a piece of `data` are named by their place in it; the others go into the file."""
    places, written = [], []
    at = 0
    for part in prepared.parts:
        start = _place_in(part, data)
        if start is None:
            places.append(["out", at, len(part)])
            written.append(part)
            at += len(part)
        else:
            places.append(["in", start, len(part)])
    write_all(file, tuple(written))
    rows = {name: getattr(prepared, name) for name in ROWS}
    dates = [
        [row, field, type(value).__name__, value.isoformat()]
        for row, field, value in _fields(rows)
        if isinstance(value, date | time)
    ]
    for row, field, _, _ in dates:
        rows[row] = rows[row] | {field: None}
    return {
        "rows": rows,
        "dates": dates,
        "link": prepared.link,
        "hold": asdict(prepared.hold),
        "parts": places,
    }


def prepared_from_json(message: dict[str, Any], data: bytes, file: int) -> Prepared:
    """Raises ValueError, KeyError, TypeError or EOFError where the message cannot be true."""
    rows: dict[str, dict[str, Any]] = {name: dict(message["rows"][name]) for name in ROWS}
    for row, field, kind, text in message["dates"]:
        rows[row][field] = KINDS[kind](text)
    view = memoryview(data)
    parts: list[Part] = []
    for where, start, length in message["parts"]:
        if where == "out":
            parts.append(read_all(file, start, length))
        elif 0 <= start <= start + length <= len(data):
            parts.append(view[start : start + length])
        else:
            raise ValueError("A part lies outside the file")
    return Prepared(**rows, parts=tuple(parts), link=message["link"], hold=Hold(**message["hold"]))


def _fields(rows: dict[str, dict[str, Any]]) -> Iterator[tuple[str, str, Any]]:
    for row, fields in rows.items():
        for field, value in fields.items():
            yield row, field, value


def _place_in(part: Part, data: bytes) -> int | None:
    if not isinstance(part, memoryview) or part.obj is not data or not len(part):
        return None
    start: int = (
        np.frombuffer(part, np.uint8).ctypes.data - np.frombuffer(data, np.uint8).ctypes.data
    )
    return start
