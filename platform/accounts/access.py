"""Who may call what. Every route says it; a view without a decision refuses everybody (tests/accounts/test_routes.py).

A view names its decision in `access`: PUBLIC, SIGNED_IN, STAFF or OPERATOR; finer rights (a task's roles) are the
view's own `permission_classes` or its scoped queryset: an object that the caller may not see does not exist for him
(404). API views inherit the check from the default permission; other views are wrapped in `require`.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import wraps
from inspect import iscoroutinefunction
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from asgiref.sync import sync_to_async
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from rest_framework.exceptions import APIException, NotFound
from rest_framework.permissions import BasePermission

from .authentication import Token
from .models import User

if TYPE_CHECKING:  # the API framework imports this module while it is itself being imported
    from rest_framework.request import Request
    from rest_framework.views import APIView as Base
else:
    Base = object


class Access(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed in"
    STAFF = "staff"
    OPERATOR = "operator"  # staff, or a program on this machine


PUBLIC, SIGNED_IN, STAFF, OPERATOR = Access.PUBLIC, Access.SIGNED_IN, Access.STAFF, Access.OPERATOR

M = TypeVar("M", bound=Model)
View = Callable[..., Any]

# One text for what does not exist and for what the caller may not see: the answer tells nothing.
NOT_FOUND = "There is no such object, or you may not see it."
SIGN_IN = "Sign in, or send a token in the Authorization header."
STAFF_ONLY = "Only staff may do this."


def allows(access: Access | None, user: Any) -> bool:
    """Default deny: no decision, no entry."""
    if access is None:
        return False
    if access == PUBLIC:
        return True
    if user is None or not user.is_authenticated or not user.is_active:
        return False
    return access == SIGNED_IN or bool(user.is_staff)


def user_of(request: "HttpRequest | Request") -> User:
    """Who calls, behind a guard that lets in nobody unknown."""
    assert isinstance(request.user, User)
    return request.user


class Decided(BasePermission):
    """The API's default permission: the view's own decision."""

    def has_permission(self, request: HttpRequest, view: Any) -> bool:
        return allows(getattr(view, "access", None), request.user)


class ScopedView(Generic[M], Base):
    """Mixin of an API view whose every query starts at what the user may see.

    A subclass says which rows those are: by `scope`, or as `View.as_view(scope=function_of_user)`.
    """

    access = SIGNED_IN

    @staticmethod
    def scope(user: User) -> QuerySet[M]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[M]:
        return self.scope(user_of(self.request))

    def find(self, **lookup: Any) -> M:
        """The one visible row; a foreign row gives the same 404 as an unknown one."""
        return find(self.get_queryset(), **lookup)


def find(rows: QuerySet[M], **lookup: Any) -> M:
    """The one row, or the 404 that tells nothing."""
    found = rows.filter(**lookup).first()
    if found is None:
        raise NotFound(NOT_FOUND)
    return found


def require(access: Access) -> Callable[[View], View]:
    """Guards a view outside the API framework, plain or async; session cookie or token, as in the API.

    Strangers get 401 as JSON under /api/ and /dicomweb/, elsewhere the sign-in page; 403 where they are not staff.
    """

    def decorate(view: View) -> View:
        guarded = _guard_async(view, access) if iscoroutinefunction(view) else _guard(view, access)
        guarded.access = access  # type: ignore[attr-defined]
        return guarded

    return decorate


def _guard(view: View, access: Access) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refusal = _refusal(request, access)
        response: HttpResponseBase = refusal or view(request, *args, **kwargs)
        return response

    return guarded


def _guard_async(view: Callable[..., Awaitable[HttpResponseBase]], access: Access) -> View:
    @wraps(view)
    async def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        refusal = await sync_to_async(_refusal)(request, access)
        return refusal or await view(request, *args, **kwargs)

    return guarded


def _refusal(request: HttpRequest, access: Access) -> HttpResponseBase | None:
    """What the caller gets instead of the view; None when he may pass."""
    if access == PUBLIC or (access == OPERATOR and _from_this_machine(request)):
        return None
    machine = request.path.startswith(("/api/", "/dicomweb/"))
    try:
        _identify(request)
    except APIException as exc:
        return _unauthorized(str(exc.detail))
    if allows(access, request.user):
        return None
    if not request.user.is_authenticated:
        return _unauthorized(SIGN_IN) if machine else redirect_to_login(request.get_full_path())
    if machine:
        return JsonResponse({"detail": STAFF_ONLY, "code": "not_allowed"}, status=403)
    raise PermissionDenied(STAFF_ONLY)


def _identify(request: HttpRequest) -> None:
    if not request.user.is_authenticated and (found := Token().authenticate(request)):
        request.user, request.auth = found  # type: ignore[attr-defined]  # as the API framework names it


def _unauthorized(detail: str) -> JsonResponse:
    body = {"detail": detail, "code": "signed_out"}
    return JsonResponse(body, status=401, headers={"WWW-Authenticate": "Token"})


def _from_this_machine(request: HttpRequest) -> bool:
    """A proxy on this machine speaks for others, and says so in a header."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
