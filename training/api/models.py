"""The model versions of a task, and which of them is in use."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, user_of
from accounts.errors import Problem
from accounts.roles import Role
from annotation.access import TaskView, role_of
from training import learned, promotion
from training.api import presenters
from training.models import ModelVersion


class Models(TaskView):
    """Newest first, each with its figures on the locked test."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        kinds = learned.kinds(self.task)
        return Response(
            [presenters.model_json(model, kinds) for model in presenters.versions(self.task)]
        )


class Promote(APIView):
    """Makes a version the current one; an older one: the roll-back."""

    access = SIGNED_IN

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, model_id: int) -> Response:
        model = ModelVersion.objects.select_related("task").filter(pk=model_id).first()
        role = role_of(user_of(request), model.task) if model else None
        if model is None or role is None:
            raise Problem(404, "There is no such model.")
        if role != Role.ADMIN:
            raise Problem(403, "Only an admin of the task may choose its model.")
        promoted = promotion.promote(model, user_of(request))
        return Response(presenters.model_json(promoted, learned.kinds(model.task)))
