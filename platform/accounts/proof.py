"""What must still hold for a caller to be who he was, as a query that gives a row while it does.

For a query that is asked again and again on behalf of one caller: it carries the proof along, and nobody need sign
him in anew each time (archive/dicomweb/again.py).
"""

from typing import Any, NamedTuple

from django.http import HttpRequest
from knox.models import AuthToken

from .access import user_of
from .authentication import STILL_GOOD

TOKEN = f"SELECT 1 {STILL_GOOD} AND u.id = %s AND u.is_staff = %s"
# A session's key changes with its user, and a new password ends it (django.contrib.auth.login and get_user).
SESSION = """
SELECT 1 FROM django_session s, accounts_user u
WHERE s.session_key = %s AND s.expire_date > now()
    AND u.id = %s AND u.is_staff = %s AND u.is_active AND u.password = %s
"""


class Proof(NamedTuple):
    sql: str
    parameters: tuple[Any, ...]


def proof_of(request: HttpRequest) -> Proof:
    """Of a request that the guard let in (accounts/access.py)."""
    user = user_of(request)
    token = getattr(request, "auth", None)
    if isinstance(token, AuthToken):
        return Proof(TOKEN, (token.digest, user.pk, user.is_staff))
    return Proof(SESSION, (request.session.session_key, user.pk, user.is_staff, user.password))
