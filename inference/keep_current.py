"""Asked by beat every few seconds: has each waiting case the current model's prediction, and a place in the line?"""

from django.db.models import Exists, OuterRef, QuerySet

from annotation.images import has_image
from annotation.models import Case, Task
from inference import ordering, quarantine
from inference.models import Prediction
from jobs.enqueue import enqueue, gave_up
from jobs.models import Job
from training import promotion
from training.models import ModelVersion

UNORDERED = 0.0  # a new case's priority; ordering gives more than that to each


def keep(task: Task) -> Job | None:
    """Enqueue the predictions that are lacking; before any model, only put new cases into the random order."""
    model = promotion.current(task)
    waiting = Case.objects.filter(task=task, state=Case.State.WAITING)
    unordered = waiting.filter(priority=UNORDERED).exists()
    if model is None:
        if unordered:
            ordering.order(task)
        return None
    if not (unordered or lacking(model).exists()) or gave_up(_key(model)):
        return None
    return preannotate(model)


def lacking(model: ModelVersion) -> QuerySet[Case]:
    """Waiting cases without a prediction of this model by all that they show now. What is held back waits until it may
    be seen, and what could not be read until it is tried again."""
    have = Prediction.objects.filter(case=OuterRef("pk"), model=model, shows=OuterRef("shows"))
    waiting = Case.objects.filter(task=model.task_id, state=Case.State.WAITING)
    return waiting.filter(~Exists(have), ~quarantine.put_off(), has_image())


def preannotate(model: ModelVersion) -> Job:
    """One live job a model: asking again while it runs gives the same one."""
    return enqueue(
        "inference.preannotate",
        queue="infer",
        topic=model.task.topic,
        arguments={"model_id": model.pk},
        key=_key(model),
    )


def _key(model: ModelVersion) -> str:
    return f"preannotate/{model.pk}"
