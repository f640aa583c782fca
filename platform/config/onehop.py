"""Django's ASGI handler with one thread hop a request.

Django adapts each synchronous middleware on its own: a dozen hops between loop and threads a request, and a thread
made and ended for each, cost more than our views do (docs/benchmarks.md, worklist). Ours are synchronous but for the
event stream, so the whole chain runs in one thread of a small pool; the event stream keeps Django's own path.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import IO, Any, cast

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.http.response import FileResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

from archive.dicomweb.again import Again, Known
from archive.dicomweb.answers import Pieces
from config import incoming
from config.postgres import base as postgres
from config.sender import Sender

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

# A lane: so many threads. More only fight for the interpreter, which costs the slowest request most; who waits, waits
# in the loop, first come first served. Pixels and files have a lane of their own: no save queues behind a thumbnail.
THREADS = 4
JOINED_BYTES = 1 << 19


class OneHopHandler(ASGIHandler):
    def __init__(
        self,
        streams: frozenset[str],
        heavy: tuple[str, ...] = (),
        heavy_ends: tuple[str, ...] = (),
    ) -> None:
        """`streams`: the paths whose views are asynchronous and long; `heavy`, `heavy_ends`: how those start or end that
        move files."""
        super().__init__()
        self.streams = streams
        self.heavy, self.heavy_ends = heavy, heavy_ends
        self.again = Again()
        self.chain = BaseHandler()
        self.chain.load_middleware(is_async=False)
        self.quick_lane = ThreadPoolExecutor(THREADS, thread_name_prefix="request")
        self.heavy_lane = ThreadPoolExecutor(THREADS, thread_name_prefix="heavy")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in self.streams:
            if not await self.once_more(scope, send):
                await self.one_hop(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    async def once_more(self, scope: Scope, send: Send) -> bool:
        """Whether it was answered the short way."""
        known = self.again.find(scope)
        if known is None:
            return False
        response = await asyncio.get_running_loop().run_in_executor(
            self.heavy_lane, self.repeat, known, scope, time.monotonic()
        )
        if response is None:
            return False
        await self.send_pieces(response, response.pieces, send)
        return True

    def repeat(self, known: Known, scope: Scope, arrived: float) -> Pieces | None:
        with postgres.answering(arrived):
            return known.answer(scope)

    async def one_hop(self, scope: Scope, receive: Receive, send: Send) -> None:
        moves_files = scope["path"].startswith(self.heavy) or scope["path"].endswith(
            self.heavy_ends
        )
        try:
            # read before anybody knows who sends it
            most = incoming.MOST[Sender.STAFF if moves_files else Sender.READER]
            body = await incoming.read(receive, scope, most)
        except RequestAborted:
            return
        except incoming.Unreadable as reason:
            await self.send_response(reason.response(), send)
            return
        lane = self.heavy_lane if moves_files else self.quick_lane
        try:
            response = await asyncio.get_running_loop().run_in_executor(
                lane, self.respond, scope, body, time.monotonic()
            )
            self.again.learn(scope, response)
            if response.streaming:
                await self.stream(response, receive, send)
            elif pieces := getattr(response, "pieces", None):
                await self.send_pieces(response, pieces, send)
            else:
                await self.send_response(response, send)
        finally:
            body.close()

    async def send_pieces(
        self, response: HttpResponseBase, pieces: list[bytes], send: Send
    ) -> None:
        """A body at hand, as it is if large: Django would join its pieces and cut them up again, copying twice."""
        headers = [
            (name.encode("ascii"), value.encode("latin1")) for name, value in response.items()
        ]
        headers += [
            (b"Set-Cookie", cookie.output(header="").strip().encode("ascii"))
            for cookie in response.cookies.values()
        ]
        start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
        await send(start)
        if sum(map(len, pieces)) <= JOINED_BYTES:
            pieces = [b"".join(pieces)]  # one write, for which the client wakes once
        for number, piece in enumerate(pieces, start=1):
            await send(
                {"type": "http.response.body", "body": piece, "more_body": number < len(pieces)}
            )

    async def stream(self, response: HttpResponseBase, receive: Receive, send: Send) -> None:
        """A file: read in a thread of its own, so that a slow client holds up nobody, and no further once he left."""
        async with ThreadSensitiveContext():
            sending = asyncio.ensure_future(self.send_response(response, send))
            leaving = asyncio.ensure_future(receive())
            try:
                await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
                if sending.done():
                    sending.result()  # raises what broke the stream
            finally:
                sending.cancel()
                leaving.cancel()
                await asyncio.gather(sending, leaving, return_exceptions=True)
                await sync_to_async(response.close)()

    def respond(self, scope: Scope, body: IO[bytes], arrived: float) -> HttpResponseBase:
        """The whole request, in one thread: what is not streamed is complete and closed when it leaves."""
        with postgres.answering(arrived):
            set_script_prefix(get_script_prefix(scope))
            signals.request_started.send(sender=self.__class__, scope=scope)
            request, refusal = self.create_request(scope, body)
            response = self.answer(request, body) if request else refusal
            assert response is not None  # create_request gives one or the other
            if response.streaming:
                # its iterator runs in the loop; the connection of this thread goes back now
                signals.request_finished.send(sender=self.__class__)
            else:
                response.close()
            return response

    def answer(self, request: ASGIRequest, body: IO[bytes]) -> HttpResponseBase:
        if "CONTENT_LENGTH" not in request.META:
            request.META["CONTENT_LENGTH"] = str(length_of(body))
        response: HttpResponseBase = self.chain.get_response(request)
        response._handler_class = self.__class__  # type: ignore[attr-defined]  # whom close() names in its signal
        if isinstance(response, FileResponse):
            response.block_size = self.chunk_size
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            pieces = cast(Iterator[bytes], response.streaming_content)
            response.streaming_content = piece_by_piece(pieces)
        return response


def length_of(body: IO[bytes]) -> int:
    """What came in chunks was sent without it, and Django would take a form or JSON without a length for empty."""
    body.seek(0, os.SEEK_END)
    length = body.tell()
    body.seek(0)
    return length


async def piece_by_piece(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each taken in a thread, when the client has the one before; Django would read the whole file first."""
    take = sync_to_async(lambda: next(pieces, None))
    while (piece := await take()) is not None:
        yield piece
