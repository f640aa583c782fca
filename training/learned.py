"""Which kinds of field networks learn: what training/recipes holds, for the web process, which cannot load it."""

from annotation import forms
from annotation.catalogue import current_form
from annotation.models import Task

# the figure that stands for a slot of the kind: MAIN_METRIC of its recipe
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


def kinds(task: Task) -> dict[str, str]:
    """The kind of each slot that a model learns, in the order of the form."""
    form = current_form(task)
    found = forms.slots(form.content) if form else []
    return {slot.slot: slot.field["kind"] for slot in found if slot.field["kind"] in MAIN_METRIC}
