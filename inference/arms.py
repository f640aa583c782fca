"""Whether a read is made with the prediction in sight: drawn once a read, seeded, per reader and task.

Patients of the locked test are always read unassisted, so that a test reference owes nothing to the model it will
judge; `unusable` proves it before every training.
"""

from typing import Any, NamedTuple

from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject, Now

from annotation.models import Annotation, PatientSplit, Task
from inference.draws import fraction
from inference.models import Prediction, Showing
from training.models import ModelVersion

Arm = Showing.Arm
Slots = dict[str, dict[str, Any]]


class Shown(NamedTuple):
    """What a reader sees of a model at a read: nothing where `slots` is None."""

    arm: str
    model: int | None = None
    number: int | None = None
    slots: Slots | None = None


def arm_of(task: Task, annotation: Annotation, split: str | None) -> Arm:
    if split == PatientSplit.Split.TEST:
        return Arm.UNASSISTED
    lot = fraction(
        "arm", task.seed, task.pk, annotation.reader_id, annotation.case_id, annotation.round
    )
    return Arm.UNASSISTED if lot < task.unassisted_share else Arm.ASSISTED


def draw(task: Task, annotation: Annotation) -> Shown:
    """The arm of a read and what its reader sees now; called each time the read is handed out. Two queries at most.

    The prediction is the current model's, taken anew until the reader saves an answer: a case prefetched an hour ago
    comes with what the model says now. From the first save on, what the reader saw stays as it was.
    """
    known = _known(annotation)
    drawn = known["showing__arm"]
    if drawn == Arm.UNASSISTED:
        return Shown(Arm.UNASSISTED)
    if drawn and annotation.version > 0:
        return Shown(
            drawn, known["showing__model"], known["showing__model__number"], known["showing__slots"]
        )
    arm = arm_of(task, annotation, known["split"])
    now = known["prediction"] if arm == Arm.ASSISTED else None
    shown = Shown(arm, **now) if now and now["slots"] else Shown(arm)
    before = (drawn, known["showing__model"], known["showing__slots"])
    if before != (shown.arm, shown.model, shown.slots):
        _keep(annotation, shown)
    return shown


def _known(annotation: Annotation) -> dict[str, Any]:
    split = PatientSplit.objects.filter(
        task=OuterRef("case__task"), patient=OuterRef("case__patient")
    ).values("split")
    prediction = Prediction.objects.filter(
        case=OuterRef("case"), model__state=ModelVersion.State.CURRENT
    ).values(found=JSONObject(model="model_id", number="model__number", slots="slots"))
    return (
        Annotation.objects.filter(pk=annotation.pk)
        .values("showing__arm", "showing__model", "showing__model__number", "showing__slots")
        .annotate(split=Subquery(split[:1]), prediction=Subquery(prediction[:1]))
        .get()
    )


def _keep(annotation: Annotation, shown: Shown) -> None:
    """Two requests for the same read may draw at once: the arm is the same in both, and one row stays."""
    row = Showing(
        annotation=annotation,
        arm=shown.arm,
        model_id=shown.model,
        slots=shown.slots,
        shown_at=Now() if shown.slots else None,
    )
    Showing.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["annotation"],
        update_fields=["model", "slots", "shown_at"],
    )


def unusable(task: Task) -> list[int]:
    """Reads of test patients with a prediction in sight: none, as long as the rule above holds."""
    return list(
        Showing.objects.filter(
            annotation__case__task=task,
            annotation__case__patient__splits__task=task,
            annotation__case__patient__splits__split=PatientSplit.Split.TEST,
            slots__isnull=False,
        ).values_list("annotation", flat=True)
    )
