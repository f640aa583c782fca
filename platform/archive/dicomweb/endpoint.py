"""What every DICOMweb address does alike: who may call it, with which method, and how it says no."""

import logging
from collections.abc import Callable
from typing import Any

from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.http import HttpRequest, JsonResponse
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from accounts.access import SIGNED_IN, require, user_of
from accounts.errors import AWAY, Problem
from accounts.models import User
from archive.models import Instance

Visible = Callable[[User], QuerySet[Instance]]
View = Callable[..., HttpResponseBase]

NO_DELETING = "Nothing is deleted over DICOMweb; ask an admin of this archive."
GONE = "The file of this image cannot be read from the store right now; tell an admin."
ANSWERS = "This address answers {methods} only."

log = logging.getLogger(__name__)


def endpoint(visible: Callable[[User], Any], **views: View) -> View:
    """A view of these methods, each called with the request, what the user may see and what the address names.

    Exempt from Django's CSRF check: reading changes nothing, and storing checks it itself (stow.py), for programs
    with a token have no cookie.
    """

    def answer(request: HttpRequest, **names: str) -> HttpResponseBase:
        view = views.get("GET" if request.method == "HEAD" else request.method or "")
        if view is None:
            return not_allowed(request, list(views))
        try:
            return view(request, visible(user_of(request)), **names)
        except Problem as exc:
            return problem(exc.status_code, str(exc.detail))
        except (OperationalError, InterfaceError) as exc:
            log.error("A DICOMweb request was not answered", exc_info=exc)
            return problem(503, AWAY, **{"Retry-After": "2"})
        except OSError as exc:  # gone, cut short, or the store is away
            log.error("A stored file cannot be read", exc_info=exc)
            return problem(503, GONE)

    return csrf_exempt(require(SIGNED_IN)(answer))


def problem(status: int, detail: str, **headers: str) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status, headers=headers)


def not_allowed(request: HttpRequest, methods: list[str]) -> JsonResponse:
    names = " and ".join(methods)
    sentence = NO_DELETING if request.method == "DELETE" else ANSWERS.format(methods=names)
    return problem(405, sentence, Allow=", ".join([*methods, "HEAD"]))


def query(request: HttpRequest, known: tuple[str, ...]) -> dict[str, Any]:
    """The query's parameters; Problem 400 for one that this address does not know."""
    unknown = sorted(set(request.GET) - set(known))
    if unknown:
        there = f"there are {', '.join(known)}" if known else "there are none here"
        raise Problem(400, f"There is no parameter {unknown[0][:64]!r}; {there}.")
    return request.GET.dict()
