"""Who sends a request, found out before its body is read."""

from collections.abc import Mapping
from enum import StrEnum
from importlib import import_module
from io import BytesIO
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.handlers.asgi import ASGIRequest
from django.db import InterfaceError, OperationalError, connections
from rest_framework.exceptions import APIException

from accounts.authentication import Token


class Sender(StrEnum):
    STRANGER = "stranger"
    READER = "reader"
    STAFF = "staff"


def sender_of(scope: Mapping[str, Any]) -> Sender:
    """By session cookie or token, as the views find it later. Whom nobody can look up now is a stranger."""
    try:
        user = _user(ASGIRequest(dict(scope), BytesIO()))
    except (APIException, OperationalError, InterfaceError, UnicodeDecodeError):
        user = None
    finally:
        connections.close_all()  # back to the pool
    if user is None or not user.is_authenticated or not user.is_active:
        return Sender.STRANGER
    return Sender.STAFF if user.is_staff else Sender.READER


def _user(request: ASGIRequest) -> Any:
    if found := Token().authenticate(request):
        return found[0]
    store = import_module(settings.SESSION_ENGINE).SessionStore
    request.session = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME))
    return get_user(request)
