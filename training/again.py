"""Would a training make the model that there is already? It would use the locked test once more and tell nothing new."""

from collections.abc import Collection, Sequence

from django.db.models import Max, QuerySet

from accounts.said import Said
from annotation import snapshots
from annotation.catalogue import current_form
from annotation.kinds import REGIONS
from annotation.models import Task
from training import encoders, learned, promotion
from training.learning_code import code
from training.models import ModelEvent, ModelVersion, TrainingRun

Speed, State, What = TrainingRun.Speed, ModelVersion.State, ModelEvent.What


def nothing_new(
    task: Task, speeds: Sequence[str], *, unusable: Collection[int] = ()
) -> dict[str, str]:
    """By speed, which version a training now would make anew, as a sentence; empty where it would make another one."""
    made = {speed: _made_alike(task, speed) for speed in speeds}
    held = {one.run.snapshot_id: one.run.snapshot for one in made.values() if one}
    same = {pk for pk, snapshot in held.items() if snapshots.unchanged(snapshot, unusable=unusable)}
    return {
        speed: _said(one) if one and one.run.snapshot_id in same else ""
        for speed, one in made.items()
    }


def check_is_new(run: TrainingRun, sha256: str) -> None:
    """ValueError where what a run made of places is a version that has been judged on the same cases; of other forms
    nothing_new foretells it."""
    if not _has_places(run.task):
        return
    alike = _judged(run.task).filter(
        weights=sha256, run__snapshot=run.snapshot, run__speed=run.speed
    )
    made = _still_said(alike, run.task).first()
    if made is not None:
        raise ValueError(
            Said(
                f"This training gave the model of version {made.number} once more, of the same cases. The locked test does not "
                "count as used again.",
                "same_model",
                model=made.number,
            )
        )


def _said(made: ModelVersion) -> Said:
    return Said(
        f"Nothing has been answered since version {made.number} was trained; a training now would give the same model.",
        "nothing_new",
        model=made.number,
    )


def _made_alike(task: Task, speed: str) -> ModelVersion | None:
    """The newest version of the same form, start and seed."""
    if speed == Speed.FAST and _has_places(task):
        return None  # of places the heads go on from those of the current version
    form = current_form(task)
    found = _judged(task).filter(
        run__speed=speed,
        run__start=encoders.chosen(task),
        run__seed=task.seed,
        card__form=form.version if form else None,
    )
    found = _still_said(found, task)
    if speed == Speed.FAST:
        found = _on_same_encoder(task, found)
    return found.select_related("run__snapshot").first()


def _has_places(task: Task) -> bool:
    return not REGIONS.keys().isdisjoint(learned.kinds(task).values())


def _judged(task: Task) -> QuerySet[ModelVersion]:
    """By this code and on all images: where some could not be read another try may read them."""
    return ModelVersion.objects.filter(
        task=task, card__code=code(), card__missing__unread={"train": 0, "tune": 0, "test": 0}
    ).exclude(state=State.DELETED)


def _still_said(found: QuerySet[ModelVersion], task: Task) -> QuerySet[ModelVersion]:
    """Without those refused beside a version that is not the current one any more."""
    changed = ModelEvent.objects.filter(
        model__task=task, what__in=(What.PROMOTED, What.ROLLED_BACK)
    ).aggregate(last=Max("at"))["last"]
    return found if changed is None else found.exclude(state=State.REFUSED, created_at__lt=changed)


def _on_same_encoder(task: Task, fast: QuerySet[ModelVersion]) -> QuerySet[ModelVersion]:
    """A fast run fits answers to what the current version's encoder sees, where that is the task's own."""
    current = promotion.current(task)
    if current is not None and encoders.trained_here(current):
        return fast.filter(encoder=current.encoder)
    own = ModelVersion.objects.filter(task=task, run__speed=Speed.FULL)
    return fast.exclude(encoder__in=own.values("encoder"))
