"""The audit trail of a task's models and of what they start from: each change is one more row, in the transaction that makes
it."""

from accounts.models import User
from accounts.said import Said, kept
from annotation.models import Task
from training.models import ModelEvent, ModelVersion, WeightsEvent

What = ModelEvent.What


def record(model: ModelVersion, what: What, by: User | None, reason: str = "") -> None:
    """`by`: None for what nobody asked for: the gate's promotion, a training that started by itself."""
    ModelEvent.objects.create(
        model=model, what=what, by=by, reason=str(reason), reason_said=kept(reason)
    )


def promoted(model: ModelVersion, replaced: ModelVersion | None, by: User | None) -> None:
    """Two rows where a version left for this one; a newer one that leaves is a roll-back."""
    if replaced is None:
        return record(model, What.PROMOTED, by)
    back = replaced.number > model.number
    became = Said(f"Model {model.number} became current.", "became_current", model=model.number)
    record(replaced, What.RETIRED, by, became)
    return record(
        model,
        What.ROLLED_BACK if back else What.PROMOTED,
        by,
        Said(f"In place of model {replaced.number}.", "in_place_of", model=replaced.number),
    )


def of_task(task: Task) -> list[ModelEvent | WeightsEvent]:
    """All of them, the newest first, each with its model, or with the weights to start from, and who did it."""
    models = ModelEvent.objects.filter(model__task=task).select_related("model", "by")
    models = models.defer("model__card", "model__metrics")
    starts = WeightsEvent.objects.filter(weights__task=task).select_related("weights", "by")
    found: list[ModelEvent | WeightsEvent] = [*models, *starts]
    return sorted(found, key=lambda event: event.at, reverse=True)
