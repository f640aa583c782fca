"""Retrain now."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import user_of
from accounts.roles import Role
from accounts.said import Said
from annotation.access import TaskView
from inference.retraining import retrain
from jobs.api import JobSerializer
from training.models import TrainingRun


class Speed(serializers.Serializer[dict[str, Any]]):
    speed = serializers.ChoiceField(
        choices=TrainingRun.Speed.choices, default=TrainingRun.Speed.FAST
    )


class Retrain(TaskView):
    """Starts a training: 202 with its job, 409 when one is under way or there is too little to learn from."""

    wanted = Role.ADMIN

    @extend_schema(request=Speed, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request, task_id: int) -> Response:
        given = Speed(data=request.data)
        given.is_valid(raise_exception=True)
        user = user_of(request)
        who = user.display_name
        asked = Said(f"{who} asked for it", "asked_for", who=who)
        run = retrain(self.task, given.validated_data["speed"], asked, user)
        return Response(JobSerializer(run.job).data, status=status.HTTP_202_ACCEPTED)
