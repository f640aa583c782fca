"""The parts of a multipart/related body (RFC 2387), one after the other as they are read: never the whole in memory."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO

from django.http import HttpRequest
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from accounts.errors import Problem
from archive.limits import MAX_FILE_BYTES
from archive.refused import Refused

CHUNK_BYTES = 1 << 20
HEAD_BYTES = 1 << 18
BROKEN = (
    "The body is no whole multipart message (it ends or breaks within a part); send it again."
    " What was stored of it stays."
)


@dataclass
class Part:
    """One file on its way: what its headers say, and its bytes, which are had once."""

    content_type: str = ""  # without parameters
    header: str = ""
    data: BytesIO = field(default_factory=BytesIO)
    too_large: bool = False

    def add(self, data: memoryview) -> None:
        self.too_large = self.too_large or self.data.tell() + len(data) > MAX_FILE_BYTES
        if not self.too_large:
            self.data.write(data)

    def head(self) -> bytes:
        """The first bytes, to see what it is; none are used up."""
        return bytes(self.data.getbuffer()[:HEAD_BYTES])

    def take(self) -> bytes:
        """All of it, not copied; raises Refused when that is too much."""
        data, self.data = self.data, BytesIO()
        if self.too_large:
            raise Refused(
                f"is larger than {MAX_FILE_BYTES >> 20:,} MB; split it into several files.",
                code="too_large",
            )
        return data.getvalue()


class Collector:
    """Called by the parser."""

    def __init__(self, boundary: bytes) -> None:
        self.done: deque[Part] = deque()
        self.part = Part()
        self.value = ""
        self.ended = False
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self.begin,
                "on_header_field": self.on_name,
                "on_header_value": self.on_value,
                "on_header_end": self.end_header,
                "on_part_data": self.on_data,
                "on_part_end": lambda: self.done.append(self.part),
                "on_end": self.end,
            },
        )

    def begin(self) -> None:
        self.part = Part()

    def on_name(self, data: bytes, start: int, end: int) -> None:
        self.part.header += data[start:end].decode("latin1").lower()

    def on_value(self, data: bytes, start: int, end: int) -> None:
        self.value += data[start:end].decode("latin1")

    def on_data(self, data: bytes, start: int, end: int) -> None:
        self.part.add(memoryview(data)[start:end])  # a slice would be one more copy

    def end_header(self) -> None:
        if self.part.header == "content-type":
            self.part.content_type = self.value.split(";")[0].strip()
        self.part.header = self.value = ""

    def end(self) -> None:
        self.ended = True


def parts_of(request: HttpRequest, boundary: bytes) -> Iterator[Part]:
    """Problem 400 where the body is cut off or no multipart message at all."""
    collector = Collector(boundary)
    try:
        while chunk := request.read(CHUNK_BYTES):
            collector.parser.write(chunk)
            while collector.done:
                yield collector.done.popleft()
    except MultipartParseError as exc:
        raise Problem(400, BROKEN) from exc
    if not collector.ended:
        raise Problem(400, BROKEN)
