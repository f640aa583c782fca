"""Small pictures whose grade a network can see, taken into the archive as real files: for whole trainings in seconds."""

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
from archive.secondary_capture import Attributes
from inference import arms
from tests.factories.annotation import free_name, grade

SIDE = 64
OF_ALL = 1_000_000  # beyond the numbers of other knees
_keys = count(1)
SENT_AS: dict[str, str] = {}  # a patient's id in the archive → the one that his pictures came with


def draw_knee(value: int, number: int) -> bytes:
    """A PNG: two bright blocks with a gap between them that closes as the grade rises, in noise of their own."""
    rng = np.random.default_rng(number)
    plane = rng.normal(60, 12, (SIDE, SIDE))
    gap = 26 - 6 * value
    plane[: SIDE // 2 - gap // 2, 12:52] += 110
    plane[SIDE // 2 + gap // 2 :, 12:52] += 110
    buffer = BytesIO()
    Image.fromarray(np.clip(plane, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def make_knee_task(sides: Mapping[str, int], **settings: Any) -> tuple[Task, dict[int, int]]:
    """A task with one knee of so many patients on each side of the split, and the true grade of each case.

    Its form is the template's, but for pictures of 64 pixels and the training settings given.
    """
    task = tasks.create_task("knee-oa-kl", free_name("Small knees"))
    form = current_form(task)
    assert form is not None
    training = {**form.content["training"], "size": SIDE, **settings}
    Form.objects.create(task=task, version=2, content={**form.content, "training": training})
    return task, add_knees(task, sides)


def add_knees(task: Task, sides: Mapping[str, int], same_picture: bool = False) -> dict[int, int]:
    """More of them; `same_picture`: all of one, as when a patient came under two names."""
    given, grades = {}, {}
    for split, patients in sides.items():
        for number in range(patients):
            patient_id = f"{task.pk}-{next(_keys)}"
            SENT_AS[patient_key(patient_id)] = patient_id
            given[patient_key(patient_id)] = split
            grades[patient_key(patient_id)] = number % 5
            png = (
                draw_knee(0, OF_ALL + task.pk)
                if same_picture
                else draw_knee(number % 5, next(_keys))
            )
            item = ingest_bytes(f"{patient_id}.png", png, Attributes(patient_id, "R", "KNEE"))
            assert item.outcome == "taken", item
    build_cases(task, given)
    cases = Case.objects.filter(task=task, patient__patient_id__in=grades)
    return {case.pk: grades[case.patient.patient_id] for case in cases.select_related("patient")}


def read_knees(task: Task, reader: User, truth: Mapping[int, int], cases: int | None = None) -> int:
    """Reads through the real worklist: claim, arm, submit the true grade. How many were read."""
    read = 0
    while cases is None or read < cases:
        draft = claim(task, reader)
        if draft is None:
            break
        arms.draw(task, draft)
        answers = grade(truth[draft.case_id])
        submit(draft.pk, reader, Save(draft.version, answers), f"knee-{next(_keys)}")
        read += 1
    return read
