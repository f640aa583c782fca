"""Bodies that break a parser or the database are the sender's mistake, and are told so."""

import pytest
from django.conf import settings
from django.test import Client
from knox.models import AuthToken

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


@pytest.mark.parametrize("by_token", [False, True])
def test_json_larger_than_any_read_is_refused_with_a_sentence(by_token: bool) -> None:
    client, reader = Client(), make_reader(make_task())
    headers = {}
    if by_token:
        _, token = AuthToken.objects.create(reader)
        headers = {"authorization": f"Token {token}"}
    else:
        client.force_login(reader)
    text = b"x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    body = b'{"version":1,"answers":{"a":"' + text + b'"}}'

    answer = client.put(
        "/api/annotations/1/", body, content_type="application/json", headers=headers
    )

    assert answer.status_code == 413
    assert "8 MB" in answer.json()["detail"]
