"""Frames asked for again: the short way gives what the long way gives, and only while that would."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any, NamedTuple

import pytest
from asgiref.sync import async_to_sync
from django.contrib.sessions.models import Session
from django.core import signals
from django.db import close_old_connections, connection
from django.http.response import HttpResponseBase
from django.utils import timezone
from knox.models import AuthToken

from accounts.models import User
from annotation.models import Membership
from archive import store
from archive.dicomweb.answers import Pieces
from archive.models import Instance
from config.onehop import THREADS, OneHopHandler
from config.postgres.base import request
from tests.archive.conftest import originals as originals
from tests.archive.test_dicomweb import address, pixels_in
from tests.archive.test_dicomweb_rights import put_into
from tests.factories.accounts import client_of
from tests.factories.annotation import make_reader, make_task
from tests.factories.archive import make_instance

pytestmark = pytest.mark.django_db
SEVERAL = 'multipart/related; type="application/octet-stream"'


class Asked(NamedTuple):
    long: HttpResponseBase
    short: Pieces | None


class Viewer:
    """Asks for frames with the same headers each time, both ways."""

    def __init__(self, handler: OneHopHandler, instance: Instance, **headers: str) -> None:
        self.handler = handler
        self.path = f"{address(instance)}/frames/1"
        self.headers = {"host": "testserver", "accept": SEVERAL} | headers

    def scope(self, method: str = "GET", query: str = "", **headers: str) -> dict[str, Any]:
        given = self.headers | {name.replace("_", "-"): text for name, text in headers.items()}
        return {
            "type": "http",
            "method": method,
            "scheme": "http",
            "path": self.path,
            "query_string": query.encode(),
            "headers": [(name.encode(), text.encode()) for name, text in given.items()],
        }

    def ask(self, **what: str) -> Asked:
        scope = self.scope(**what)
        known = self.handler.again.find(scope)
        short = known.answer(scope) if known else None
        long = self.handler.respond(scope, BytesIO(), time.monotonic())
        self.handler.again.learn(scope, long)
        assert not hasattr(
            request, "arrived"
        )  # what this thread does next belongs to nobody's request
        return Asked(long, short)


@pytest.fixture
def handler() -> Iterator[OneHopHandler]:
    """It closes no connection after a request: the test's transaction is in it."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield OneHopHandler(frozenset(), re.compile("/dicomweb/"))
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


def token(user: User) -> dict[str, str]:
    return {"authorization": f"Token {AuthToken.objects.create(user)[1]}"}


def session(user: User) -> dict[str, str]:
    return {"cookie": f"sid={client_of(user).cookies['sid'].value}"}


SIGNED_IN = pytest.mark.parametrize("sign_in", [token, session])
SignIn = Callable[[User], dict[str, str]]


def viewer_of(handler: OneHopHandler, sign_in: SignIn, staff: bool = False) -> tuple[User, Viewer]:
    task, instance = make_task(), make_instance()
    put_into(task, instance)
    reader = make_reader(task)
    User.objects.filter(pk=reader.pk).update(is_staff=staff)
    viewer = Viewer(handler, instance, **sign_in(User.objects.get(pk=reader.pk)))
    return reader, viewer


def said(response: Any) -> tuple[dict[str, str], list[bytes]]:
    headers = {name: text.split("boundary=")[0] for name, text in response.items()}
    several = "boundary=" in response["Content-Type"]
    return headers, pixels_in(response) if several else [response.content]


@SIGNED_IN
@pytest.mark.parametrize("accept", [SEVERAL, "*/*", "application/octet-stream"])
def test_both_ways_answer_the_same(handler: OneHopHandler, sign_in: SignIn, accept: str) -> None:
    _, viewer = viewer_of(handler, sign_in)

    first, second = viewer.ask(accept=accept), viewer.ask(accept=accept)

    assert first.short is None
    assert second.short is not None
    assert said(second.short) == said(first.long)
    assert second.short["Cache-Control"].startswith("private")
    assert "Cookie" in second.short["Vary"]


def test_another_frame_is_the_other_ones(handler: OneHopHandler) -> None:
    _, viewer = viewer_of(handler, token, staff=True)
    viewer.ask()
    viewer.path = f"{address(make_instance())}/frames/1"

    asked = viewer.ask()

    assert asked.short is not None
    assert said(asked.short) == said(asked.long)


def leaves_the_task(user: User) -> None:
    Membership.objects.filter(user=user).delete()


def is_shut_out(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def loses_the_token(user: User) -> None:
    AuthToken.objects.filter(user=user).delete()


def lets_it_expire(user: User) -> None:
    past = timezone.now() - timedelta(seconds=1)
    AuthToken.objects.filter(user=user).update(expiry=past)
    Session.objects.update(expire_date=past)


def signs_out(user: User) -> None:
    Session.objects.all().delete()


def takes_a_new_password(user: User) -> None:
    user.set_password("another horse battery")
    user.save(update_fields=["password"])


def shows_a_name(user: User) -> None:
    Instance.everything.update(state=Instance.State.HELD)


def loses_its_file(user: User) -> None:
    store.originals().delete(Instance.objects.get().file)


@pytest.mark.parametrize(
    ("sign_in", "event", "status"),
    [
        (token, leaves_the_task, 404),
        (session, leaves_the_task, 404),
        (token, is_shut_out, 401),
        (session, is_shut_out, 401),
        (token, loses_the_token, 401),
        (token, lets_it_expire, 401),
        (session, lets_it_expire, 401),
        (session, signs_out, 401),
        (session, takes_a_new_password, 401),
        (token, shows_a_name, 404),
        (token, loses_its_file, 503),
    ],
)
def test_nothing_outlives_the_right(
    handler: OneHopHandler, sign_in: SignIn, event: Callable[[User], None], status: int
) -> None:
    user, viewer = viewer_of(handler, sign_in)
    viewer.ask()
    assert viewer.ask().short is not None

    event(user)
    asked = viewer.ask()

    assert asked.short is None
    assert asked.long.status_code == status


@SIGNED_IN
def test_whoever_is_no_longer_staff_sees_no_more_than_his_cases(
    handler: OneHopHandler, sign_in: SignIn
) -> None:
    user, viewer = viewer_of(handler, sign_in, staff=True)
    leaves_the_task(user)
    viewer.ask()
    assert viewer.ask().short is not None

    User.objects.filter(pk=user.pk).update(is_staff=False)
    asked = viewer.ask()

    assert asked.short is None
    assert asked.long.status_code == 404


@pytest.mark.parametrize(
    "what",
    [
        {"method": "HEAD"},
        {"method": "POST"},
        {"query": "a=b"},
        {"content_length": "3"},
        {"host": "elsewhere"},
        {"authorization": "Token nonsense"},
        {"if_none_match": '"x"'},
    ],
)
def test_what_was_not_asked_before_goes_the_long_way(
    handler: OneHopHandler, what: dict[str, str]
) -> None:
    _, viewer = viewer_of(handler, token)
    viewer.ask()

    assert viewer.ask(**what).short is None


def test_what_is_no_frame_goes_the_long_way(handler: OneHopHandler) -> None:
    _, viewer = viewer_of(handler, token)
    viewer.ask()
    frame = viewer.path

    for path in (f"{frame}/rendered", "/api/me/", frame.replace("/frames/1", "/frames/2")):
        viewer.path = path
        assert viewer.ask().short is None


@pytest.fixture
def kept_by_threads(handler: OneHopHandler) -> Iterator[None]:
    """Gives back the connections that its threads hold."""
    yield
    together = threading.Barrier(THREADS)

    def give_back() -> None:
        together.wait(30)
        connection.close()

    for done in [handler.heavy_lane.submit(give_back) for _ in range(THREADS)]:
        done.result(30)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("kept_by_threads")
def test_the_server_takes_the_short_way_itself(
    handler: OneHopHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, viewer = viewer_of(handler, token)
    first = sent(handler, viewer.scope())
    monkeypatch.setattr(handler, "respond", None)

    second = sent(handler, viewer.scope())

    assert [message["type"] for message in second] == ["http.response.start", "http.response.body"]
    assert second[0]["status"] == 200
    assert {name for name, _ in second[0]["headers"]} == {name for name, _ in first[0]["headers"]}
    assert len(second[1]["body"]) == len(b"".join(piece["body"] for piece in first[1:]))


def sent(handler: OneHopHandler, scope: dict[str, Any]) -> list[dict[str, Any]]:
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(dict(message))

    async_to_sync(handler)(scope, receive, send)
    return messages
