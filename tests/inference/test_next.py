"""What `next` gives and, above all, what it does not."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from annotation.cases import build_cases
from annotation.models import Annotation, Task
from inference.models import Showing
from tests.factories.annotation import (
    grade,
    make_cases,
    make_images,
    make_patient,
    make_read,
    make_reader,
    make_task,
    make_user,
    whole,
)
from tests.factories.inference import keep_cases, make_prediction
from tests.factories.training import make_model

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def ask(client: Client, task: Task, holding: tuple[int, ...] = ()) -> Any:
    return client.post(
        f"/api/tasks/{task.pk}/next/", {"holding": list(holding)}, content_type="application/json"
    )


def make_predicted_task(unassisted_share: float, cases: int = 3) -> tuple[Task, User]:
    task = make_task()
    task.unassisted_share = unassisted_share
    task.save()
    model = make_model(task, "current")
    for case in keep_cases(task, "train", cases):
        make_prediction(case, model, value=3)
    return task, make_reader(task)


def test_it_gives_a_case_with_its_images_form_and_progress_without_any_model() -> None:
    task = make_task()
    reader = make_reader(task)
    make_cases(task, 2)

    answer = ask(client_of(reader), task)

    assert answer.status_code == 200
    got = answer.json()
    read = Annotation.objects.select_related("case__patient").get(reader=reader)
    assert got["annotation"]["id"] == read.pk
    assert got["annotation"]["state"] == "draft"
    assert got["case"]["patient"] == read.case.patient.pseudonym
    [image] = got["case"]["images"]
    assert image["sop_instance_uid"].startswith("1.4.")
    assert [field["key"] for field in got["form"]["fields"]] == ["kl", "jsn", "osteophyte"]
    assert got["progress"] == {"read": 0, "total": 2, "mine_today": 0}
    assert got["prediction"] is None


def test_it_says_what_is_unclear_about_the_case() -> None:
    task = make_task()
    make_images(make_patient(), laterality="")
    build_cases(task)
    assert ask(client_of(make_reader(task)), task).json()["case"]["flags"] == [
        {"code": "laterality_unknown", "sentence": "Nothing says which side this is."}
    ]


def test_it_shows_the_prediction_in_the_assisted_arm_and_records_it() -> None:
    task, reader = make_predicted_task(unassisted_share=0.0)

    got = ask(client_of(reader), task).json()

    assert got["prediction"]["model"]["number"] == 1
    assert got["prediction"]["slots"]["kl"]["value"] == 3
    showing = Showing.objects.get(annotation=got["annotation"]["id"])
    assert showing.arm == "assisted"
    assert showing.slots == got["prediction"]["slots"]


def test_it_sends_no_trace_of_the_prediction_in_the_unassisted_arm() -> None:
    task, reader = make_predicted_task(unassisted_share=1.0)

    answer = ask(client_of(reader), task)

    assert answer.json()["prediction"] is None
    assert "probabilities" not in answer.content.decode()
    assert Showing.objects.get().slots is None


def test_it_gives_each_held_case_its_successor_and_then_nothing() -> None:
    task, reader = make_predicted_task(unassisted_share=0.0, cases=2)
    client = client_of(reader)

    first = ask(client, task).json()["annotation"]["id"]
    again = ask(client, task).json()["annotation"]["id"]
    second = ask(client, task, (first,)).json()["annotation"]["id"]
    end = ask(client, task, (first, second))

    assert again == first
    assert second != first
    assert (end.status_code, end.content) == (204, b"")


def test_it_does_not_exist_for_strangers() -> None:
    task = make_task()
    make_cases(task, 1)

    foreign = ask(client_of(make_user()), task)
    unknown = client_of(make_user()).post(
        "/api/tasks/999999/next/", {}, content_type="application/json"
    )

    assert foreign.status_code == unknown.status_code == 404
    assert foreign.json() == unknown.json()
    assert Client().post(f"/api/tasks/{task.pk}/next/").status_code == 401


@pytest.mark.parametrize("with_model", [False, True])
def test_it_asks_the_database_ten_times_at_most(with_model: bool) -> None:
    task = make_task()
    reader = make_reader(task)
    cases = make_cases(task, 5)
    if with_model:
        model = make_model(task, "current")
        for case in cases:
            make_prediction(case, model)
    client = client_of(reader)

    with CaptureQueriesContext(connection) as asked:
        assert ask(client, task).status_code == 200

    assert len(asked) <= 10, json.dumps([query["sql"][:90] for query in asked], indent=1)


def test_readers_see_their_own_answers_only() -> None:
    task, reader = make_predicted_task(unassisted_share=1.0, cases=4)
    other = make_reader(task)
    make_read(task, other, value=4)
    make_read(task, reader, value=1)
    client = client_of(reader)

    answer = client.get(f"/api/tasks/{task.pk}/worklist/")

    rows = answer.json()["results"]
    assert [row["answers"] for row in rows if row["answers"]] == [whole(grade(1))]
    assert sum(row["state"] == "read" for row in rows) == 2
    assert not any("prediction" in row or "split" in row for row in rows)
    assert other.username not in answer.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/api/tasks/{task}/",
        "/api/tasks/{task}/worklist/",
        "/api/tasks/{task}/training/",
        "/api/tasks/{task}/models/",
        "/api/tasks/{task}/exports/",
        "/api/jobs/?topic=task/{task}",
        "/api/tasks/",
    ],
)
def test_no_page_tells_a_reader_what_the_model_or_another_reader_said(path: str) -> None:
    task, reader = make_predicted_task(unassisted_share=1.0, cases=4)
    other = make_reader(task)
    make_read(task, other, value=4)
    ask(client_of(reader), task)

    text = client_of(reader).get(path.format(task=task.pk)).content.decode()

    assert '"state":"answered"' not in text
    assert "probabilities" not in text
    assert "uncertainty" not in text
