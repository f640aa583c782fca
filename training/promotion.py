"""Which model version a task uses. Everything here fails closed: what cannot be proved good is not promoted."""

from django.db import transaction
from django.db.models.functions import Now

from accounts.errors import Problem
from accounts.models import User
from accounts.said import Said, part, said_by
from annotation.models import Task
from jobs.events import announce
from training import history, readers, weights
from training.models import ModelVersion

State = ModelVersion.State


def current(task: Task) -> ModelVersion | None:
    return ModelVersion.objects.filter(task=task, state=State.CURRENT).first()


def without_weights(current: ModelVersion | None) -> str:
    """Why nothing can be said by the current version, nor judged beside it, as a sentence: its file is missing. Empty when it is
    there; whether its bytes are right is asked by whoever loads it."""
    if current is None:
        return ""
    try:
        weights.there(current.weights)
    except weights.Lost as problem:
        return way_out(current, said_by(problem))
    return ""


def way_out(version: ModelVersion, why: str) -> Said:
    """Of a current version whose weights are lost."""
    sentence = (
        f"Model {version.number} is the current one and cannot be used: {why} Put the file back from a backup, or make another"
        " version current. Where neither can be, an admin deletes this one, and the next training makes a first one."
    )
    return Said(sentence, "current_weights_lost", model=version.number, why=part(why))


@transaction.atomic
def promote(model: ModelVersion, by: User | None) -> ModelVersion:
    """Make a version the current one; promoting an older one is the roll-back.

    Raises Problem 409 with a sentence when the version may not be used. The task's row is locked, so that two
    promotions follow each other and exactly one version is current after each.
    """
    task = Task.objects.select_for_update().get(pk=model.task_id)
    model = ModelVersion.objects.select_for_update().get(pk=model.pk)
    if model.state == State.CURRENT:
        return model
    if reason := why_not(model):
        refused = f"Model {model.number} was not promoted: {reason}"
        raise Problem(409, Said(refused, "not_promoted", model=model.number, why=part(reason)))
    replaced = current(task)
    if replaced is not None:
        ModelVersion.objects.filter(pk=replaced.pk).update(state=State.RETIRED)
    ModelVersion.objects.filter(pk=model.pk).update(
        state=State.CURRENT, promoted_at=Now(), promoted_by=by
    )
    history.promoted(model, replaced, by)
    announce(task.topic, "models", model.pk)
    model.refresh_from_db()
    return model


def why_not(model: ModelVersion) -> str:
    """Why this version may not be used, as a sentence; empty when it may."""
    if model.state == State.DELETED:
        return Said("its weights were deleted.", "weights_deleted")
    if model.state == State.REFUSED:
        gate = readers.gate_of(model, names=True)  # whoever is told is an admin
        return str(gate.get("reason") or Said("the gate refused it.", "gate_refused"))
    if not evaluated(model.metrics):
        return Said("it was never evaluated on the locked test.", "never_evaluated")
    if model.gate.get("passed") is not True:
        return Said("it never passed the gate.", "never_passed")
    try:
        weights.checked(model.weights)
    except weights.BadWeights as problem:
        return said_by(problem)
    return ""


def uses_of_test(task: Task) -> int:
    """How many versions were judged by the task's locked test: each look at it makes chance a little luckier."""
    return ModelVersion.objects.filter(task=task).exclude(metrics={}).count()


def evaluated(metrics: dict[str, dict[str, object]]) -> bool:
    """True when at least one slot was measured on at least one test case."""
    return any(isinstance(of.get("n"), int) and of["n"] for of in metrics.values())
