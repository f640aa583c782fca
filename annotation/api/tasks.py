"""Tasks: which there are, one with its form, a new one, its cases and its snapshots."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, STAFF, user_of
from accounts.errors import Problem
from accounts.roles import Role
from annotation import discussing
from annotation.access import TaskView
from annotation.cases import build_cases
from annotation.catalogue import TemplateProblem, current_form, listed, publish
from annotation.models import Task
from annotation.presenters import form_json, snapshots_json, task_json, tasks_json
from annotation.tasks import create_task
from annotation.worklist import progress
from jobs.events import announce


class NewTask(serializers.Serializer[Task]):
    template = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=120)


class Tasks(APIView):
    """The caller's tasks; staff make new ones from a template."""

    access = SIGNED_IN

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        return Response(tasks_json(user_of(request)))

    @extend_schema(request=NewTask, responses={201: OpenApiTypes.OBJECT})
    def post(self, request: Request) -> Response:
        if not user_of(request).is_staff:
            raise Problem(403, "Only staff can make a task.")
        given = NewTask(data=request.data)
        given.is_valid(raise_exception=True)
        try:
            task = create_task(by=user_of(request), **given.validated_data)
        except TemplateProblem as problem:
            raise Problem(400, str(problem)) from problem
        return Response(_shown(request, task, Role.ADMIN), status=201)


class Templates(APIView):
    """What a task can be made from, and the templates of which something is wrong; for staff, who make them."""

    access = STAFF

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request) -> Response:
        return Response([{"slug": slug, **one._asdict()} for slug, one in listed().items()])


class OneTask(TaskView):
    """A task with its form and how far it is."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        return Response(_shown(request, self.task, self.role))


class TaskForm(TaskView):
    """Publishes the task's template as it now is: a new version where it changed. For staff, who change templates."""

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, task_id: int) -> Response:
        if not user_of(request).is_staff:
            raise Problem(403, "Only staff can publish a form.")
        before = current_form(self.task)
        try:
            form = publish(self.task)
        except TemplateProblem as problem:
            raise Problem(409, str(problem)) from problem
        new = before is None or before.version != form.version
        return Response({"form": form_json(form), "new": new})


class Cases(TaskView):
    """Makes the task's cases from what the archive holds now."""

    wanted = Role.ADMIN

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, task_id: int) -> Response:
        built = build_cases(self.task)
        if built.created:
            announce(self.task.topic, "cases", None)
        return Response(built._asdict())


class Snapshots(TaskView):
    """The frozen sets of references that trainings and exports were made from."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        return Response(snapshots_json(self.task))


def _shown(request: Request, task: Task, role: Role) -> dict[str, object]:
    form = current_form(task)
    if form is None:
        raise Problem(409, "This task has no form yet; publish one.", code="no_form")
    user = user_of(request)
    to_discuss = discussing.cases_flagged(task, None if role == Role.ADMIN else user)
    return task_json(task, role, form, progress(task, user), to_discuss)
