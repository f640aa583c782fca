"""Retrain now."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.access import user_of
from accounts.errors import Problem
from accounts.roles import Role
from accounts.said import Said, kept
from annotation.access import TaskView
from inference.retraining import retrain, why_not
from jobs.api import JobSerializer
from training.models import TrainingRun


class Speed(serializers.Serializer[dict[str, Any]]):
    speed = serializers.ChoiceField(
        choices=TrainingRun.Speed.choices, default=TrainingRun.Speed.FAST
    )


class Retrain(TaskView):
    """Starts a training: 202 with its job, 409 when one is under way, there is too little to learn from, or it would give
    the same model once more. GET tells beforehand, by speed, why it would not start."""

    wanted = Role.ADMIN

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        reasons = why_not(self.task, TrainingRun.Speed.values)
        return Response(
            {
                speed: {"why_not": reason, "why_not_said": kept(reason)}
                for speed, reason in reasons.items()
            }
        )

    @extend_schema(request=Speed, responses={202: OpenApiTypes.OBJECT})
    def post(self, request: Request, task_id: int) -> Response:
        given = Speed(data=request.data)
        given.is_valid(raise_exception=True)
        speed = given.validated_data["speed"]
        if reason := why_not(self.task, [speed])[speed]:
            raise Problem(409, reason)
        user = user_of(request)
        who = user.display_name
        asked = Said(f"{who} asked for it", "asked_for", who=who)
        run = retrain(self.task, speed, asked, user)
        return Response(JobSerializer(run.job).data, status=status.HTTP_202_ACCEPTED)
