"""The model versions of a task: list, choose, delete, fetch; and what was done to them."""

from typing import Any

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN
from accounts.errors import Problem
from accounts.roles import Role
from accounts.said import said_by
from annotation.access import TaskView
from training import deleting, history, learned, promotion, weights
from training.api import access, presenters
from training.api.streaming import pieces
from training.models import ModelVersion


class Models(TaskView):
    """Newest first, each with its main figures on the locked test; its card has all of them."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        kinds, names = learned.kinds(self.task), self.role == Role.ADMIN
        found = presenters.versions(self.task)
        return Response(
            [presenters.model_json(one, kinds, names=names, brief=True) for one in found]
        )


class History(TaskView):
    """All that was done to the task's models, newest first."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        found, names = history.of_task(self.task), self.role == Role.ADMIN
        return Response([presenters.event_json(event, names=names) for event in found])


class Promote(APIView):
    """Makes a version the current one; an older one: the roll-back."""

    access = SIGNED_IN

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, model_id: int) -> Response:
        found = access.admin(request, model_id, "choose its model")
        promoted = promotion.promote(found.model, found.user)
        return Response(presenters.model_json(promoted, learned.kinds(promoted.task), names=True))


class Why(serializers.Serializer[dict[str, Any]]):
    reason = serializers.CharField(max_length=1000)


class Delete(APIView):
    """Removes a version's weights; its row and card stay."""

    access = SIGNED_IN

    @extend_schema(request=Why, responses={200: OpenApiTypes.OBJECT})
    def post(self, request: Request, model_id: int) -> Response:
        found = access.admin(request, model_id, "delete its models")
        given = Why(data=request.data)
        given.is_valid(raise_exception=True)
        deleted = deleting.delete(found.model, found.user, given.validated_data["reason"])
        return Response(presenters.model_json(deleted, learned.kinds(deleted.task), names=True))


class Weights(APIView):
    """The weights as safetensors, proved against their SHA-256 before they leave."""

    access = SIGNED_IN

    @extend_schema(responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, model_id: int) -> StreamingHttpResponse:
        found = access.admin(request, model_id, "fetch its weights")
        model = found.model
        if model.state == ModelVersion.State.DELETED:
            raise Problem(410, f"The weights of model {model.number} were deleted.")
        try:
            path = weights.checked(model.weights)
        except weights.BadWeights as problem:
            raise Problem(409, said_by(problem)) from problem
        history.record(model, history.What.DOWNLOADED, found.user)
        name = f"task-{model.task_id}-model-{model.number}.safetensors"
        return StreamingHttpResponse(
            pieces(path),
            content_type="application/octet-stream",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Content-Length": str(path.stat().st_size),
                "ETag": f'"{model.weights}"',
                "Cache-Control": "private, no-store",
            },
        )
