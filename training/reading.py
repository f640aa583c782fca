"""How a model reads a case: by the form that it was trained on, whatever the form says now."""

from collections.abc import Mapping
from typing import Any

from annotation.models import Form
from training import loading
from training.models import ModelVersion

# of [training], beside the size, which a model knows itself
PARTS = ("images", "slices", "mirror", "volume")


def reading_of(training: Mapping[str, Any]) -> dict[str, Any]:
    """The part of a form's training settings that says how cases are read."""
    return {name: training[name] for name in PARTS if name in training}


def training_of(version: ModelVersion) -> dict[str, Any]:
    """What training.inputs.pictures is told to read what the version reads."""
    model = loading.load(version)
    told = model.reading
    if told is None:
        form = form_of(version)
        told = reading_of(form.content["training"]) if form else {}
    return {**told, "size": model.size}


def form_of(version: ModelVersion) -> Form | None:
    """The form that it was trained on; of a version from before cards told it, the task's form of that time."""
    forms = Form.objects.filter(task=version.task_id).order_by("-version")
    if number := version.card.get("form"):
        return forms.filter(version=number).first()
    return forms.filter(published_at__lte=version.created_at).first() or forms.last()
