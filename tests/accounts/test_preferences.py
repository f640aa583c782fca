"""A reader's own keys and layout, kept by the server so that they follow him."""

import pytest

from tests.factories.accounts import client_of, make_user

pytestmark = pytest.mark.django_db
WANTED = {"keys": {"submit": "Enter", "undo": "Shift+z"}, "left_handed": True}


def test_what_one_reader_chose_is_there_on_another_machine_and_nobody_elses() -> None:
    ada, bert = make_user("ada"), make_user("bert")

    answer = client_of(ada).put("/api/me/preferences/", WANTED, "application/json")

    assert answer.status_code == 200
    assert client_of(ada).get("/api/me/").json()["preferences"] == WANTED
    assert client_of(bert).get("/api/me/").json()["preferences"] == {}


@pytest.mark.parametrize(
    "given",
    [
        {"keys": ["a"]},
        {"keys": {"submit": "x" * 31}},
        {"keys": {"c" * 41: "x"}},
        {"keys": {f"command{n}": "x" for n in range(201)}},
        {"left_handed": "perhaps"},
    ],
)
def test_what_is_no_preference_is_refused_and_leaves_the_old_ones(given: object) -> None:
    client = client_of(make_user("ada"))
    client.put("/api/me/preferences/", WANTED, "application/json")

    answer = client.put("/api/me/preferences/", given, "application/json")

    assert answer.status_code == 400
    assert client.get("/api/me/").json()["preferences"] == WANTED
