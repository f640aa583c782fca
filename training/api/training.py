"""What the task page shows of the learning: the run under way, why none starts, the learning curve."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.access import TaskView
from training import learned, promotion, runs, teaching
from training.api import presenters
from training.models import Decision

RUNS_SHOWN = 20


class Training(TaskView):
    """The task's trainings, newest first, and how the model grew with the references."""

    @extend_schema(responses={200: OpenApiTypes.OBJECT})
    def get(self, request: Request, task_id: int) -> Response:
        shown = list(runs.runs(self.task)[:RUNS_SHOWN])
        newest = shown[0] if shown else None
        decision = Decision.objects.filter(task=self.task).first()
        current = promotion.current(self.task)
        kinds = learned.kinds(self.task)
        return Response(
            {
                "run": presenters.run_json(newest) if newest and newest.job.is_live else None,
                "current": current.number if current else None,
                "decision": presenters.decision_json(decision) if decision else None,
                "new_references": teaching.new_since(self.task, newest),
                "retrain_every": self.task.retrain_every,
                "references": teaching.teaching(self.task).count(),
                "runs": [presenters.run_json(run) for run in shown],
                "curve": [
                    presenters.point_json(version, kinds)
                    for version in reversed(presenters.versions(self.task))
                ],
            }
        )
