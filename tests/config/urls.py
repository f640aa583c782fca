"""Our routes, and a few that do what a test needs to see at a web server."""

import hashlib
import threading
from collections.abc import Iterator
from typing import cast

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import PUBLIC
from config.urls import urlpatterns as ours

PIECE = b"x" * 100_000
taken: list[int] = []  # how much of /endless/ was asked for
holding: list[bool] = []
let_go = threading.Event()


class Now(APIView):
    """Asks the database; ?seconds= holds its connection so long."""

    access = PUBLIC

    def get(self, request: Request) -> Response:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [request.query_params.get("seconds", "0")])
        return Response({})


@csrf_exempt
def echo(request: HttpRequest) -> JsonResponse:
    """What arrived, by its hash: the body, or the files of a form."""
    sent = cast(list[UploadedFile], list(request.FILES.values()))
    files = {file.name: hash_of(file.read()) for file in sent}
    return JsonResponse(files or {"body": hash_of(request.read())})


def hash_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def ask() -> None:
    """Long enough for as many requests at once to be in as many threads."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.3)")


def kept(request: HttpRequest) -> JsonResponse:
    """How many connections were taken from the pool and not given back."""
    pool = connections["default"].pool  # type: ignore[attr-defined]
    stats = pool.get_stats()
    return JsonResponse({"kept": stats["pool_size"] - stats["pool_available"]})


def broken(request: HttpRequest) -> HttpResponse:
    ask()
    raise RuntimeError("broken on purpose")


def held(request: HttpRequest) -> JsonResponse:
    """Takes its thread until /let-go/ is asked."""
    holding.append(True)
    let_go.wait(60)
    return JsonResponse({})


def how_many_held(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"held": len(holding)})


def let_all_go(request: HttpRequest) -> JsonResponse:
    let_go.set()
    return JsonResponse({})


def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Twenty megabytes from an ordinary generator, which tells how many pieces it was asked for."""
    ask()
    taken.clear()

    def pieces() -> Iterator[bytes]:
        for number in range(200):
            taken.append(number)
            yield PIECE

    return StreamingHttpResponse(pieces(), content_type="application/octet-stream")


def so_far(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"pieces": len(taken)})


def halfway(request: HttpRequest) -> StreamingHttpResponse:
    """Breaks after its first piece."""
    ask()

    def pieces() -> Iterator[bytes]:
        yield PIECE
        raise RuntimeError("broken on purpose")

    return StreamingHttpResponse(pieces(), content_type="application/octet-stream")


urlpatterns = [
    path("now/", Now.as_view()),
    path("echo/", echo),
    path("kept/", kept),
    path("broken/", broken),
    path("dicomweb/held/", held),
    path("held/", how_many_held),
    path("let-go/", let_all_go),
    path("stream/", stream),
    path("stream/so-far/", so_far),
    path("halfway/", halfway),
    *ours,
]
