"""Does a training start by itself? Asked by beat; the answer and its reason are kept for the page.

A run starts when N new references came since the newest run, whatever became of that run: after a failure it waits for
N more instead of failing in a circle. It is a fast one, except that a full one is due once a first model exists and
the references have grown by 5 N since the last full run. An admin may start either at any time.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import Problem
from annotation.models import Task
from training import encoders, runs, teaching
from training.models import Decision, ModelVersion, TrainingRun

FULL_AFTER = 5  # times N


def consider(task: Task, *, unusable: Collection[int] = ()) -> Decision:
    started, reason = _decide(task, unusable)
    return _keep(task, started, reason)


def _decide(task: Task, unusable: Collection[int]) -> tuple[bool, str]:
    if reason := teaching.nothing_to_learn(task):
        return False, reason
    if task.retrain_every == 0:
        return False, "Automatic retraining is off."
    if running := runs.live(task):
        return False, f"Run {running.pk} is under way: {running.trigger}."
    newest = runs.runs(task).first()
    new = teaching.new_since(task, newest)
    since = _since(newest)
    if new < task.retrain_every:
        return False, f"{new} of {task.retrain_every} new references{since}."
    if reason := teaching.too_little(task):
        return False, reason
    speed = due_speed(task)
    trigger = f"{new} new references{since}"
    try:
        runs.start(task, speed, trigger, None, unusable=unusable)
    except Problem as problem:  # somebody was faster
        return False, str(problem.detail)
    return True, f"Started a {speed} run: {trigger}."


def due_speed(task: Task) -> TrainingRun.Speed:
    if encoders.no_fast_run(task):
        return TrainingRun.Speed.FULL
    if not ModelVersion.objects.filter(task=task).exists():
        return TrainingRun.Speed.FAST
    last = runs.runs(task).filter(speed=TrainingRun.Speed.FULL).first()
    grown = teaching.teaching(task).count() - (last.references if last else 0)
    full = grown >= FULL_AFTER * task.retrain_every
    return TrainingRun.Speed.FULL if full else TrainingRun.Speed.FAST


def _since(newest: TrainingRun | None) -> str:
    if newest is None:
        return ""
    model = runs.model_of(newest)
    if model is not None:
        return f" since model {model.number}"
    return f" since run {newest.pk}, which {_FATE.get(runs.state(newest), 'gave no model')}"


_FATE = {
    TrainingRun.State.FAILED: "failed",
    TrainingRun.State.CANCELLED: "was cancelled",
}


def _keep(task: Task, started: bool, reason: str) -> Decision:
    """One row a task; its time moves only when the answer changes, so that beat does not write every few seconds."""
    reason = reason[:300]
    with transaction.atomic():
        decision, created = Decision.objects.select_for_update().get_or_create(
            task=task, defaults={"started": started, "reason": reason}
        )
        if not created and (decision.started, decision.reason) != (started, reason):
            Decision.objects.filter(pk=decision.pk).update(at=Now(), started=started, reason=reason)
    decision.refresh_from_db()
    return decision
