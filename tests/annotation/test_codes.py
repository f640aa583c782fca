"""Each sentence that a reader may meet has a stable code and what stands in it, so that a page can say it in any language."""

import ast
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from rest_framework.exceptions import Throttled

from accounts.errors import CODES, sentence
from accounts.models import User
from annotation.models import Annotation, Case, Task
from annotation.reading import Save, submit
from tests.annotation.test_worklist import end_lease
from tests.factories.annotation import grade, make_cases, make_draft, make_reader, make_task
from tests.factories.regions import make_item

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).parents[2]


@pytest.fixture
def task() -> Task:
    task = make_task()
    make_cases(task, 2)
    return task


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def told(client: Client, path: str, body: Any = None, key: str = "k", put: bool = False) -> Any:
    call = client.put if put else client.post
    headers = {"Idempotency-Key": key} if key else {}
    answer = call(path, body or {}, content_type="application/json", headers=headers)
    assert answer.status_code >= 400
    assert answer.json()["detail"]
    return answer.json()


def saved(version: int, value: int = 1, **more: Any) -> dict[str, Any]:
    return {"version": version, "answers": grade(value)} | more


def test_the_reading_loop_names_each_refusal(task: Task, reader: User) -> None:
    client, draft = client_of(reader), make_draft(task, reader)
    path = f"/api/annotations/{draft.pk}/"
    codes = {
        "key_missing": told(client, path, saved(0), key="", put=True),
        "stale": told(client, path, saved(7), put=True),
        "draft": told(client, f"{path}amend/", saved(0, reason="a slip")),
        "invalid": told(client, path, {"version": -1}, put=True),
        "not_understood": told(client, path, "{", put=True),
        "no_annotation": told(client, "/api/annotations/987654/submit/", saved(0)),
        "no_task": told(client, "/api/tasks/987654/next/"),
        "role_missing": told(client, f"/api/tasks/{task.pk}/cases/"),
        "signed_out": told(Client(), path, saved(0), put=True),
    }
    submit(draft.pk, reader, Save(0, grade(2)), "done")
    codes["submitted"] = told(client, path, saved(1), put=True)
    codes["key_reused"] = told(client, f"{path}submit/", saved(0, 3), key="done")
    other = make_draft(task, reader)
    end_lease(other.case)
    make_draft(task, make_reader(task))
    codes["lease_lost"] = told(client, f"/api/annotations/{other.pk}/heartbeat/")

    assert {name: body["code"] for name, body in codes.items()} == {name: name for name in codes}
    assert codes["key_missing"]["parameters"] == {"longest": 100}
    assert codes["role_missing"]["parameters"] == {"role": "admin"}


def test_a_page_that_lost_its_session_to_another_tab_is_told_by_a_code(reader: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(reader)
    assert client.post("/api/tasks/1/next/").json()["code"] == "csrf_failed"


def test_a_rate_limit_says_how_long_to_wait() -> None:
    answer = sentence(Throttled(30), {})
    assert answer is not None
    assert (answer.data["code"], answer.data["parameters"]) == ("too_many_requests", {"wait": 30})


def test_a_refused_answer_says_why_by_slot(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    answers = grade(9) | {"nonsense": {"state": "not_asked"}, "jsn@medial": {"state": "maybe"}}
    body = {"version": 0, "answers": answers}

    got = told(client_of(reader), f"/api/annotations/{draft.pk}/", body, put=True)

    assert got["code"] == "answers_refused"
    assert got["reasons"] == {
        "kl": {"code": "choose_grade", "parameters": {"low": 0, "high": 4}},
        "nonsense": {"code": "no_such_slot", "parameters": {}},
        "jsn@medial": {"code": "malformed", "parameters": {}},
    }
    assert got["slots"].keys() == got["reasons"].keys()


def test_what_is_wrong_with_an_item_says_which_and_of_an_attribute_which(reader: User) -> None:
    task = make_task("fracture-radiograph")
    make_cases(task)
    reader = make_reader(task)
    draft = make_draft(task, reader)
    box = make_item("boxes", image="9.9")
    field = next(one for one in draft.form.content["fields"] if one["key"] == "fractures")
    attribute = next(one for one in field["attributes"] if one["kind"] == "choice")

    def reason(item: dict[str, Any]) -> Any:
        answers = {
            "fracture": {"state": "answered", "value": "present"},
            "fractures": {"state": "answered", "value": [item]},
        }
        body = {"version": 0, "answers": answers}
        got = told(client_of(reader), f"/api/annotations/{draft.pk}/", body, put=True)
        return got["reasons"]["fractures"]

    assert reason(box) == {"code": "image_not_of_case", "parameters": {"item": 1}}
    wrong = reason(box | {"attributes": {attribute["key"]: "nonsense"}})
    assert wrong["code"] in ("choose_one", "choose_any")
    assert (wrong["parameters"]["item"], wrong["parameters"]["attribute"]) == (1, attribute["key"])
    assert attribute["options"][0]["value"] in wrong["parameters"]["values"]


def test_a_side_in_doubt_says_which_source_says_what(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    said = {"tag": "R", "file name": "L"}
    flag = {"code": "laterality_conflict", "sentence": "Tag says right, file name says left."}
    Case.objects.filter(pk=draft.case_id).update(flags=[flag | {"said": said}])

    got = told(client_of(reader), f"/api/annotations/{draft.pk}/submit/", saved(0))

    assert got["code"] == "side_unclear"
    assert got["reasons"] == {"": {"code": "side_conflict", "parameters": {"said": said}}}
    assert Annotation.objects.get(pk=draft.pk).state == "draft"


def codes_in(source: str) -> set[str]:
    """The literal codes of Said and of Problem."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    given = [
        call.args[1:2] for call in calls if getattr(call.func, "id", "") in ("Said", "_refused")
    ]
    given += [[word.value for word in call.keywords if word.arg == "code"] for call in calls]
    return {str(node.value) for nodes in given for node in nodes if isinstance(node, ast.Constant)}


def test_every_code_stands_in_the_table_that_clients_read() -> None:
    table = set(re.findall(r"^\| (?:\d+ \| )?`(\w+)`", (ROOT / "docs/errors.md").read_text(), re.M))
    files = [*(ROOT / "annotation").rglob("*.py"), *(ROOT / "inference/api").glob("*.py")]

    used = {code for file in files for code in codes_in(file.read_text())}

    assert len(used) > 30
    assert used | set(CODES.values()) <= table, sorted((used | set(CODES.values())) - table)
