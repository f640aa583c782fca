"""What belongs to no app: the page itself, and what operators ask."""

import time
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

from accounts.access import OPERATOR, PUBLIC, SIGNED_IN, require
from annotation.models import Case
from jobs.models import Job

STARTED = time.monotonic()
NOT_BUILT = (
    "The pages are not built yet. Run `make setup` in Osteon's folder, then load this page again.\n"
)


@require(SIGNED_IN)
@never_cache
def app(request: HttpRequest) -> HttpResponse:
    """The one page of the front end; it finds its own way by the path."""
    manifest = Path(str(settings.DJANGO_VITE["default"]["manifest_path"]))
    if not manifest.exists():
        return HttpResponse(NOT_BUILT, status=503, content_type="text/plain; charset=utf-8")
    return render(request, "app.html", {"csrf_cookie_name": settings.CSRF_COOKIE_NAME})


@require(PUBLIC)
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse("ok", content_type="text/plain")


@require(PUBLIC)
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Whether work can be done: 503 with a sentence where the database or the broker does not answer."""
    problems = [problem for problem in (_database_problem(), _broker_problem()) if problem]
    if problems:
        return JsonResponse({"detail": " ".join(problems)}, status=503)
    return JsonResponse({"detail": "ready"})


@require(OPERATOR)
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """A few figures in Prometheus' text format."""
    jobs = dict(Job.objects.order_by().values_list("state").annotate(Count("id")))
    cases = dict(Case.objects.order_by().values_list("state").annotate(Count("id")))
    lines = [
        "# TYPE osteon_jobs gauge",
        *(f'osteon_jobs{{state="{state}"}} {jobs.get(state, 0)}' for state in Job.State.values),
        "# TYPE osteon_cases gauge",
        *(f'osteon_cases{{state="{state}"}} {cases.get(state, 0)}' for state in Case.State.values),
        "# TYPE osteon_uptime_seconds gauge",
        f"osteon_uptime_seconds {time.monotonic() - STARTED:.0f}",
    ]
    return HttpResponse(
        "\n".join(lines) + "\n", content_type="text/plain; version=0.0.4; charset=utf-8"
    )


def _database_problem() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "The database does not answer; check DATABASE_URL and that PostgreSQL runs."
    return ""


def _broker_problem() -> str:
    try:
        with current_app.connection_for_write() as broker:
            broker.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    except Exception:  # each transport raises its own
        return "The broker does not answer; check CELERY_BROKER_URL. Saved work is safe, background work waits."
    return ""
