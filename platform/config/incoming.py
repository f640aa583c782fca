"""The body of a request, read to its end before a thread is taken for it: a slow client costs none.

A large one is read only of whoever may send it: else a stranger could fill the disk that the database writes to.
"""

import asyncio
import tempfile
import threading
from collections.abc import Awaitable, Callable, Mapping
from errno import ENOSPC
from typing import IO, Any, cast

from django.core.exceptions import RequestAborted
from django.http import JsonResponse

from accounts.access import SIGN_IN
from archive.receive import FULL, folder, has_room, is_full

from .sender import Sender, sender_of

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
IN_MEMORY = 1 << 20
SHELF = 64 << 20  # for larger ones whose length is known, of all requests of this process together
MOST = {Sender.STRANGER: IN_MEMORY, Sender.READER: 16 << 20, Sender.STAFF: 20 << 30}


class Shelf:
    """So much memory; who finds too little left has his body on the disk, which takes twice the time."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.lock = threading.Lock()

    def take(self, size: int) -> int:
        """`size`, or 0 where that is not left; to be given back."""
        with self.lock:
            taken = size if size <= self.left else 0
            self.left -= taken
        return taken

    def give_back(self, size: int) -> None:
        with self.lock:
            self.left += size


shelf = Shelf(SHELF)


class Body(tempfile.SpooledTemporaryFile[bytes]):
    """In memory while it is small or the shelf has place for it, else on the disk under the data folder."""

    def __init__(self, declared: int) -> None:
        self.shelved = shelf.take(declared) if declared > IN_MEMORY else 0
        super().__init__(max(self.shelved, IN_MEMORY), "w+b", dir=str(folder()))
        if (
            self.shelved
        ):  # all its memory at once: growing piece by piece would copy it again and again
            self.seek(self.shelved - 1)
            self.write(b"\0")
            self.seek(0)

    def close(self) -> None:
        super().close()
        shelved, self.shelved = self.shelved, 0
        shelf.give_back(shelved)


class Unreadable(Exception):
    """The body is not for any view; what the client is told instead."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status

    def response(self) -> JsonResponse:
        # hang up: else the server would read the rest to throw it away
        return JsonResponse(
            {"detail": str(self)}, status=self.status, headers={"Connection": "close"}
        )


async def read(receive: Receive, scope: Mapping[str, Any], most: int) -> IO[bytes]:
    """The body as a file, in memory while it is small, else on the disk under the data folder.

    When the line breaks in the middle, what came of a tus upload is given as it is, for its sender goes on there
    later; any other request is dropped (RequestAborted). Raises Unreadable for a body of more than `most` bytes, or
    than its sender may send, and where the disk has no room for it.
    """
    declared = length_of(scope)
    if declared > most:
        raise _too_large(most)
    if declared > IN_MEMORY:
        await _check_sender(scope, declared)
    body = Body(declared)
    try:
        await fill(body, receive, scope, most)
    except BaseException:
        body.close()
        raise
    body.truncate()  # of what was cut off no more than came
    body.seek(0)
    return cast(IO[bytes], body)


async def fill(body: IO[bytes], receive: Receive, scope: Mapping[str, Any], most: int) -> None:
    taken, checked, full = 0, length_of(scope), False
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            if keeps_a_part(scope) and not full:
                return
            raise RequestAborted
        piece = message.get("body", b"")
        taken += len(piece)
        if taken > most:
            raise _too_large(most)
        if taken > max(IN_MEMORY, checked):  # sent in chunks, without a length
            checked = 2 * taken
            await _check_sender(scope, taken)
        if not full:
            full = not wrote(body, piece)
        if not message.get("more_body", False):
            break
    if full:  # told when all has been sent: before, few clients listen
        raise Unreadable(507, FULL)


async def _check_sender(scope: Mapping[str, Any], size: int) -> None:
    """Raises Unreadable where a body of so many bytes is not his to send."""
    sender = await asyncio.to_thread(sender_of, scope)
    if size <= MOST[sender]:
        return
    if sender == Sender.STRANGER:
        raise Unreadable(401, SIGN_IN)
    raise _too_large(MOST[sender])


def _too_large(most: int) -> Unreadable:
    return Unreadable(413, f"A request of more than {most >> 20:,} MB is not taken here.")


def wrote(body: IO[bytes], piece: bytes) -> bool:
    """False when the disk is full, and then nothing of the body is kept."""
    before = body.tell()
    try:
        one_more_mb = (before + len(piece)) // IN_MEMORY > before // IN_MEMORY
        if one_more_mb and not has_room(len(piece)):
            raise OSError(ENOSPC, FULL)
        body.write(piece)
    except OSError as error:
        if not is_full(error):
            raise
        body.truncate(0)
        return False
    return True


def length_of(scope: Mapping[str, Any]) -> int:
    text = header(scope, b"content-length")
    return int(text) if text.isdigit() and len(text) < 19 else 0


def keeps_a_part(scope: Mapping[str, Any]) -> bool:
    return header(scope, b"content-type") == b"application/offset+octet-stream"


def header(scope: Mapping[str, Any], name: bytes) -> bytes:
    return next((bytes(value) for key, value in scope["headers"] if key == name), b"")
