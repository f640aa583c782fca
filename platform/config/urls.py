"""All routes. Each has an authorization decision: tests/accounts/test_routes.py walks this table."""

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.i18n import set_language

from accounts import api as accounts_api
from accounts.access import PUBLIC, SIGNED_IN, Access, require
from annotation.access import shown_instances, visible_instances
from archive import api as archive_api
from archive import dicomweb
from jobs import api as jobs_api

from . import rights, schema, views

# Views of others that cannot say themselves who may call them; allauth's own guard stands before the password page.
ELSEWHERE: dict[str, Access] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_change_password": SIGNED_IN,
    "set_language": PUBLIC,
}

api: list[URLPattern | URLResolver] = [
    *accounts_api.urlpatterns,
    *archive_api.routes(visible_instances),
    *jobs_api.routes(topics_of=rights.topics_of, may_cancel=rights.may_cancel),
    path("", include("annotation.api.urls")),
    path("", include("training.api.urls")),
    path("", include("inference.api.urls")),
    path("schema/", require(SIGNED_IN)(schema.SchemaView.as_view()), name="schema"),
    path("docs/", require(SIGNED_IN)(schema.DocsView.as_view())),
]

urlpatterns: list[URLPattern | URLResolver] = [
    # signing in and out and a new password: no sign-up, no e-mail, nothing else of allauth's
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/language/", set_language, name="set_language"),
    path("api/", include(api)),
    path("dicomweb/", include(dicomweb.routes(visible_instances, shown_instances))),
    path("healthz", views.healthz),
    path("readyz", views.readyz),
    path("metrics", views.metrics),
    path("", views.app),
    re_path(r"^(?:tasks|read|data|jobs)(?:/.*)?$", views.app),
]
