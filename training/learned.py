"""Which kinds of field networks learn: what training/recipes holds, for the web process, which cannot load it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import F, Func, QuerySet, TextField

from annotation import forms
from annotation.catalogue import current_form
from annotation.forms import Slot
from annotation.models import Task
from training.models import ModelVersion

UNLEARNED = ("measure",)  # kinds that are asked of readers alone
# the figure that stands for a slot of the kind: MAIN_METRIC of its recipe; of a kind without a line a version tells it
MAIN_METRIC = {
    "boxes": "map50",
    "choice": "auc",
    "grade": "qwk",
    "mask": "dice",
    "number": "r2",
    "points": "average_precision",
    "polygon": "dice",
    "presence": "auc",
}


def slots(task: Task) -> list[Slot]:
    """Those that a model learns, in the order of the form."""
    form = current_form(task)
    return slots_of(form.content) if form else []


def slots_of(content: Mapping[str, Any]) -> list[Slot]:
    """The same of a form that may be an older one."""
    return [slot for slot in forms.slots(content) if slot.field["kind"] not in UNLEARNED]


def kinds(task: Task) -> dict[str, str]:
    """The kind of each."""
    return {slot.slot: slot.field["kind"] for slot in slots(task)}


def measured(versions: QuerySet[ModelVersion]) -> set[str]:
    """The slots that some of these versions were measured on."""
    keys = Func(F("metrics"), function="jsonb_object_keys", output_field=TextField())
    return set(versions.order_by().values_list(keys, flat=True).distinct())


def foremost(learned: Sequence[Slot], measured: Collection[str]) -> Slot | None:
    """The slot that the learning curve is of: of those measured the form's first, a required one before others."""
    found = [slot for slot in learned if slot.slot in measured]
    required = [slot for slot in found if slot.field.get("required")]
    return next(iter((*required, *found)), None)


def main_metric(version: ModelVersion, slot: str, kind: str) -> str:
    """The figure that stands for a slot of a version; "" where nothing tells."""
    if kind in MAIN_METRIC:
        return MAIN_METRIC[kind]
    return str((version.gate.get("slots") or {}).get(slot, {}).get("metric", ""))
