"""Jobs and events over HTTP. Whose topics a user may see is for the wiring to say (config/urls.py)."""

from collections.abc import Callable
from http import HTTPStatus
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import StreamingHttpResponse
from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import ModelSerializer
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, find, user_of
from accounts.errors import Problem
from accounts.models import User
from jobs.cancel import cancel
from jobs.events import Event
from jobs.models import Job
from jobs.stream import Ear, stream

TopicsOf = Callable[[User], set[str] | None]  # None: every topic there is
MayCancel = Callable[[User, Job], bool]
MOST = 100
BRIEF = "ask"  # the queue of what somebody waits for in front of his screen


class JobSerializer(ModelSerializer[Job]):
    """JOB: what every page that waits for work is given."""

    class Meta:
        model = Job
        fields = [
            *("id", "kind", "queue", "topic", "state", "progress", "text", "text_said"),
            *(
                "detail",
                "attempts",
                "error",
                "error_said",
                "cancel_requested",
                "created_at",
                "started_at",
                "finished_at",
            ),
            "result",
        ]
        read_only_fields = fields


def nothing(user: User) -> set[str] | None:
    return set()


def nobody(user: User, job: Job) -> bool:
    return False


class Visible(APIView):
    """Jobs of the topics that the user may see, and those that he started."""

    access = SIGNED_IN
    topics_of: TopicsOf = staticmethod(nothing)

    def visible(self, user: User) -> QuerySet[Job]:
        topics = self.topics_of(user)
        if topics is None:
            return Job.objects.all()
        return Job.objects.filter(Q(topic__in=topics) | Q(owner=user))


class JobsView(Visible):
    """The newest jobs first; `?topic=task/1` for those of one topic. What somebody waited for and was given, as the
    prediction of one case, is left out: thousands of those would hide the trainings."""

    @extend_schema(parameters=[OpenApiParameter("topic", str)], responses=JobSerializer(many=True))
    def get(self, request: Request) -> Response:
        jobs = self.visible(user_of(request)).exclude(queue=BRIEF, state=Job.State.DONE)
        topic = request.query_params.get("topic")
        if topic:
            jobs = jobs.filter(topic=topic)
        return Response(JobSerializer(jobs[:MOST], many=True).data)


class JobView(Visible):
    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, job_id: int) -> Response:
        return Response(JobSerializer(find(self.visible(user_of(request)), pk=job_id)).data)


class CancelView(Visible):
    """At once while it waits, within seconds while it runs; nothing when it is over."""

    may_cancel: MayCancel = staticmethod(nobody)

    @extend_schema(request=None, responses=JobSerializer)
    def post(self, request: Request, job_id: int) -> Response:
        user, job = user_of(request), find(self.visible(user_of(request)), pk=job_id)
        if not (user.is_staff or job.owner_id == user.pk or self.may_cancel(user, job)):
            raise Problem(HTTPStatus.FORBIDDEN, "Only the person who started a job may cancel it.")
        return Response(JobSerializer(cancel(job)).data)


class EventsView(APIView):
    """Server-sent events: `change` with topic, what and id; `resync` when something may have been missed."""

    access = SIGNED_IN
    topics_of: TopicsOf = staticmethod(nothing)

    @extend_schema(responses={(200, "text/event-stream"): OpenApiTypes.STR})
    def get(self, request: Request) -> StreamingHttpResponse:
        return StreamingHttpResponse(
            stream(lambda: self.ear(request)),
            content_type="text/event-stream",
            headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
        )

    def ear(self, request: Request) -> Ear | None:
        """What the user may hear now; None once he has signed out or was locked out."""
        user = User.objects.filter(pk=user_of(request).pk, is_active=True).first()
        if user is None or not still_signed_in(request):
            return None
        topics, own = self.topics_of(user), f"user/{user.pk}"

        def hears(event: Event) -> bool:
            return topics is None or event.topic in topics or event.topic == own

        return hears

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A browser asks for text/event-stream; only a refusal is rendered, as JSON."""
        return JSONRenderer(), "application/json"


def still_signed_in(request: Request) -> bool:
    """Whether the session or the token that opened the stream is still there."""
    if request.auth is not None:
        return bool(type(request.auth)._default_manager.filter(pk=request.auth.pk).exists())
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    return bool(store.exists(request.session.session_key))


def routes(*, topics_of: TopicsOf, may_cancel: MayCancel = nobody) -> list[URLPattern]:
    """The routes below /api/; `may_cancel` widens who may cancel beyond the owner and staff."""
    return [
        path("jobs/", JobsView.as_view(topics_of=topics_of), name="jobs"),
        path("jobs/<int:job_id>/", JobView.as_view(topics_of=topics_of), name="job"),
        path(
            "jobs/<int:job_id>/cancel/",
            CancelView.as_view(topics_of=topics_of, may_cancel=may_cancel),
            name="cancel-job",
        ),
        path("events/", EventsView.as_view(topics_of=topics_of), name="events"),
    ]
