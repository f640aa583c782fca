"""The bodies of answers: DICOM JSON, one part, several parts; and how long a browser may keep them."""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
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
    return Pieces(list(_joined(parts, boundary)), _content_type(media_type, boundary))


def multipart_stream(parts: Iterable[Part], media_type: str) -> StreamingHttpResponse:
    """The same of parts that are made one after the other, as the client takes them."""
    boundary = uuid.uuid4().hex
    return StreamingHttpResponse(_joined(parts, boundary), _content_type(media_type, boundary))


def as_it_fits(parts: Iterator[Part], media_type: str = "") -> Pieces | StreamingHttpResponse:
    """For parts of unknown size: at hand up to AT_ONCE_BYTES, else made as the client takes them.

    Of a `media_type` as multipart/related, else the one part that there is.
    """
    if media_type:
        boundary = uuid.uuid4().hex
        pieces, content_type = _joined(parts, boundary), _content_type(media_type, boundary)
    else:
        content_type, body = next(parts)
        pieces = iter(body)
    made, size = [], 0
    for piece in pieces:
        made.append(piece)
        size += len(piece)
        if size > AT_ONCE_BYTES:
            return StreamingHttpResponse(chain(made, pieces), content_type)
    return Pieces(made, content_type)


def _joined(parts: Iterable[Part], boundary: str) -> Iterator[bytes]:
    for content_type, body in parts:
        yield f"\r\n--{boundary}\r\nContent-Type: {content_type}\r\n\r\n".encode()
        yield from body
    yield f"\r\n--{boundary}--\r\n".encode()


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
