"""A model's boxes pass through all that is done with predictions and references."""

import csv
import json
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client

from accounts.roles import Role
from annotation.cases import build_cases
from annotation.images import of_cases
from annotation.models import Task
from annotation.reading import Save, submit
from annotation.snapshots import freeze
from archive.models import Instance
from inference import arms, exports, ordering
from inference.models import Prediction, Showing
from jobs.models import Job
from tests.factories.accounts import client_of
from tests.factories.annotation import (
    make_draft,
    make_images,
    make_patient,
    make_reader,
    make_task,
)
from tests.factories.regions import make_item
from tests.factories.training import make_model

pytestmark = pytest.mark.django_db


def make_shown_task(images: int = 1) -> Task:
    """Fractures whose boxes were proposed: the first case is read as proposed, the others wait."""
    task = make_task("fracture-radiograph")
    task.unassisted_share = 0.0
    task.save()
    model = make_model(task, "current")
    for _ in range(20):
        make_images(make_patient(), images=images)
    build_cases(task)
    for case in task.cases.all():
        image = of_cases([case.pk])[0].sop_instance_uid
        box = make_item("boxes", image=image, id="m1") | {"score": 0.8}
        said = {"kind": "boxes", "value": [box], "probabilities": [], "uncertainty": 0.3}
        slots: dict[str, Any] = {"fractures": said | {"hits": [box, box | {"score": 0.1}]}}
        looked = {"fractures": {"image": image, "frame": 1}}
        Prediction.objects.create(case=case, model=model, slots=slots, looked=looked)
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


def shown(client: Client, task: Task) -> dict[str, Any]:
    """The next case with a prediction: of a patient of the locked test none is shown."""
    got: dict[str, Any] = {"prediction": None}
    held: list[int] = []
    while got["prediction"] is None:
        got = client.post(
            f"/api/tasks/{task.pk}/next/", {"holding": held}, "application/json"
        ).json()
        held.append(got["annotation"]["id"])
    return got


def test_a_reader_gets_what_is_proposed_and_not_all_that_may_be_something() -> None:
    task = make_shown_task()

    got = shown(client_of(make_reader(task)), task)

    said = got["prediction"]["slots"]["fractures"]
    kept = Prediction.objects.get(case=got["case"]["id"]).slots["fractures"]
    assert said == {name: of for name, of in kept.items() if name != "hits"}
    given = Showing.objects.get(annotation=got["annotation"]["id"])
    assert given.slots == {"fractures": said}


def test_the_heat_map_of_places_is_had_of_any_view_of_the_case_and_of_no_other() -> None:
    task = make_shown_task(images=2)
    client = client_of(make_reader(task))
    got = shown(client, task)
    told = got["prediction"]["heatmaps"]["fractures"]
    own, beside = (image["sop_instance_uid"] for image in got["case"]["images"][:2])
    elsewhere = Instance.objects.exclude(series__cases=got["case"]["id"])[0].sop_instance_uid

    def asked(**picture: Any) -> tuple[int, dict[str, Any]]:
        answer = client.get(told["url"], picture)
        known = Job.objects.filter(pk=answer.json().get("id")).first()
        return answer.status_code, known.arguments if known else {}

    assert (told["image"], told["any_view"]) == (own, True)
    prediction = Prediction.objects.get(case=got["case"]["id"]).pk
    assert asked() == (202, {"prediction_id": prediction})
    assert asked(image=own) == asked()
    there = {"prediction_id": prediction, "image": beside, "frame": 1}
    assert asked(image=beside) == (202, there)
    assert [asked(image=image)[0] for image in (elsewhere, "1.2.3")] == [404, 404]
    assert asked(image=beside, frame=2)[0] == 404
    assert asked(image=beside, frame=0)[0] == 400


def test_of_a_volume_it_is_had_of_its_own_series_alone() -> None:
    task = make_shown_task(images=2)
    client = client_of(make_reader(task))
    got = shown(client, task)
    own, beside = got["case"]["images"][:2]
    prediction = Prediction.objects.get(case=got["case"]["id"])
    url = got["prediction"]["heatmaps"]["fractures"]["url"]

    for series, status in ((own["series_instance_uid"], 202), ("1.2.3", 404)):
        looked = {"image": own["sop_instance_uid"], "frame": 1, "series": series}
        prediction.looked = {"fractures": looked}
        prediction.save()
        answer = client.get(url, {"image": beside["sop_instance_uid"]})
        assert answer.status_code == status


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
