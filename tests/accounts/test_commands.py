"""`manage.py adduser` and `manage.py token`."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import User
from tests.factories.accounts import OUTSIDE, PASSWORD, client_of, make_user

pytestmark = pytest.mark.django_db


def add(monkeypatch: pytest.MonkeyPatch, *args: str, password: str = PASSWORD) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    call_command("adduser", *args, "--password-stdin", stdout=io.StringIO())


def token_of(*args: Any) -> str:
    out = io.StringIO()
    call_command("token", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_it_makes_a_user_who_can_sign_in(monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, "ada", "--staff", "--first-name", "Ada")

    user = User.objects.get(username="ada")
    assert user.check_password(PASSWORD)
    assert (user.is_staff, user.is_superuser, user.display_name) == (True, False, "Ada")


@pytest.mark.parametrize(
    ("name", "password", "says"),
    [
        ("bob", "short", "at least 12 characters"),
        ("bob", "qwerty123456", "too common"),
        ("Ada", PASSWORD, "There is a user 'Ada' already"),
        ("a b", PASSWORD, "Enter a valid username"),
    ],
)
def test_it_refuses_a_bad_name_or_password_in_words(
    monkeypatch: pytest.MonkeyPatch, name: str, password: str, says: str
) -> None:
    make_user("ada")

    with pytest.raises(CommandError, match=says):
        add(monkeypatch, name, password=password)
    assert User.objects.count() == 1


def test_it_makes_a_token_that_is_stored_as_a_hash_only() -> None:
    user = make_user("ada")

    token = token_of("ada")

    [stored] = AuthToken.objects.all()
    assert token not in (stored.digest, stored.token_key)
    assert stored.expiry is None
    answer = client_of().get(
        "/api/me/", headers={"Authorization": f"Token {token}"}, REMOTE_ADDR=OUTSIDE
    )
    assert answer.json()["id"] == user.pk


def test_it_lets_a_token_expire() -> None:
    make_user("ada")

    token = token_of("ada", "--expires", "30")
    stored = AuthToken.objects.get()
    stored.expiry -= timedelta(days=31)
    stored.save()

    assert stored.expiry < timezone.now()
    assert (
        client_of().get("/api/me/", headers={"Authorization": f"Token {token}"}).status_code == 401
    )


def test_it_says_when_there_is_no_such_user() -> None:
    with pytest.raises(CommandError, match="no user 'nobody'"):
        token_of("nobody")
