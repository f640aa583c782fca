"""Start trainings, one at a time per task, and say how they stand. A run's state is its job's, plus the gate's word."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import Problem
from accounts.models import User
from accounts.said import Said, kept
from annotation.catalogue import current_form
from annotation.models import Snapshot, Task
from annotation.snapshots import freeze
from jobs.enqueue import enqueue
from jobs.models import Job
from training import encoders, promotion, teaching
from training.models import ModelVersion, TrainingRun

LIVE = (Job.State.QUEUED, Job.State.RUNNING)
Speed = TrainingRun.Speed
TRIGGER = 200  # characters: a person's name alone may have more


def runs(task: Task) -> QuerySet[TrainingRun]:
    """Newest first, with all that state() asks for; what is long is fetched where it is asked for."""
    found = TrainingRun.objects.filter(task=task).select_related("job", "model", "snapshot")
    return found.defer("job__detail", "model__card", "model__metrics")


def live(task: Task) -> TrainingRun | None:
    return runs(task).filter(job__state__in=LIVE).first()


def state(run: TrainingRun) -> TrainingRun.State:
    model = model_of(run)
    if model and model.gate.get("passed") is False:  # a deleted one was refused all the same
        return TrainingRun.State.REFUSED
    return TrainingRun.State(run.job.state)


def model_of(run: TrainingRun) -> ModelVersion | None:
    return getattr(run, "model", None)


def why_none(task: Task) -> str:
    """Why no training of any speed can start now, as a sentence; empty when one may."""
    if running := live(task):
        under_way = f"Run {running.pk} is still under way; wait for it or cancel it first."
        return Said(under_way, "run_still_under_way", run=running.pk)
    lost = promotion.without_weights(promotion.current(task))
    return lost or teaching.too_little(task) or encoders.nowhere_to_start(task)


def why_not(task: Task, speed: str) -> str:
    """Why none of this speed can, where others may."""
    return encoders.no_fast_run(task) if speed == Speed.FAST else ""


@transaction.atomic
def start(
    task: Task,
    speed: str,
    trigger: str,
    by: User | None,
    *,
    unusable: Collection[int] = (),
) -> TrainingRun:
    """Freeze a snapshot and put a training on its references into the queue.

    `unusable`: ids of annotations that must not serve as references (test reads made with a prediction in sight;
    inference knows which). Raises Problem 409 when a training is under way, the references or the weights to
    start from do not suffice for it, or the current version's are lost.
    """
    task = Task.objects.select_for_update().get(pk=task.pk)
    if reason := why_none(task) or why_not(task, speed):
        raise Problem(409, reason)
    snapshot = freeze(task, by, unusable=unusable)
    job = enqueue(
        "training.train",
        queue="train",
        topic=task.topic,
        owner=by,
        arguments={},
        key=f"train/{task.pk}",
    )
    run = TrainingRun.objects.create(
        task=task,
        snapshot=snapshot,
        form=current_form(task),
        job=job,
        speed=Speed(speed),
        start=encoders.chosen(task),
        trigger=trigger[:TRIGGER],
        trigger_said=kept(trigger),
        by=by,
        references=_teaching_rows(snapshot),
        seed=task.seed,
    )
    # The bell rings on commit, so that a worker always sees this.
    job.arguments = {"run_id": run.pk}
    job.save(update_fields=["arguments"])
    return run


def _teaching_rows(snapshot: Snapshot) -> int:
    return snapshot.rows.filter(split__in=teaching.SPLITS).count()
