"""What a body is kept in while it comes: memory that all share, then the disk; never more than was sent."""

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import IO, Any

import pytest

from config import incoming
from config.sender import Sender

MEGABYTE = 1 << 20
TUS = (b"content-type", b"application/offset+octet-stream")


@pytest.fixture(autouse=True)
def shelf(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> incoming.Shelf:
    """Memory for three megabytes, and every sender staff."""
    settings.INCOMING_FOLDER = tmp_path
    monkeypatch.setattr(incoming, "sender_of", lambda scope: Sender.STAFF)
    monkeypatch.setattr(incoming, "shelf", incoming.Shelf(3 * MEGABYTE))
    return incoming.shelf


def read(data: bytes, *, declared: bool = True, cut_at: int | None = None) -> IO[bytes]:
    """What is kept of a body that comes in pieces, of which the line breaks after some."""
    headers = [TUS] + ([(b"content-length", str(len(data)).encode())] if declared else [])
    messages = sent(data if cut_at is None else data[:cut_at], whole=cut_at is None)

    async def receive() -> Mapping[str, Any]:
        return next(messages)

    # in a thread of its own: after a test in the browser a loop is left running in this one
    with ThreadPoolExecutor(1) as thread:
        reading = incoming.read(receive, {"headers": headers}, 100 * MEGABYTE)
        return thread.submit(asyncio.run, reading).result()


def sent(data: bytes, whole: bool) -> Iterator[Mapping[str, Any]]:
    for at in range(0, len(data), 300_000):
        last = whole and at + 300_000 >= len(data)
        yield {"type": "http.request", "body": data[at : at + 300_000], "more_body": not last}
    yield {"type": "http.disconnect"}


def body(size: int) -> bytes:
    return bytes(range(1, 251)) * (size // 250)


def is_on_disk(kept: IO[bytes]) -> bool:
    return bool(kept._rolled)  # type: ignore[attr-defined]  # how tempfile calls it


def test_a_large_body_lies_in_memory_while_there_is_room(shelf: incoming.Shelf) -> None:
    data = body(2 * MEGABYTE)
    with closing(read(data)) as first, closing(read(data)) as second:
        assert (is_on_disk(first), is_on_disk(second)) == (False, True)
        assert first.read() == second.read() == data

    first.close()  # gives nothing back twice
    assert shelf.left == 3 * MEGABYTE


def test_a_body_of_unknown_length_goes_to_the_disk(shelf: incoming.Shelf) -> None:
    data = body(2 * MEGABYTE)
    with closing(read(data, declared=False)) as kept:
        assert is_on_disk(kept)
        assert kept.read() == data
    assert shelf.left == 3 * MEGABYTE


def test_of_a_body_that_is_cut_off_no_more_is_kept_than_came() -> None:
    data = body(2 * MEGABYTE)
    with closing(read(data, cut_at=1_500_000)) as kept:
        assert kept.read() == data[:1_500_000]
