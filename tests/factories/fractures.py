"""Small pictures with a bright box that stands for a fracture, or without one, read as such: for whole trainings."""

from collections.abc import Mapping
from io import BytesIO
from itertools import count
from typing import Any

import numpy as np
from PIL import Image

from accounts.models import User
from annotation import tasks
from annotation.cases import build_cases
from annotation.catalogue import current_form
from annotation.models import Case, Form, Task
from annotation.reading import Save, submit
from annotation.worklist import claim
from archive.deidentify import patient_key
from archive.ingest import ingest_bytes
from archive.models import Instance
from archive.secondary_capture import Attributes
from inference import arms
from tests.factories.annotation import free_name

ROWS, COLUMNS, SIDE = 60, 80, 64  # of a picture, of the square that it is read as
_keys = count(1)
Box = list[int] | None


def draw_limb(number: int) -> tuple[bytes, Box]:
    """A PNG and the box that is brighter; every third has none."""
    rng = np.random.default_rng(number)
    plane = rng.normal(60, 12, (ROWS, COLUMNS))
    box: Box = None
    if number % 3:
        width, height = int(rng.integers(16, 28)), int(rng.integers(12, 20))
        x, y = int(rng.integers(0, COLUMNS - width)), int(rng.integers(0, ROWS - height))
        plane[y : y + height, x : x + width] += 130
        box = [x, y, x + width, y + height]
    buffer = BytesIO()
    Image.fromarray(np.clip(plane, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue(), box


def make_fracture_task(sides: Mapping[str, int], **settings: Any) -> tuple[Task, dict[int, Box]]:
    """A task with one limb of so many patients on each side of the split, and the box of each case."""
    task = tasks.create_task("fracture-radiograph", free_name("Small limbs"))
    form = current_form(task)
    assert form is not None
    training = {**form.content["training"], "size": SIDE, **settings}
    Form.objects.create(task=task, version=2, content={**form.content, "training": training})
    return task, add_limbs(task, sides)


def add_limbs(task: Task, sides: Mapping[str, int]) -> dict[int, Box]:
    """More of them."""
    given, boxes = {}, {}
    for split, patients in sides.items():
        for _ in range(patients):
            number = next(_keys)
            patient = patient_key(f"{task.pk}-{number}")
            png, boxes[patient] = draw_limb(number)
            given[patient] = split
            attributes = Attributes(f"{task.pk}-{number}", "R", "WRIST")
            assert ingest_bytes(f"{number}.png", png, attributes).outcome == "taken"
    build_cases(task, given)
    cases = Case.objects.filter(task=task, patient__patient_id__in=boxes)
    return {case.pk: boxes[case.patient.patient_id] for case in cases.select_related("patient")}


def read_limbs(task: Task, reader: User, truth: Mapping[int, Box]) -> None:
    """Reads all of them through the real worklist."""
    while draft := claim(task, reader):
        arms.draw(task, draft)
        submit(
            draft.pk,
            reader,
            Save(draft.version, answers(draft.case, truth[draft.case_id])),
            f"limb-{next(_keys)}",
        )


def answers(case: Case, box: Box) -> dict[str, Any]:
    """What a reader says who sees the box, or that there is none."""
    if box is None:
        return {"fracture": {"state": "answered", "value": "absent"}}
    image = Instance.objects.get(series__cases=case).sop_instance_uid
    item = {"id": "r1", "image": image, "frame": 1, "box": box, "attributes": {}}
    return {
        "fracture": {"state": "answered", "value": "present"},
        "fractures": {"state": "answered", "value": [item]},
    }
