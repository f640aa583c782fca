"""What the task page shows of the learning: the run under way, why none starts, the learning curve."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.access import SIGNED_IN, user_of
from accounts.errors import Problem
from accounts.roles import Role
from annotation.access import TaskView, role_of, tasks_visible_to
from training import runs, teaching
from training.api import presenters
from training.models import Decision, ModelVersion, TrainingRun

RUNS_SHOWN = 20


class Training(TaskView):
    """The task's trainings, newest first, and how the model grew with the references."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        shown = list(runs.runs(self.task)[:RUNS_SHOWN])
        newest = shown[0] if shown else None
        live = newest is not None and newest.job.is_live
        decision = Decision.objects.filter(task=self.task).first()
        if decision and decision.reason_said.get("code") == "run_under_way" and not live:
            decision = None  # of a run that has ended since; the next look is seconds away
        current = ModelVersion.objects.filter(task=self.task, state=ModelVersion.State.CURRENT)
        names = self.role == Role.ADMIN
        return Response(
            {
                "run": presenters.run_json(newest, names=names) if newest and live else None,
                "current": current.values_list("number", flat=True).first(),
                "decision": presenters.decision_json(decision) if decision else None,
                "new_references": teaching.new_since(self.task, newest),
                "retrain_every": self.task.retrain_every,
                "references": teaching.teaching(self.task).count(),
                "runs": [presenters.run_json(run, names=names) for run in shown],
                "curve": presenters.curve_json(self.task),
            }
        )


class Log(APIView):
    """What one run said of itself, and its curve."""

    access = SIGNED_IN

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, run_id: int) -> Response:
        user = user_of(request)
        visible = TrainingRun.objects.filter(task__in=tasks_visible_to(user))
        run = visible.select_related("job", "model", "task").filter(pk=run_id).first()
        if run is None:
            raise Problem(404, "There is no such training.")
        return Response(presenters.log_json(run, names=role_of(user, run.task) == Role.ADMIN))
