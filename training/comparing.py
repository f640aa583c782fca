"""Ask for a comparison of two versions: kept for ever once it is made, for what they said of the test never changes."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from accounts.errors import Problem
from accounts.models import User
from accounts.said import Said
from jobs.enqueue import enqueue, gave_up
from training.models import Comparison, Measured, ModelVersion


@transaction.atomic
def compare(one: ModelVersion, other: ModelVersion, by: User, *, again: bool = False) -> Comparison:
    """The comparison of the pair with its job, made now if there is none; one that failed or was cancelled is
    tried again later, or now where somebody asks for it (`again`).

    Raises Problem 404 where they are of two tasks, 409 where a version kept no answers of its test to compare.
    """
    if one.task_id != other.task_id:
        raise Problem(404, "There is no such model.")
    if one.pk == other.pk:
        itself = "A model cannot be compared with itself; choose two."
        raise Problem(400, Said(itself, "compared_with_itself"))
    older, newer = sorted((one, other), key=lambda model: model.number)
    for model in (older, newer):
        if not Measured.objects.filter(model=model).exists():
            nothing = f"Model {model.number} was measured on no case that could be compared."
            raise Problem(409, Said(nothing, "nothing_to_compare", model=model.number))
    key = f"compare/{older.pk}/{newer.pk}"
    known = Comparison.objects.select_related("job").filter(older=older, newer=newer).first()
    waits = gave_up(key) and not again
    if known is not None and (known.result is not None or known.job.is_live or waits):
        return known
    job = enqueue(
        "training.compare",
        queue="infer",
        topic=newer.task.topic,
        owner=by,
        arguments={"older_id": older.pk, "newer_id": newer.pk},
        key=key,
    )
    return Comparison.objects.update_or_create(
        older=older, newer=newer, defaults={"job": job, "result": None}
    )[0]


def finish(older_id: int, newer_id: int, result: Mapping[str, Any]) -> Callable[[], None]:
    """What the job does in its finishing transaction; its own result stays empty: every reader may see jobs."""

    def keep() -> None:
        Comparison.objects.filter(older=older_id, newer=newer_id).update(result=result)

    return keep
