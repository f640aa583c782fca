"""A frame more, asked for with the same headers as one before: a viewer asks for hundreds in a row.

What stands before the view (middleware, sign-in, routes) looks at nothing but the headers, and costs more than the
view. So what came of them is kept, but no right: the query that finds the frame also asks whether the caller is still
who he was (accounts/proof.py) and sees the image. Only a plain yes is given here; all else goes the long way, which
says no as it always did.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from django.db import Error, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls.resolvers import RoutePattern

from accounts.errors import Problem

from .answers import Pieces

MOST_KEPT = 1_000
OF_ONE_ANSWER = frozenset({"Content-Type", "Content-Length", "ETag"})
READ_BY_VIEWS = ("HTTP_ACCEPT", "HTTP_IF_NONE_MATCH")

Scope = Mapping[str, Any]
View = Callable[..., HttpResponseBase]


@dataclass(frozen=True)
class Known:
    """What came of some headers."""

    pattern: RoutePattern
    view: View
    headers: tuple[tuple[str, str], ...]  # of every answer

    def answer(self, scope: Scope) -> Pieces | None:
        """In a thread. None where it is no plain yes."""
        match = self.pattern.match(scope["path"][1:])
        if match is None:
            return None
        try:
            response = self.view(**match[2])
        except (Problem, OSError):
            return None
        except Error:
            connection.close()  # else the thread keeps it for the next frame, until it does something else
            return None
        if not isinstance(response, Pieces):
            return None
        for name, value in self.headers:
            response.headers[name] = value
        return response


class Again:
    """Of one process, for its event loop."""

    def __init__(self) -> None:
        self.known: OrderedDict[bytes, Known] = OrderedDict()

    def find(self, scope: Scope) -> Known | None:
        return self.known.get(_key(scope)) if _is_plain(scope) else None

    def learn(self, scope: Scope, response: HttpResponseBase) -> None:
        if not isinstance(response, Pieces) or response.again is None or response.cookies:
            return
        if not _is_plain(scope):
            return
        route, view = response.again
        headers = [(name, value) for name, value in response.items() if name not in OF_ONE_ANSWER]
        self.known[_key(scope)] = Known(_pattern(route), view, tuple(headers))
        if len(self.known) > MOST_KEPT:
            self.known.popitem(last=False)


def bare(request: HttpRequest) -> HttpRequest:
    """What a view of the short way is given: of whom it comes, its query knows."""
    kept = HttpRequest()
    kept.META = {name: request.META[name] for name in READ_BY_VIEWS if name in request.META}
    return kept


def _is_plain(scope: Scope) -> bool:
    """A GET without a query or a body."""
    bodies = (b"content-length", b"transfer-encoding")
    return (
        scope["method"] == "GET"
        and not scope["query_string"]
        and not any(name in bodies for name, _ in scope["headers"])
    )


def _key(scope: Scope) -> bytes:
    """Of the headers, in their order; by a hash, for they hold secrets."""
    return sha256(repr((scope["scheme"], scope["headers"])).encode()).digest()


@cache
def _pattern(route: str) -> RoutePattern:
    return RoutePattern(route, is_endpoint=True)
