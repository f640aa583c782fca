"""Pictures with one box whose stripes tell a grade, too fine to be seen on the small square of the whole: for trainings
in two stages."""

from collections.abc import Mapping
from io import BytesIO
from itertools import count
from typing import Any, NamedTuple

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

ROWS, COLUMNS, SIDE = 288, 384, 64
PERIOD = 6  # pixels of a pair of stripes: as many as become one on the small square
CROP = {"field": "fractures", "margin": 0.1, "size": 96}
PATTERN: dict[str, Any] = {
    "key": "pattern",
    "kind": "grade",
    "label": "Pattern",
    "label_zh": "条纹",
    "required": True,
    "sites": [],
    "scale": {"name": "Stripes", "version": "1", "code": {"value": "S", "scheme": "99MSK"}},
    "grades": [{"value": value, "label": str(value)} for value in range(2)],
    "crop": CROP,
}
_keys = count(1)


class Truth(NamedTuple):
    value: int  # the way its stripes run: 0 down, 1 across
    box: list[int]
    striped: list[int]  # all of the box, or a quarter of it


def draw_striped(number: int, *, quarter: bool = False) -> tuple[bytes, Truth]:
    """A PNG, and what is true of it. `quarter`: of a larger box one corner alone is striped."""
    rng = np.random.default_rng(number)
    plane = rng.normal(60, 12, (ROWS, COLUMNS))
    width, height = (int(side) * PERIOD for side in rng.integers(16, 22, 2) + 10 * quarter)
    x, y = int(rng.integers(0, COLUMNS - width)), int(rng.integers(0, ROWS - height))
    value = number % 2
    plane[y : y + height, x : x + width] += 90
    box = [x, y, x + width, y + height]
    if quarter:
        width, height = width // 2, height // 2
        x, y = x + width * int(rng.integers(2)), y + height * int(rng.integers(2))
    down, across = np.mgrid[:height, :width]
    stripes = (down if value else across) % PERIOD < PERIOD // 2
    # they fade towards the edges: a half stripe there would be seen on the small square
    edge = np.minimum(np.minimum(down, height - 1 - down), np.minimum(across, width - 1 - across))
    fading = np.clip(edge / (3 * PERIOD), 0, 1)
    plane[y : y + height, x : x + width] += np.where(stripes, 60, -60) * fading
    buffer = BytesIO()
    Image.fromarray(np.clip(plane, 0, 255).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue(), Truth(value, box, [x, y, x + width, y + height])


def make_cropped_task(sides: Mapping[str, int], **settings: Any) -> tuple[Task, dict[int, Truth]]:
    """A task with one picture of so many patients on each side of the split, and what is true of each case."""
    task = tasks.create_task("fracture-radiograph", free_name("Stripes"))
    publish(task, PATTERN, size=SIDE, **settings)
    return task, add_striped(task, sides)


def publish(task: Task, pattern: Mapping[str, Any], **settings: Any) -> Form:
    """The next version of the form: is there a box, where (if one likes to say), and how do its stripes run?"""
    form = current_form(task)
    assert form is not None
    fracture, where = form.content["fields"][:2]
    fields = [fracture, {**where, "required": False, "minimum": 0}]
    training = {**form.content["training"], **settings}
    content = {**form.content, "training": training, "fields": [*fields, dict(pattern)]}
    return Form.objects.create(task=task, version=form.version + 1, content=content)


def add_striped(task: Task, sides: Mapping[str, int], *, quarter: bool = False) -> dict[int, Truth]:
    """More of them."""
    given, truth = {}, {}
    for split, patients in sides.items():
        for _ in range(patients):
            number = next(_keys)
            patient = patient_key(f"{task.pk}-striped-{number}")
            png, truth[patient] = draw_striped(number, quarter=quarter)
            given[patient] = split
            attributes = Attributes(f"{task.pk}-striped-{number}", "R", "WRIST")
            assert ingest_bytes(f"{number}.png", png, attributes).outcome == "taken"
    build_cases(task, given)
    cases = Case.objects.filter(task=task, patient__patient_id__in=truth)
    return {case.pk: truth[case.patient.patient_id] for case in cases.select_related("patient")}


def read_striped(
    task: Task, reader: User, truth: Mapping[int, Truth], *, boxes: bool = True
) -> None:
    """Reads all of them through the real worklist. Without `boxes`, that there is one only where the stripes run across,
    and nowhere where."""
    while draft := claim(task, reader):
        arms.draw(task, draft)
        value, box, _ = truth[draft.case_id]
        given = answers(draft.case, value, box) if boxes else told(value, present=bool(value))
        submit(draft.pk, reader, Save(draft.version, given), f"striped-{next(_keys)}")


def answers(case: Case, value: int, box: list[int]) -> dict[str, Any]:
    image = Instance.objects.get(series__cases=case).sop_instance_uid
    item = {"id": "r1", "image": image, "frame": 1, "box": box, "attributes": {}}
    return {**told(value, present=True), "fractures": {"state": "answered", "value": [item]}}


def told(value: int, *, present: bool) -> dict[str, Any]:
    return {
        "fracture": {"state": "answered", "value": "present" if present else "absent"},
        "pattern": {"state": "answered", "value": value},
    }
