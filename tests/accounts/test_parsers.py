"""Bodies that break a parser or the database are the sender's mistake, and are told so."""

import pytest
from django.test import Client

from tests.factories.annotation import make_reader, make_task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"version":1,"answers":{"\\ud800":1},"active_seconds":1}']
)
def test_json_that_cannot_be_held_is_refused_with_a_sentence(body: bytes) -> None:
    client = Client()
    client.force_login(make_reader(make_task()))

    answer = client.put("/api/annotations/1/", body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("The JSON ")


def test_a_whole_character_in_two_escapes_is_taken() -> None:
    client = Client()
    client.force_login(make_reader(make_task()))
    body = b'{"version":1,"answers":{"\\ud83e\\uddb4":{}},"active_seconds":1}'

    answer = client.put(
        "/api/annotations/1/",
        body,
        content_type="application/json",
        headers={"idempotency-key": "k"},
    )

    assert answer.status_code == 404
