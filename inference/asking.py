"""Asks a worker for what somebody waits for; one live job for each thing."""

from accounts.models import User
from annotation.models import Case
from inference.models import Prediction
from jobs.enqueue import enqueue
from jobs.models import Job

QUEUE = "ask"


def for_prediction(case: Case, by: User) -> Job:
    """Heard by the whole task: what a reader waits for says nothing of what comes of it."""
    return enqueue(
        "inference.predict",
        queue=QUEUE,
        topic=case.task.topic,
        owner=by,
        arguments={"case_id": case.pk},
        key=f"predict/{case.pk}",
    )


def for_heatmaps(prediction: Prediction, by: User) -> Job:
    return enqueue(
        "inference.heatmaps",
        queue=QUEUE,
        owner=by,
        arguments={"prediction_id": prediction.pk},
        key=f"heatmaps/{prediction.pk}",
    )
