"""Every error of the API is one JSON object with a plain sentence in `detail`."""

import logging
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404
from rest_framework.exceptions import APIException, NotFound, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from .access import NOT_FOUND

log = logging.getLogger(__name__)
TOO_LARGE = f"A request of JSON may have {settings.DATA_UPLOAD_MAX_MEMORY_SIZE >> 20} MB; send less at once."
AWAY = "The database does not answer right now; try again in a moment."


class Problem(APIException):
    """An error with its status, a sentence, and whatever helps the caller mend it."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status_code = status
        self.more = more


def sentence(exc: Exception, context: dict[str, Any]) -> Response | None:
    response = exception_handler(exc, context)
    if isinstance(exc, OperationalError | InterfaceError):  # away, restarting or too busy
        log.error("%s was not answered", context["request"].path, exc_info=exc)
        return Response({"detail": AWAY}, status=503, headers={"Retry-After": "2"})
    if isinstance(exc, RequestDataTooBig):
        return Response({"detail": TOO_LARGE}, status=413)
    if response is None:
        return None
    if isinstance(exc, Problem):
        response.data = {"detail": str(exc.detail), **exc.more}
    elif isinstance(exc, Http404 | NotFound):
        response.data = {"detail": NOT_FOUND}
    elif isinstance(exc, ValidationError):
        first = next(iter(_flat(exc.detail)), "The request was not understood.")
        response.data = {"detail": first, "fields": exc.detail}
    return response


def _flat(detail: Any, path: str = "") -> list[str]:
    if isinstance(detail, dict):
        return [s for key, value in detail.items() for s in _flat(value, f"{path}{key}: ")]
    if isinstance(detail, list):
        return [s for value in detail for s in _flat(value, path)]
    return [f"{path}{detail}"]
