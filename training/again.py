"""Would a training make the model that there is already? It would use the locked test once more and tell nothing new."""

from collections.abc import Collection

from django.db.models import QuerySet

from accounts.said import Said
from annotation import snapshots
from annotation.catalogue import current_form
from annotation.models import Task
from training import encoders, promotion
from training.learning_code import code
from training.models import ModelVersion, TrainingRun

Speed = TrainingRun.Speed


def nothing_new(task: Task, speed: str, *, unusable: Collection[int] = ()) -> str:
    """Which version a training now would make anew, as a sentence; empty where it would make another one."""
    made = _made_alike(task, speed).select_related("run__snapshot").first()
    if made is None or not snapshots.unchanged(made.run.snapshot, unusable=unusable):
        return ""
    return Said(
        f"Nothing has been answered since version {made.number} was trained; a training now would give the same model.",
        "nothing_new",
        model=made.number,
    )


def _made_alike(task: Task, speed: str) -> QuerySet[ModelVersion]:
    """Versions of the same form, start, seed and code, the newest first. One whose images could not all be read is none:
    another try may read them."""
    form = current_form(task)
    found = ModelVersion.objects.filter(
        task=task,
        run__speed=speed,
        run__start=encoders.chosen(task),
        run__seed=task.seed,
        card__form=form.version if form else None,
        card__code__sha256=code()["sha256"],
        card__code__torch=code()["torch"],
        card__missing__unread={"train": 0, "tune": 0, "test": 0},
    ).exclude(state=ModelVersion.State.DELETED)
    return _on_same_encoder(task, found) if speed == Speed.FAST else found


def _on_same_encoder(task: Task, fast: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    """A fast run fits answers to what the current version's encoder sees, where that is the task's own."""
    current = promotion.current(task)
    if current is not None and encoders.trained_here(current):
        return fast.filter(encoder=current.encoder)
    own = ModelVersion.objects.filter(task=task, run__speed=Speed.FULL)
    return fast.exclude(encoder__in=own.values("encoder"))
