"""Session sign-in for the API: as DRF's, but a missing session is 401, so that the page can ask to sign in again."""

from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request


class Session(SessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return "Session"
