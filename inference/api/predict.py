"""Predict now: for a case that lacks what the current model says of it."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, user_of
from accounts.errors import Problem
from accounts.roles import Role
from annotation.access import role_of, tasks_visible_to
from annotation.images import has_image
from annotation.models import Case, Task
from inference import asking, quarantine
from inference.models import Prediction
from jobs.api import JobSerializer
from training import promotion
from training.models import ModelVersion


class PredictCase(APIView):
    """202 with the job that predicts a waiting case; 200 without one where that was done already. Neither says what the
    model says: who may see it is told with his read. A case that was set aside as unreadable is tried again where an
    admin asks."""

    access = SIGNED_IN

    @extend_schema(request=None, responses={200: OpenApiTypes.OBJECT, 202: OpenApiTypes.OBJECT})
    def post(self, request: Request, case_id: int) -> Response:
        user = user_of(request)
        visible = Case.objects.filter(task__in=tasks_visible_to(user), pk=case_id)
        case = visible.filter(has_image()).select_related("task").first()
        if case is None:
            raise Problem(404, "There is no such case.")
        model = current_model(case.task)
        if case.state != Case.State.WAITING:
            raise Problem(409, "This case was read already; only waiting cases are predicted.")
        if role_of(user, case.task) == Role.ADMIN:
            quarantine.release(visible)
        if Prediction.objects.filter(case=case, model=model, shows=case.shows).exists():
            return Response({"job": None})
        job = asking.for_prediction(case, user)
        return Response({"job": JobSerializer(job).data}, status=202)


def current_model(task: Task) -> ModelVersion:
    """Raises Problem 409 where the task has none yet, or its file is missing."""
    model = promotion.current(task)
    if model is None:
        sentence = "The task has no model in use yet: it learns from the first reads, or an admin promotes one."
        raise Problem(409, sentence, code="no_model")
    if lost := promotion.without_weights(model):
        raise Problem(409, lost)
    return model
