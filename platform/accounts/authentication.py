"""Sign-in for the API: by session, as DRF's, but a missing one is 401, so that the page can ask again; or by token."""

from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.models import AuthToken
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class Session(SessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return "Session"


class Token(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    def _cleanup_token(self, auth_token: AuthToken) -> bool:
        """Whether it has expired. Knox also looks through the user's other tokens, at each request: a query more."""
        if auth_token.expiry is None or auth_token.expiry > timezone.now():
            return False
        auth_token.delete()
        return True
