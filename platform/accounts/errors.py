"""Every error of the API is one JSON object with a plain sentence in `detail`."""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    NotAuthenticated,
    NotFound,
    ParseError,
    PermissionDenied,
    Throttled,
    ValidationError,
)
from rest_framework.response import Response
from rest_framework.views import exception_handler

from . import said
from .access import NOT_FOUND

CODES: dict[type[APIException], str] = {
    NotAuthenticated: "signed_out",
    AuthenticationFailed: "signed_out",
    PermissionDenied: "not_allowed",
    ParseError: "not_understood",
}

log = logging.getLogger(__name__)
MOST_MB = settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20
TOO_LARGE = f"A request of JSON may have {MOST_MB} MB; send less at once."
AWAY = "The database does not answer right now; try again in a moment."


class Problem(APIException):
    """An error with its status, a sentence, and whatever helps the caller mend it.

    `code` is stable, and with `parameters` enough for a page to say the sentence in its own language; a Said brings both.
    """

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status_code = status
        self.more = more if "code" in more else {**said.kept(detail), **more}

    @property
    def said(self) -> str:
        """The sentence, with its code."""
        return said.restored(
            str(self.detail),
            {"parameters": {}, **self.more} if "code" in self.more else {},
        )


def sentence(exc: Exception, context: dict[str, Any]) -> Response | None:
    response = exception_handler(exc, context)
    body: dict[str, Any]
    if isinstance(exc, OperationalError | InterfaceError):  # away, restarting or too busy
        log.error("%s was not answered", context["request"].path, exc_info=exc)
        body = {"detail": AWAY, "code": "database_away"}
        return Response(body, status=503, headers={"Retry-After": "2"})
    if isinstance(exc, RequestDataTooBig):
        body = {"detail": TOO_LARGE, "code": "too_large", "parameters": {"most_mb": MOST_MB}}
        return Response(body, status=413)
    if response is None:
        return None
    if isinstance(exc, Problem):
        response.data = {"detail": str(exc.detail), **exc.more}
    elif isinstance(exc, Http404 | NotFound):
        response.data = {"detail": NOT_FOUND, "code": "not_found"}
    elif isinstance(exc, ValidationError):
        first = next(iter(_flat(exc.detail)), "The request was not understood.")
        response.data = {"detail": first, "code": "invalid", "fields": exc.detail}
    elif isinstance(exc, APIException):
        response.data = {"detail": str(exc.detail), **_named(exc)}
    return response


def _named(exc: APIException) -> dict[str, Any]:
    """The code of what the API framework raises, with its parameters."""
    if isinstance(exc, PermissionDenied) and str(exc.detail).startswith("CSRF"):
        return {"code": "csrf_failed"}
    if isinstance(exc, Throttled):
        return {"code": "too_many_requests", "parameters": {"wait": getattr(exc, "wait", None)}}
    return {"code": next((code for kind, code in CODES.items() if isinstance(exc, kind)), "error")}


def _flat(detail: Any, path: str = "") -> list[str]:
    if isinstance(detail, dict):
        return [s for key, value in detail.items() for s in _flat(value, f"{path}{key}: ")]
    if isinstance(detail, list):
        return [s for value in detail for s in _flat(value, path)]
    return [f"{path}{detail}"]
