"""The door: signing in and out, and the lock after too many wrong passwords."""

import pytest
from django.test import Client

from tests.factories.accounts import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def sign_in(client: Client, username: str, password: str = PASSWORD, after: str = "/") -> int:
    given = {"login": username, "password": password, "next": after}
    return client.post("/accounts/login/", given).status_code


def is_signed_in(client: Client) -> bool:
    return client.get("/api/me/").status_code == 200


def test_it_signs_in_and_leads_to_where_one_wanted(client: Client) -> None:
    make_user("ada")

    asked = client.get("/tasks/3?tab=models")
    response = client.post(
        asked["Location"], {"login": "ada", "password": PASSWORD, "next": "/tasks/3?tab=models"}
    )

    assert asked["Location"] == "/accounts/login/?next=/tasks/3%3Ftab%3Dmodels"
    assert response["Location"] == "/tasks/3?tab=models"
    assert is_signed_in(client)


def test_it_never_leads_to_another_address(client: Client) -> None:
    make_user("ada")

    response = client.post(
        "/accounts/login/", {"login": "ada", "password": PASSWORD, "next": "https://evil.example/"}
    )

    assert response["Location"] == "/"


def test_it_shows_a_form_that_says_what_was_wrong(client: Client) -> None:
    make_user("ada")

    response = client.post("/accounts/login/", {"login": "ada", "password": "wrong"})

    assert response.status_code == 200
    assert "password" in response.content.decode()
    assert not is_signed_in(client)


def test_it_signs_out_by_post_only(client: Client) -> None:
    client.force_login(make_user())

    client.get("/accounts/logout/")
    still = is_signed_in(client)
    client.post("/accounts/logout/")

    assert still
    assert not is_signed_in(client)


def test_it_locks_a_name_at_an_address_after_eight_wrong_passwords(client: Client) -> None:
    make_user("ada")
    make_user("bob")

    answers = [sign_in(client, "ada", f"wrong {number}") for number in range(8)]
    right = sign_in(client, "ada")

    assert answers == [200] * 7 + [429]
    assert right == 429
    assert not is_signed_in(client)
    assert sign_in(client, "bob") == 302


@pytest.mark.parametrize(
    "path", ["signup/", "email/", "password/reset/", "login/code/", "3rdparty/"]
)
def test_it_offers_nothing_else_of_allauth(client: Client, path: str) -> None:
    assert client.get(f"/accounts/{path}").status_code == 404


def test_it_changes_the_password_of_whoever_is_signed_in(client: Client) -> None:
    client.force_login(make_user("ada"))
    new = "a longer and better one"

    page = client.get("/accounts/password/change/")
    client.post(
        "/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )
    client.logout()

    assert page.status_code == 200
    assert sign_in(client, "ada") == 200
    assert sign_in(client, "ada", new) == 302


def test_it_keeps_passwords_by_argon2() -> None:
    assert make_user().password.startswith("argon2$argon2id$")
