"""Delete a version: its weights go, its row stays, for readers were perhaps shown what it said."""

from functools import partial

from django.db import transaction

from accounts.errors import Problem
from accounts.models import User
from accounts.said import Said
from annotation.models import Task
from jobs.events import announce
from training import history, runs, weights
from training.models import ModelVersion

State = ModelVersion.State


@transaction.atomic
def delete(model: ModelVersion, by: User, reason: str) -> ModelVersion:
    """Raises Problem 409 with a sentence for the current version, and while a training may be writing weights.

    A current version whose file is lost can be deleted: it says nothing any more, and as long as it is current no
    training can be judged beside it. The next one is a first one.

    The file is removed once the row says so, and only where no other version is made of the same weights. A file that
    a crash leaves behind does no harm: nothing names it any more.
    """
    task = Task.objects.select_for_update().get(pk=model.task_id)
    model = ModelVersion.objects.select_for_update().get(pk=model.pk)
    if model.state == State.DELETED:
        gone = f"Model {model.number} was deleted before."
        raise Problem(409, Said(gone, "model_deleted_before", model=model.number))
    if model.state == State.CURRENT and not weights.lost(model.weights):
        used = f"Model {model.number} is the current one; make another one current first."
        raise Problem(409, Said(used, "model_is_current", model=model.number))
    if running := runs.live(task):
        busy = f"Run {running.pk} is under way; delete the model when it has ended."
        raise Problem(409, Said(busy, "run_holds_models", run=running.pk))
    ModelVersion.objects.filter(pk=model.pk).update(state=State.DELETED)
    history.record(model, history.What.DELETED, by, reason)
    if not _used_elsewhere(model):
        transaction.on_commit(partial(weights.path_of(model.weights).unlink, missing_ok=True))
    announce(task.topic, "models", model.pk)
    model.refresh_from_db()
    return model


def _used_elsewhere(model: ModelVersion) -> bool:
    """By another version that is not deleted; a version's encoder lies in its own file."""
    same = ModelVersion.objects.filter(weights=model.weights).exclude(pk=model.pk)
    return same.exclude(state=State.DELETED).exists()
