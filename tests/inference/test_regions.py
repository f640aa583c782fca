"""A model's boxes pass through all that is done with predictions and references."""

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client

from accounts.roles import Role
from annotation.models import Task
from annotation.reading import Save, submit
from annotation.snapshots import freeze
from archive.models import Instance
from inference import arms, exports, ordering
from inference.models import Prediction
from tests.factories.annotation import make_cases, make_draft, make_reader, make_task
from tests.factories.regions import make_item
from tests.factories.training import make_model

pytestmark = pytest.mark.django_db


def make_shown_task() -> Task:
    """Fractures whose boxes were proposed: the first case is read as proposed, the others wait."""
    task = make_task("fracture-radiograph")
    task.unassisted_share = 0.0
    task.save()
    model = make_model(task, "current")
    for case in make_cases(task, 20):
        image = Instance.objects.get(series__cases=case).sop_instance_uid
        box = make_item("boxes", image=image, id="m1") | {"score": 0.8}
        slots: dict[str, Any] = {
            "fractures": {"kind": "boxes", "value": [box], "probabilities": [], "uncertainty": 0.3}
        }
        Prediction.objects.create(case=case, model=model, slots=slots, uncertainty=0.3)
    return task


def read_as_proposed(task: Task) -> str:
    """Reads cases until one was read with the boxes in sight and left as they were; its id."""
    reader = make_reader(task)
    while True:
        draft = make_draft(task, reader)
        shown = arms.draw(task, draft)
        given = (shown.slots or {}).get("fractures", {}).get("value", [])
        boxes = [{k: v for k, v in box.items() if k != "score"} for box in given] or [
            make_item(
                "boxes", image=Instance.objects.get(series__cases=draft.case).sop_instance_uid
            )
        ]
        answers: dict[str, Any] = {
            "fracture": {"state": "answered", "value": "present"},
            "fractures": {"state": "answered", "value": boxes},
        }
        submit(draft.pk, reader, Save(draft.version, answers), f"key-{draft.pk}")
        if given:
            return str(draft.case_id)


def test_the_export_tells_proposed_boxes_and_that_they_were_accepted() -> None:
    task = make_shown_task()
    case = read_as_proposed(task)
    file = BytesIO()

    exports.write(file, freeze(task))

    rows = {row["case"]: row for row in csv.DictReader(StringIO(file.getvalue().decode()))}
    assert json.loads(rows[case]["fractures_proposal"])[0]["id"] == "m1"
    assert rows[case]["fractures_outcome"] == "accepted"


def test_the_line_is_ordered_and_listed_with_boxes_among_references_and_predictions() -> None:
    task = make_shown_task()
    read_as_proposed(task)
    client = Client()
    client.force_login(make_reader(task, Role.ADMIN))

    assert ordering.order(task) > 0
    rows = client.get(f"/api/tasks/{task.pk}/worklist/?reveal=1").json()["results"]

    waiting = next(row for row in rows if row["state"] == "waiting")
    assert (waiting["prediction"]["slot"], waiting["prediction"]["probability"]) == (
        "fractures",
        None,
    )
