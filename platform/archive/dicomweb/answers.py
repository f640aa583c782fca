"""The bodies of answers: DICOM JSON, one part, several parts; and how long a browser may keep them."""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

DICOM_JSON = "application/dicom+json"
OCTETS = "application/octet-stream"
DICOM = "application/dicom"
CACHE = "private, max-age=3600"
AT_ONCE_BYTES = 32 << 20  # more is sent as it is read

Part = tuple[str, Iterable[bytes]]  # its content type, its bytes in pieces


class Pieces(HttpResponse):
    """A body in pieces that are sent one after the other and never joined: the joining would copy them."""

    # the route and the view of those that follow: again.py
    again: "tuple[str, Callable[..., HttpResponseBase]] | None" = None

    def __init__(self, pieces: list[bytes], content_type: str) -> None:
        super().__init__(content_type=content_type)
        self.pieces = pieces
        self["Content-Length"] = str(sum(map(len, pieces)))

    @property
    def content(self) -> bytes:
        return b"".join(self.pieces)

    @content.setter
    def content(self, value: Any) -> None:
        self.pieces = [bytes(value)]


def dicom_json(content: list[Any] | dict[str, Any], status: int = 200) -> HttpResponse:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body.encode(), content_type=DICOM_JSON, status=status)


def single(part: Part) -> Pieces:
    return Pieces(list(part[1]), part[0])


def single_stream(part: Part) -> StreamingHttpResponse:
    """The same, each piece made when the client has the one before."""
    return StreamingHttpResponse(iter(part[1]), content_type=part[0])


def multipart(parts: Iterable[Part], media_type: str) -> Pieces:
    """multipart/related (RFC 2387) of parts that are at hand."""
    boundary = uuid.uuid4().hex
    pieces = [piece for part in parts for piece in _framed(part, boundary)]
    return Pieces([*pieces, _closing(boundary)], _content_type(media_type, boundary))


def multipart_stream(parts: Iterable[Part], media_type: str) -> StreamingHttpResponse:
    """The same of parts that are made one after the other, as the client takes them."""
    boundary = uuid.uuid4().hex

    def pieces() -> Iterator[bytes]:
        for part in parts:
            yield from _framed(part, boundary)
        yield _closing(boundary)

    return StreamingHttpResponse(pieces(), content_type=_content_type(media_type, boundary))


def _framed(part: Part, boundary: str) -> Iterator[bytes]:
    yield f"\r\n--{boundary}\r\nContent-Type: {part[0]}\r\n\r\n".encode()
    yield from part[1]


def _closing(boundary: str) -> bytes:
    return f"\r\n--{boundary}--\r\n".encode()


def _content_type(media_type: str, boundary: str) -> str:
    return f'multipart/related; type="{media_type}"; boundary={boundary}'


def unchanged(request: HttpRequest, tag: str) -> HttpResponseBase | None:
    """304 where the client has it already."""
    if tag not in request.headers.get("If-None-Match", ""):
        return None
    return cached(HttpResponseNotModified(), tag)


def cached(response: HttpResponseBase, tag: str) -> HttpResponseBase:
    response["ETag"] = tag
    response["Cache-Control"] = CACHE
    patch_vary_headers(response, ["Accept", "Authorization", "Cookie"])
    return response
