"""The tasks in which keys and actions are counted: predictions as rows, so that each is right or wrong as a count needs it."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any

from accounts.models import User
from accounts.roles import Role
from annotation.cases import build_cases
from annotation.images import of_cases
from annotation.models import Annotation, Case, PatientSplit, Task
from annotation.tasks import create_task, set_role
from archive.models import Patient
from config.demo_accounts import READER
from inference.models import Prediction
from tests.factories.annotation import free_name
from tests.factories.training import make_model

GRADE = 2
BOX = {"id": f"m{1:032x}", "box": [200, 300, 420, 520], "score": 0.9, "attributes": {}}


def grade(_image: Any) -> dict[str, Any]:
    chances = [0.05, 0.1, 0.7, 0.1, 0.05]
    return {"kl": {"kind": "grade", "value": GRADE, "probabilities": chances, "uncertainty": 0.3}}


def fracture(image: Any, boxes: int = 1) -> dict[str, Any]:
    place = {"image": image.sop_instance_uid, "frame": 1}
    found = [BOX | place] if boxes == 1 else [BOX | place | on_grid(at) for at in range(boxes)]
    said = {"kind": "presence", "value": "present", "probabilities": [0.08, 0.9, 0.02]}
    return {
        "fracture": said | {"uncertainty": 0.1},
        "fractures": {
            "kind": "boxes",
            "value": found,
            "probabilities": [],
            "uncertainty": 0.1,
        },
    }


def on_grid(at: int) -> dict[str, Any]:
    """Ten boxes in a row, none over another."""
    x, y = 40 + 190 * (at % 10), 40 + 400 * (at // 10)
    return {"id": f"m{at:032x}", "box": [x, y, x + 150, y + 300]}


PROPOSALS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "knee-oa-kl": grade,
    "fracture-radiograph": fracture,
}


def prepare(template: str, assisted: bool, boxes: int = 1) -> None:
    """Makes a task of the demo's images with a model in use or without any, and prints its id."""
    task = create_task(
        template,
        free_name(f"Keys: {template}, {'assisted' if assisted else 'alone'}"),
        unassisted_share=0.0,
        retrain_every=0,
    )
    # a test patient is never read with the prediction in sight
    PatientSplit.objects.bulk_create(
        PatientSplit(task=task, patient=patient, split="train") for patient in Patient.objects.all()
    )
    build_cases(task)
    set_role(task, User.objects.get(username=READER[0]), Role.READER)
    if assisted:
        slots = partial(fracture, boxes=boxes) if boxes > 1 else PROPOSALS[template]
        model = make_model(task, state="current")
        cases = list(Case.objects.filter(task=task).order_by("pk").values_list("pk", flat=True))
        Prediction.objects.bulk_create(
            Prediction(
                case_id=case,
                model=model,
                slots=slots(of_cases([case])[0]),
            )
            for case in cases
        )
    print(json.dumps(task.pk))


def submitted(task: int) -> None:
    """Prints the answers of a task's submitted reads as JSON, the first read first."""
    reads = Annotation.objects.filter(case__task=Task(pk=task), state="submitted").order_by("pk")
    print(json.dumps(list(reads.values_list("answers", flat=True))))
