"""Does a training start by itself? Asked by beat; the answer and its reason are kept for the page.

A run starts when N new references came since the newest run, whatever became of that run: after a failure it waits for
N more instead of failing in a circle. It is a fast one, except that a full one is due once a first model exists and
the references have grown by 5 N since the last full run. An admin may start either at any time.
"""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import Problem
from accounts.said import Said, counted, kept, part, restored
from annotation.models import Task
from training import encoders, runs, teaching
from training.models import Decision, ModelVersion, TrainingRun

FULL_AFTER = 5  # times N


def consider(task: Task, *, unusable: Collection[int] = ()) -> Decision:
    started, reason = _decide(task, unusable)
    return _keep(task, started, reason)


def _decide(task: Task, unusable: Collection[int]) -> tuple[bool, str]:
    every = task.retrain_every
    if reason := teaching.nothing_to_learn(task):
        return False, reason
    if every == 0:
        return False, Said("Automatic retraining is off.", "retraining_off")
    if running := runs.live(task):
        return False, _under_way(running)
    newest = runs.runs(task).first()
    new = teaching.new_since(task, newest)
    sentence, since = _since(newest)
    if new < every:
        waits = f"{new} of {counted(every, 'new reference')}{sentence}."
        return False, Said(waits, "waits_for_references", new=new, of=every, **since)
    if reason := teaching.too_little(task):
        return False, reason
    speed = due_speed(task)
    trigger = f"{counted(new, 'new reference')}{sentence}"
    trigger = Said(trigger, "new_references", new=new, **since)
    try:
        runs.start(task, speed, trigger, None, unusable=unusable)
    except Problem as problem:  # somebody was faster
        return False, problem.said
    began = f"Started a {speed} run: {trigger}."
    return True, Said(began, "run_started", speed=speed, trigger=part(trigger))


def _under_way(run: TrainingRun) -> Said:
    trigger = part(restored(run.trigger, run.trigger_said))
    return Said(
        f"Run {run.pk} is under way: {run.trigger}.", "run_under_way", run=run.pk, trigger=trigger
    )


def due_speed(task: Task) -> TrainingRun.Speed:
    if encoders.no_fast_run(task):
        return TrainingRun.Speed.FULL
    if not ModelVersion.objects.filter(task=task).exists():
        return TrainingRun.Speed.FAST
    last = runs.runs(task).filter(speed=TrainingRun.Speed.FULL).first()
    grown = teaching.teaching(task).count() - (last.references if last else 0)
    full = grown >= FULL_AFTER * task.retrain_every
    return TrainingRun.Speed.FULL if full else TrainingRun.Speed.FAST


def _since(newest: TrainingRun | None) -> tuple[str, dict[str, Any]]:
    """Since when references are new, in English and as parameters."""
    if newest is None:
        return "", {}
    model = runs.model_of(newest)
    if model is not None:
        return f" since model {model.number}", {"model": model.number}
    state = runs.state(newest)
    fate = _FATE.get(state, "gave no model")
    return f" since run {newest.pk}, which {fate}", {"run": newest.pk, "state": state}


_FATE = {
    TrainingRun.State.FAILED: "failed",
    TrainingRun.State.CANCELLED: "was cancelled",
}


def _keep(task: Task, started: bool, reason: str) -> Decision:
    """One row a task; its time moves only when the answer changes, so that beat does not write every few seconds."""
    told = {"started": started, "reason": reason[:300], "reason_said": kept(reason)}
    with transaction.atomic():
        decision, created = Decision.objects.select_for_update().get_or_create(
            task=task, defaults=told
        )
        if not created and any(getattr(decision, name) != now for name, now in told.items()):
            Decision.objects.filter(pk=decision.pk).update(at=Now(), **told)
    decision.refresh_from_db()
    return decision
