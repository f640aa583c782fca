"""Asks a worker for what somebody waits for; one live job for each thing."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from accounts.errors import Problem
from accounts.models import User
from accounts.said import Said
from annotation.models import Case, Task
from inference.models import Prediction
from jobs.enqueue import enqueue
from jobs.models import Job

QUEUE = "ask"
MOST_WAITING = 20  # outside images of one person


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


def for_outside(task: Task, by: User, tokens: Sequence[UUID], laterality: str) -> Job:
    """Of images that are not the archive's: heard and seen by who asks alone. Raises Problem 429."""
    kind = "inference.outside"
    waiting = Job.objects.filter(
        kind=kind, owner=by, state__in=[Job.State.QUEUED, Job.State.RUNNING]
    )
    if waiting.count() >= MOST_WAITING:
        sentence = (
            f"{MOST_WAITING} of your requests are still waiting; send more when they are done."
        )
        raise Problem(429, Said(sentence, "outside_many_waiting", most=MOST_WAITING))
    return enqueue(
        kind,
        queue=QUEUE,
        owner=by,
        arguments={
            "task_id": task.pk,
            "tokens": [str(token) for token in tokens],
            "laterality": laterality,
            "by_id": by.pk,
        },
    )


def for_heatmaps(prediction: Prediction, by: User, at: tuple[str, int] | None = None) -> Job:
    """Of the pictures that the prediction names, or of the one `at`."""
    arguments: dict[str, Any] = {"prediction_id": prediction.pk}
    key = f"heatmaps/{prediction.pk}"
    if at is not None:
        arguments |= {"image": at[0], "frame": at[1]}
        key += f"/{at[0]}/{at[1]}"
    return enqueue("inference.heatmaps", queue=QUEUE, owner=by, arguments=arguments, key=key)
