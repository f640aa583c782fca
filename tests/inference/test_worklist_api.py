from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from annotation.cases import build_cases
from annotation.models import Case, Task
from archive.models import Instance
from inference import ordering
from tests.factories.annotation import (
    grade,
    make_cases,
    make_draft,
    make_images,
    make_patient,
    make_read,
    make_reader,
    make_task,
    whole,
)
from tests.factories.inference import make_prediction
from tests.factories.training import make_model

pytestmark = pytest.mark.django_db


def ask(user: User, task: Task, query: str = "") -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/api/tasks/{task.pk}/worklist/{query}")


def test_it_gives_an_admin_who_asks_the_split_the_answers_and_the_predictions() -> None:
    task = make_task()
    reader, admin = make_reader(task), make_reader(task, Role.ADMIN)
    cases, model = make_cases(task, 2), make_model(task, "current")
    for case in cases:
        make_prediction(case, model, value=3, uncertainty=0.7)
    read = make_read(task, reader, value=4)

    rows = {row["case"]: row for row in ask(admin, task, "?reveal=1").json()["results"]}

    done = rows[read.case_id]
    assert (done["state"], done["reader"]) == ("read", reader.display_name)
    assert done["answers"] == whole(grade(4))
    assert done["split"] in ("train", "tune", "test")
    assert done["prediction"] == {
        "slot": "kl",
        "value": 3,
        "probability": 0.6,
        "uncertainty": 0.7,
        "model": 1,
        "stale": False,
    }


def test_it_marks_what_a_replaced_model_said() -> None:
    task = make_task()
    admin = make_reader(task, Role.ADMIN)
    older, newer = make_cases(task, 2)
    make_prediction(older, make_model(task, "retired"))
    make_prediction(newer, make_model(task, "current"))

    rows = ask(admin, task, "?reveal=1").json()["results"]

    said = {row["case"]: row["prediction"] for row in rows}
    assert {case: (of["model"], of["stale"]) for case, of in said.items()} == {
        older.pk: (1, True),
        newer.pk: (2, False),
    }


def test_it_tells_waiting_held_and_read_cases_apart() -> None:
    task = make_task()
    reader, admin = make_reader(task), make_reader(task, Role.ADMIN)
    make_cases(task, 3)
    read, held = make_read(task, reader), make_draft(task, reader)

    found = {
        state: [row["case"] for row in ask(admin, task, f"?state={state}").json()["results"]]
        for state in ("waiting", "leased", "read")
    }

    assert found["read"] == [read.case_id]
    assert found["leased"] == [held.case_id]
    assert len(found["waiting"]) == 1


def test_it_pages_through_all_cases_in_reading_order() -> None:
    task = make_task()
    admin = make_reader(task, Role.ADMIN)
    make_cases(task, 7)
    ordering.order(task)
    seen: list[int] = []
    query = "?limit=3"
    while query:
        page = ask(admin, task, query).json()
        seen += [row["case"] for row in page["results"]]
        query = f"?limit=3&cursor={page['next']}" if page["next"] else ""

    order = Case.objects.filter(task=task).order_by("-priority", "pk")
    assert seen == list(order.values_list("pk", flat=True))


@pytest.mark.parametrize("query", ["?cursor=nonsense", "?state=lost", "?limit=0", "?limit=9999"])
def test_it_refuses_what_it_does_not_understand(query: str) -> None:
    task = make_task()

    answer = ask(make_reader(task), task, query)

    assert answer.status_code == 400
    assert answer.json()["detail"]


@pytest.mark.parametrize("cases", [1, 12])
@pytest.mark.parametrize(
    ("role", "query", "queries"),
    [(Role.READER, "", 6), (Role.ADMIN, "", 7), (Role.ADMIN, "?reveal=1", 10)],
)
def test_it_asks_as_often_for_many_cases_as_for_one(
    cases: int, role: Role, query: str, queries: int
) -> None:
    task = make_task()
    user = make_reader(task, role)
    made, model = make_cases(task, cases), make_model(task, "current")
    for case in made:
        make_prediction(case, model)
    make_read(task, make_reader(task))
    client = Client()
    client.force_login(user)

    with CaptureQueriesContext(connection) as asked:
        assert client.get(f"/api/tasks/{task.pk}/worklist/{query}").status_code == 200

    assert len(asked) == queries


def test_it_finds_the_cases_of_which_something_is_unclear() -> None:
    task = make_task()
    reader = make_reader(task)
    make_images(make_patient())
    make_images(make_patient(), laterality="")
    make_images(make_patient(), view="")
    build_cases(task)
    sides, views = (
        Case.objects.get(task=task, flags__contains=[{"code": code}])
        for code in ("laterality_unknown", "view_unknown")
    )

    def found(query: str) -> list[int]:
        return sorted(row["case"] for row in ask(reader, task, query).json()["results"])

    assert found("?flag=laterality_unknown") == [sides.pk]
    assert found("?flag=view_unknown&state=waiting") == [views.pk]
    assert found("?flag=view_unknown&state=read") == []
    assert found("?flag=any") == sorted([sides.pk, views.pk])
    assert len(found("")) == 3
    assert ask(reader, task, "?flag=ugly").status_code == 400
    [row] = ask(reader, task, "?flag=laterality_unknown").json()["results"]
    assert row["flags"] == [
        {"code": "laterality_unknown", "sentence": "Nothing says which side this is."}
    ]


def test_it_says_of_which_case_there_is_nothing_to_show() -> None:
    task = make_task()
    held, _ = make_cases(task, 2)
    Instance.objects.filter(series__cases=held).update(state="held")
    rows = ask(make_reader(task, Role.ADMIN), task).json()["results"]
    assert [row["case"] for row in rows if row["withheld"]] == [held.pk]
