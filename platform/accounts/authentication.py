"""Sign-in for the API: by session, as DRF's, but a missing one is 401, so that the page can ask again; or by token."""

from django.db import connection
from django.utils import timezone
from knox.auth import TokenAuthentication
from knox.crypto import hash_token
from knox.models import AuthToken
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from .models import User


class Session(SessionAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return "Session"


# By hand, since programs send their token with each request: the ORM takes longer to ask than PostgreSQL to answer.
STILL_GOOD = """
FROM knox_authtoken t JOIN accounts_user u ON u.id = t.user_id
WHERE t.digest = %s AND u.is_active AND (t.expiry IS NULL OR t.expiry > now())
"""
FIND = "SELECT t.digest, t.token_key, t.user_id, t.created, t.expiry, {user}" + STILL_GOOD


class Token(TokenAuthentication):  # type: ignore[misc]  # knox has no types
    def authenticate_credentials(self, token: bytes) -> tuple[User, AuthToken]:
        """A good token's user; of any other knox says what is wrong with it."""
        columns = [field.column for field in User._meta.concrete_fields]
        query = FIND.format(user=", ".join(f"u.{column}" for column in columns))
        with connection.cursor() as cursor:
            cursor.execute(query, [hash_token(token.decode(errors="replace"))])
            row = cursor.fetchone()
        if row is None:
            found: tuple[User, AuthToken] = super().authenticate_credentials(token)
            return found
        names = [field.attname for field in User._meta.concrete_fields]
        user = User.from_db(connection.alias, names, row[5:])
        digest, token_key, _, created, expiry = row[:5]
        return user, AuthToken(digest, token_key, user.pk, created, expiry)

    def _cleanup_token(self, auth_token: AuthToken) -> bool:
        """Whether it has expired. Knox also looks through the user's other tokens, at each request: a query more."""
        if auth_token.expiry is None or auth_token.expiry > timezone.now():
            return False
        auth_token.delete()
        return True
