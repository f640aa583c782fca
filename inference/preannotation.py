"""The job behind the predictions: predict what waits, then put the line into its new order."""

from typing import Any

from inference import ordering
from inference.predict import predict_open_cases
from jobs.runner import Refused, Running
from training.models import ModelVersion
from training.weights import BadWeights


def preannotate(running: Running, model_id: int) -> dict[str, Any]:
    """Runs with the model that was current when it was asked for; does nothing once another one is."""
    version = ModelVersion.objects.select_related("task").get(pk=model_id)
    if version.state != ModelVersion.State.CURRENT:
        return {"predicted": 0, "unreadable": 0, "note": "Another model became current meanwhile."}

    def report(done: int, total: int) -> None:
        running.progress(
            done / max(1, total), f"{done} of {total} cases", {"done": done, "total": total}
        )

    running.progress(0.0, f"Loading model {version.number}")
    try:
        outcome = predict_open_cases(version, report)
    except BadWeights as problem:
        raise Refused(str(problem)) from problem
    running.progress(1.0, "Ordering the worklist")
    ordering.order(version.task)
    return {"predicted": outcome.predicted, "unreadable": outcome.unreadable}
