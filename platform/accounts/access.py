"""Who may call what. Every route says it; a view without a decision refuses everybody (tests/accounts/test_routes.py).

A view names its decision in `access`: PUBLIC, SIGNED_IN or STAFF; finer rights (a task's roles) are the view's own
`permission_classes` or its scoped queryset: an object that the caller may not see does not exist for him (404).
"""

from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from rest_framework.permissions import BasePermission


class Access(StrEnum):
    PUBLIC = "public"
    SIGNED_IN = "signed in"
    STAFF = "staff"


PUBLIC, SIGNED_IN, STAFF = Access.PUBLIC, Access.SIGNED_IN, Access.STAFF


def allows(access: Access | None, user: Any) -> bool:
    """Default deny: no decision, no entry."""
    if access is None:
        return False
    if access == PUBLIC:
        return True
    if user is None or not user.is_authenticated or not user.is_active:
        return False
    return access == SIGNED_IN or bool(user.is_staff)


class Decided(BasePermission):
    """The API's default permission: the view's own decision."""

    def has_permission(self, request: HttpRequest, view: Any) -> bool:  # type: ignore[override]
        return allows(getattr(view, "access", None), request.user)
