"""Every route has a decision on who may call it, and keeps it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, path
from rest_framework.views import APIView

from accounts.access import PUBLIC, SIGNED_IN, STAFF, Access, require
from config.urls import ELSEWHERE
from tests.factories.accounts import client_of, make_user, token_client

# something that fits each converter and names nothing that exists
SAMPLES = {
    "int": "987654",
    "str": "1.2.3",
    "slug": "none",
    "path": "1.2.3",
    "uuid": "6f8f2c1e-6c3b-5f0e-9d1a-3a1c7a4f5e20",
}
METHODS = ("get", "post", "put", "patch", "delete")


class Route(NamedTuple):
    path: str
    name: str
    callback: Any

    @property
    def access(self) -> Access | None:
        """The decision on the view itself, or in the table for views of others."""
        view = getattr(self.callback, "cls", None) or getattr(self.callback, "view_class", None)
        own: Access | None = getattr(view or self.callback, "access", None)
        return own or ELSEWHERE.get(self.name)


def walk(patterns: list[Any], before: str = "") -> Iterator[Route]:
    for entry in patterns:
        here = before + example(entry)
        if isinstance(entry, URLResolver):
            yield from walk(entry.url_patterns, here)
        else:
            yield Route(here, entry.name or "", entry.callback)


def example(entry: URLPattern | URLResolver) -> str:
    """A path that the pattern matches."""
    route = str(entry.pattern)
    if not hasattr(entry.pattern, "converters") or route.startswith("^"):
        return "tasks/1" if route.startswith("^(?:tasks") else ""
    for name, converter in entry.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        route = route.replace(f"<{kind}:{name}>", SAMPLES[kind])
    return route


def undecided(patterns: list[Any]) -> list[str]:
    return [route.path for route in walk(patterns) if route.access is None]


ROUTES = list(walk(get_resolver().url_patterns, "/"))


def test_it_walks_the_routes_of_every_app() -> None:
    paths = {route.path for route in ROUTES}

    assert {
        "/",
        "/tasks/1",
        "/api/me/",
        "/api/uploads/",
        "/api/studies/",
        "/healthz",
        "/api/tasks/",
    } <= paths
    assert "/dicomweb/studies/1.2.3/series/1.2.3/instances/1.2.3/frames/1.2.3" in paths
    assert len(paths) == len(ROUTES)


def test_it_has_a_decision_for_each_route() -> None:
    assert undecided(get_resolver().url_patterns) == []


def test_it_notices_a_route_without_a_decision() -> None:
    def forgotten(request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")

    class Forgotten(APIView):
        pass

    routes = [path("plain/", forgotten), path("api/", Forgotten.as_view())]

    assert undecided([*get_resolver().url_patterns, *routes]) == ["plain/", "api/"]


def test_it_exempts_no_route_that_is_gone_or_decides_itself() -> None:
    names = {route.name for route in ROUTES if route._replace(name="").access is None}

    assert set(ELSEWHERE) <= names


def test_it_shuts_an_api_view_without_a_decision(rf: RequestFactory) -> None:
    class Forgotten(APIView):
        def get(self, request: HttpRequest) -> HttpResponse:
            return HttpResponse("secret")

    request = rf.get("/api/forgotten/")
    request.user = AnonymousUser()

    assert Forgotten.as_view()(request).status_code == 401


@pytest.mark.django_db
@pytest.mark.parametrize("route", [r for r in ROUTES if r.access != PUBLIC], ids=lambda r: r.path)
def test_it_sends_strangers_away(route: Route) -> None:
    client = client_of()

    for method in METHODS:
        response = getattr(client, method)(route.path)
        assert response.status_code in (302, 401, 403), (
            f"{method} {route.path}: {response.status_code}"
        )
        if response.status_code == 302:
            assert response["Location"].startswith("/accounts/login/?next=")
        elif response.status_code == 401:
            assert set(response.json()) == {"detail", "code"}
            assert response.json()["code"] == "signed_out"


@pytest.mark.django_db
@pytest.mark.parametrize("route", [r for r in ROUTES if r.access == STAFF], ids=lambda r: r.path)
def test_it_keeps_readers_from_what_is_for_staff(route: Route) -> None:
    client = client_of(make_user())

    for method in METHODS:
        assert getattr(client, method)(route.path).status_code == 403


@pytest.mark.django_db
def test_it_takes_a_session_or_a_token() -> None:
    user = make_user("ada")

    by_session = client_of(user).get("/api/me/")
    by_token = token_client(user).get("/api/me/")

    assert by_session.json() == by_token.json()
    assert by_session.json() | {"version": ""} == {
        "id": user.pk,
        "username": "ada",
        "display_name": "ada",
        "is_staff": False,
        "version": "",
        "preferences": {},
    }


@pytest.mark.django_db
def test_it_takes_a_token_on_plain_views_too() -> None:
    client = token_client(make_user())

    assert client.get("/dicomweb/studies/1/series/2/metadata").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/me/", "/dicomweb/studies/1/series/2/metadata"])
def test_it_refuses_a_wrong_token_with_a_sentence(path: str) -> None:
    response = client_of().get(path, headers={"Authorization": "Token nonsense"})

    assert response.status_code == 401
    assert response.json()["detail"].endswith(".")


@pytest.mark.django_db
def test_it_refuses_the_token_of_a_user_who_was_shut_out() -> None:
    user = make_user()
    client = token_client(user)
    user.is_active = False
    user.save(update_fields=["is_active"])

    assert client.get("/api/me/").status_code == 401
    assert client.get("/dicomweb/studies/1/series/2/metadata").status_code == 401


@pytest.mark.django_db
def test_it_shows_the_figures_to_this_machine_and_to_staff_only() -> None:
    here = client_of().get("/metrics", REMOTE_ADDR="127.0.0.1")
    behind_proxy = client_of().get(
        "/metrics", REMOTE_ADDR="127.0.0.1", headers={"X-Forwarded-For": "198.51.100.1"}
    )

    assert here.status_code == 200
    assert 'osteon_jobs{state="queued"} 0' in here.content.decode()
    assert behind_proxy.status_code == 302
    assert client_of(make_user(is_staff=True)).get("/metrics").status_code == 200
    assert client_of(make_user()).get("/metrics").status_code == 403


def test_it_guards_async_views(rf: RequestFactory) -> None:
    @require(SIGNED_IN)
    async def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse("secret")

    request = rf.get("/api/x/")
    request.user = AnonymousUser()

    assert async_to_sync(view)(request).status_code == 401
