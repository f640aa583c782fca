"""All routes. Each has an authorization decision: tests/accounts/test_routes.py walks this table."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("allauth.account.urls")),
]
