"""DICOMweb clients as threads with one kept-alive connection each; a process of its own, so that it takes no server's time.

Reads {"requests": […], "clients": n, "seconds": s, "headers": {…}} from standard input; a request is a path to GET,
or {"path", "file", "type"} to POST. Writes latencies in seconds as JSON. Bare sockets: a client library would cost
more than the server that is measured.
"""

import itertools
import json
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Work = Any  # itertools' iterators: next() of one is atomic


class Line:
    """One connection, made again when the server closed it."""

    def __init__(self, netloc: str, headers: dict[str, str]) -> None:
        host, port = netloc.split(":")
        self.address = (host, int(port))
        self.head = "".join(f"{k}: {v}\r\n" for k, v in {"Host": netloc, **headers}.items())
        self.socket: socket.socket | None = None
        self.buffer = bytearray(16 << 20)

    def ask(self, request: str | dict[str, str]) -> tuple[int, int]:
        """The status, and the length of the body."""
        if self.socket is None:
            self.socket = socket.create_connection(self.address, timeout=120)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if isinstance(request, str):
            self.socket.sendall(f"GET {request} HTTP/1.1\r\n{self.head}\r\n".encode())
        else:
            body = Path(request["file"]).read_bytes()
            kind = f"Content-Type: {request['type']}\r\nContent-Length: {len(body)}\r\n"
            self.socket.sendall(
                f"POST {request['path']} HTTP/1.1\r\n{self.head}{kind}\r\n".encode()
            )
            self.socket.sendall(body)
        return self.read(self.socket)

    def read(self, line: socket.socket) -> tuple[int, int]:
        view, end, start = memoryview(self.buffer), 0, -1
        while start < 0:
            got = line.recv_into(view[end:])
            if not got:
                raise OSError("the server closed the connection")
            end += got
            start = self.buffer.find(b"\r\n\r\n", 0, end)
        head = bytes(view[:start]).decode("latin1").lower()
        status, body = int(head.split(" ", 2)[1]), end - start - 4
        fields = dict(row.split(": ", 1) for row in head.split("\r\n")[1:] if ": " in row)
        if "content-length" in fields:
            left = int(fields["content-length"]) - body
            while left > 0:
                got = line.recv_into(view, min(left, len(view)))
                if not got:
                    raise OSError("the server closed the connection in an answer")
                left, body = left - got, body + got
        elif fields.get("transfer-encoding") == "chunked":
            tail = bytes(view[max(start + 2, end - 7) : end])
            while not tail.endswith(b"\r\n0\r\n\r\n"):
                got = line.recv_into(view)
                body, tail = body + got, (tail + bytes(view[max(0, got - 7) : got]))[-7:]
        else:
            while got := line.recv_into(view):
                body += got
            fields["connection"] = "close"
        if fields.get("connection") == "close":
            line.close()
            self.socket = None
        return status, body


class Client(threading.Thread):
    def __init__(self, line: Line, work: Work, end: float, barrier: threading.Barrier) -> None:
        super().__init__()
        self.line, self.work, self.seconds, self.barrier = line, work, end, barrier
        self.times: list[float] = []
        self.bytes: list[int] = []
        self.errors: list[str] = []

    def run(self) -> None:
        self.barrier.wait()
        end = time.monotonic() + self.seconds
        for request in self.work:
            if time.monotonic() > end or self.errors:
                return
            started = time.perf_counter()
            try:
                status, length = self.line.ask(request)
            except OSError as exc:
                self.errors.append(f"{request}: {exc}")
                return
            self.times.append(time.perf_counter() - started)
            self.bytes.append(length)
            if status != 200:
                self.errors.append(f"{request}: {status}")


def main(origin: str) -> None:
    setup = json.load(sys.stdin)
    barrier = threading.Barrier(setup["clients"] + 1)
    once = setup["seconds"] == 0
    work = iter(setup["requests"]) if once else itertools.cycle(setup["requests"])
    seconds = 3600.0 if once else setup["seconds"]
    netloc = urlsplit(origin).netloc
    clients = [
        Client(Line(netloc, setup["headers"]), work, seconds, barrier)
        for _ in range(setup["clients"])
    ]
    for client in clients:
        client.start()
    barrier.wait()
    started = time.monotonic()
    for client in clients:
        client.join()
    json.dump(
        {
            "wall": time.monotonic() - started,
            "times": [s for c in clients for s in c.times],
            "bytes": [n for c in clients for n in c.bytes],
            "errors": [e for c in clients for e in c.errors],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(sys.argv[1])
