import csv
import io
import json
from typing import Any

import pytest

from annotation import catalogue
from annotation.export.references import write_csv
from annotation.models import Form, Task
from annotation.reading import Save, submit
from annotation.snapshots import freeze
from archive.models import Instance
from tests.factories.annotation import grade, make_cases, make_draft, make_reader, make_task
from tests.factories.regions import make_item

pytestmark = pytest.mark.django_db


def written(task: Task) -> list[dict[str, str]]:
    file = io.StringIO(newline="")
    write_csv(file, freeze(task))
    return list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))


def read(task: Task, answers: dict[str, Any]) -> None:
    make_cases(task)
    reader = make_reader(task)
    draft = make_draft(task, reader)
    for answer in answers.values():
        for item in answer["value"] if isinstance(answer["value"], list) else ():
            if isinstance(item, dict):
                item["image"] = Instance.objects.get(series__cases=draft.case).sop_instance_uid
    submit(draft.pk, reader, Save(0, answers), "a")


def answered(value: Any) -> dict[str, Any]:
    return {"state": "answered", "value": value}


def test_each_kind_has_its_columns_and_what_was_not_asked_none() -> None:
    task = make_task("fracture-radiograph")
    boxes = [make_item("boxes", attributes={"bone": "radius"})]
    read(
        task,
        {
            "fracture": answered("present"),
            "fractures": answered(boxes),
            "hardware": answered(["cast", "wire"]),
        },
    )
    read(task, {"fracture": answered("absent")})

    broken, whole = written(task)

    assert (broken["fracture"], broken["fractures_count"], broken["fractures_state"]) == (
        "present",
        "1",
        "answered",
    )
    assert json.loads(broken["fractures"]) == boxes
    assert (broken["hardware"], broken["hardware:cast"], broken["hardware:plate"]) == (
        "cast wire",
        "1",
        "0",
    )
    assert (whole["fractures"], whole["fractures_count"], whole["fractures_state"]) == (
        "",
        "",
        "not_asked",
    )
    assert (whole["hardware"], whole["hardware:cast"]) == ("", "")


def test_answers_to_an_older_form_keep_their_columns() -> None:
    task = make_task()
    read(task, grade(3) | {"jsn@medial": answered(1)})
    content = catalogue.load("knee-oa-kl")
    content["fields"] = content["fields"][:1]
    Form.objects.create(task=task, version=2, content=content)
    read(task, grade(1))

    old, new = written(task)

    assert (old["kl"], old["jsn@medial"], old["form_version"]) == ("3", "1", "1")
    assert (new["kl"], new["jsn@medial"], new["jsn@medial_state"]) == ("1", "", "not_asked")
