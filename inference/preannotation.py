"""The job behind the predictions: predict what waits, then put the line into its new order."""

from typing import Any

from accounts.said import Said, said_by
from annotation.models import Case, Task
from inference import heatmaps, ordering, quarantine
from inference.predict import predict_open_cases
from jobs.runner import Refused, Running
from training.models import ModelVersion
from training.weights import BadWeights

TOLD = 20  # cases set aside


def preannotate(running: Running, model_id: int) -> dict[str, Any]:
    """Runs with the model that was current when it was asked for; does nothing once another one is."""
    version = ModelVersion.objects.select_related("task").get(pk=model_id)
    if version.state != ModelVersion.State.CURRENT:
        return {"predicted": 0, "unreadable": 0, "note": "Another model became current meanwhile."}

    def report(done: int, total: int) -> None:
        text = Said(f"{done} of {total} cases", "cases_done", done=done, of=total)
        running.progress(done / max(1, total), text, {"done": done, "total": total})

    loading = f"Loading model {version.number}"
    running.progress(0.0, Said(loading, "loading_model", model=version.number))
    try:
        # whatever it was that ended the last attempt's process must not end this one
        outcome = predict_open_cases(version, report, apart=running.attempt > 1)
    except BadWeights as problem:
        raise Refused(said_by(problem)) from problem
    running.progress(1.0, Said("Ordering the worklist", "ordering"))
    ordering.order(version.task)
    heatmaps.draw_first(running, version)
    return {
        "predicted": outcome.predicted,
        "unreadable": outcome.unreadable,
        "set_aside": _set_aside(version.task),
    }


def _set_aside(task: Task) -> list[dict[str, Any]]:
    """The waiting cases that are not tried any more; the first of them, for the job's page."""
    waiting = Case.objects.filter(task=task, state=Case.State.WAITING)
    why = quarantine.quarantined(waiting)
    named = waiting.filter(pk__in=why).order_by("pk").values_list("pk", "name")
    return [{"case": pk, "name": name, "why": why[pk]} for pk, name in named[:TOLD]]
