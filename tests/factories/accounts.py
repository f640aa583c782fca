"""People who sign in, and clients that speak for them."""

from itertools import count

from django.test import Client
from knox.models import AuthToken

from accounts.models import User

PASSWORD = "correct horse battery"
OUTSIDE = "203.0.113.9"  # an address that is not this machine's

_numbers = count(1)


def make_user(username: str = "", is_staff: bool = False) -> User:
    """A user who can sign in with PASSWORD."""
    name = username or f"person-{next(_numbers)}"
    return User.objects.create_user(name, password=PASSWORD, is_staff=is_staff)


def client_of(user: User | None = None) -> Client:
    """A browser in which the user is signed in; without a user, a stranger's."""
    client = Client(REMOTE_ADDR=OUTSIDE)
    if user is not None:
        client.force_login(user)
    return client


def token_client(user: User) -> Client:
    """A program with the user's token."""
    _, token = AuthToken.objects.create(user=user)
    return Client(REMOTE_ADDR=OUTSIDE, headers={"Authorization": f"Token {token}"})
