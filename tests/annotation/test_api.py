import threading
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.roles import Role
from annotation.access import topics_of, visible_instances
from annotation.catalogue import names
from annotation.models import Annotation, Task
from annotation.snapshots import freeze
from annotation.worklist import claim
from tests.factories.annotation import (
    grade,
    make_cases,
    make_draft,
    make_images,
    make_patient,
    make_read,
    make_reader,
    make_task,
    make_user,
)

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def task() -> Task:
    task = make_task()
    make_cases(task, 3)
    return task


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def save(client: Client, draft: Annotation, key: str = "a", verb: str = "", **change: Any) -> Any:
    body = {"version": 0, "answers": grade(2), "active_seconds": 0.5} | change
    send = client.post if verb else client.put
    path = f"/api/annotations/{draft.pk}/{verb}"
    return send(path, body, content_type=JSON, headers={"Idempotency-Key": key})


def test_staff_see_the_templates_that_a_task_can_be_made_from(reader: User) -> None:
    staff = make_user(is_staff=True)

    listed = client_of(staff).get("/api/templates/")

    assert {
        "slug": "knee-oa-kl",
        "name": "Knee OA (KL grade)",
        "name_zh": "膝骨关节炎（KL 分级）",
        "problem": "",
    } in listed.json()
    assert [one["slug"] for one in listed.json()] == list(names())
    assert client_of(reader).get("/api/templates/").status_code == 403
    assert Client().get("/api/templates/").status_code == 401


def test_a_reader_sees_his_tasks_only(task: Task, reader: User) -> None:
    make_task()
    make_read(task, reader)
    assert client_of(reader).get("/api/tasks/").json() == [
        {
            "id": task.pk,
            "name": "Knees",
            "template": "knee-oa-kl",
            "form": {"name": "Knee OA (KL grade)", "name_zh": "膝骨关节炎（KL 分级）"},
            "role": "reader",
            "cases": 3,
            "read": 1,
            "waiting": 2,
        }
    ]


def test_staff_see_every_task_as_admin(task: Task) -> None:
    make_task()
    shown = client_of(make_user(is_staff=True)).get("/api/tasks/").json()
    assert [one["role"] for one in shown] == ["admin", "admin"]


def test_one_task_comes_with_its_form(task: Task, reader: User) -> None:
    make_read(task, reader)
    shown = client_of(reader).get(f"/api/tasks/{task.pk}/").json()
    assert shown["counts"] == {
        "cases": 3,
        "read": 1,
        "waiting": 2,
        "mine_today": 1,
        "to_discuss": 0,
    }
    assert (shown["role"], shown["retrain_every"]) == ("reader", 20)
    assert set(shown["form"]) == {"version", "slug", "name", "name_zh", "fields", "hanging"}
    assert shown["form"]["name_zh"] == "膝骨关节炎（KL 分级）"
    assert [field["key"] for field in shown["form"]["fields"]] == ["kl", "jsn", "osteophyte"]


def test_a_draft_is_saved_and_submitted(task: Task, reader: User) -> None:
    client, draft = client_of(reader), make_draft(task, reader)

    saved = save(client, draft)
    submitted = save(client, draft, "b", "submit/", version=1)

    assert (saved.status_code, saved.json()["version"], saved.json()["answers"]) == (
        200,
        1,
        grade(2),
    )
    assert set(saved.json()) == {
        "id",
        "case",
        "state",
        "version",
        "answers",
        "side",
        "form_version",
        "saved_at",
        "submitted_at",
        "amended_at",
        "amend_reason",
        "lease_until",
        "active_seconds",
        "flagged",
        "flag_note",
    }
    assert submitted.json()["annotation"]["state"] == "submitted"
    assert submitted.json()["progress"] == {"read": 1, "total": 3, "mine_today": 1}


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"version": 4}, 409, "stale"),
        ({"answers": grade(9)}, 400, "answers_refused"),
        ({"answers": [1]}, 400, "invalid"),
        ({"answers": None}, 400, "invalid"),
        ({"version": -1}, 400, "invalid"),
        ({"version": "x"}, 400, "invalid"),
        ({"active_seconds": -3}, 400, "invalid"),
        ({"key": ""}, 400, "key_missing"),
        ({"key": "k" * 101}, 400, "key_missing"),
    ],
)
def test_a_bad_save_gets_a_sentence(
    task: Task, reader: User, change: dict[str, Any], status: int, code: str
) -> None:
    draft = make_draft(task, reader)
    answer = save(client_of(reader), draft, **change)
    assert (answer.status_code, answer.json().get("code")) == (status, code)
    assert answer.json()["detail"].endswith(".")
    draft.refresh_from_db()
    assert draft.version == 0


def test_a_stale_save_gets_both_texts(task: Task, reader: User) -> None:
    client, draft = client_of(reader), make_draft(task, reader)
    save(client, draft)
    answer = save(client, draft, "b", answers=grade(4)).json()
    assert (answer["theirs"]["answers"], answer["theirs"]["version"]) == (grade(2), 1)
    assert answer["yours"] == grade(4)


def test_heartbeat_and_skip(task: Task, reader: User) -> None:
    client, draft = client_of(reader), make_draft(task, reader)
    beat = client.post(f"/api/annotations/{draft.pk}/heartbeat/")
    skipped = client.post(
        f"/api/annotations/{draft.pk}/skip/", {"reason": "a foot"}, content_type=JSON
    )
    assert (beat.status_code, set(beat.json())) == (200, {"lease_until"})
    assert (skipped.status_code, skipped.json()["state"]) == (200, "skipped")


def test_staff_make_a_task_and_its_cases() -> None:
    client = client_of(make_user(is_staff=True))
    make_images(make_patient())

    made = client.post(
        "/api/tasks/", {"template": "knee-oa-kl", "name": "Knees"}, content_type=JSON
    )
    built = client.post(f"/api/tasks/{made.json()['id']}/cases/")

    assert (made.status_code, made.json()["role"], made.json()["form"]["version"]) == (
        201,
        "admin",
        1,
    )
    assert (built.status_code, built.json()) == (200, {"created": 1, "already": 0})


def test_an_unknown_template_is_named() -> None:
    client = client_of(make_user(is_staff=True))
    answer = client.post("/api/tasks/", {"template": "nose", "name": "Noses"}, content_type=JSON)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("There is no template 'nose'; choose one of")
    assert not Task.objects.exists()


def test_snapshots_are_listed_newest_first(task: Task, reader: User) -> None:
    make_read(task, reader)
    first = freeze(task)
    make_read(task, reader)
    second = freeze(task)
    shown = client_of(reader).get(f"/api/tasks/{task.pk}/snapshots/").json()
    assert [(one["number"], one["cases"], one["patients"]) for one in shown] == [
        (2, 2, 2),
        (1, 1, 1),
    ]
    assert [one["hash"] for one in shown] == [second.hash, first.hash]
    assert [sum(one["splits"].values()) for one in shown] == [2, 1]


ROUTES = [
    ("get", "tasks/{task}/"),
    ("post", "tasks/{task}/cases/"),
    ("get", "tasks/{task}/snapshots/"),
    ("put", "annotations/{annotation}/"),
    ("get", "tasks/{task}/reads/"),
    ("get", "annotations/{annotation}/"),
    ("post", "annotations/{annotation}/submit/"),
    ("post", "annotations/{annotation}/amend/"),
    ("post", "annotations/{annotation}/flag/"),
    ("post", "annotations/{annotation}/heartbeat/"),
    ("post", "annotations/{annotation}/skip/"),
    ("get", "cases/{case}/thumbnail/"),
]


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_what_is_foreign_looks_as_what_is_not(
    task: Task, reader: User, method: str, route: str
) -> None:
    draft = make_draft(task, reader)
    stranger = client_of(make_reader(make_task(), Role.ADMIN))
    body = {"version": 0, "answers": grade(2), "reason": "a slip", "flagged": True}

    def ask(client: Client, task_id: int, annotation: int, case: int) -> tuple[int, bytes]:
        path = "/api/" + route.format(task=task_id, annotation=annotation, case=case)
        headers = {"Idempotency-Key": "a"}
        given = {} if method == "get" else {"data": body, "content_type": JSON}
        answer = getattr(client, method)(path, **given, headers=headers)
        return answer.status_code, answer.content

    foreign = ask(stranger, task.pk, draft.pk, draft.case_id)
    assert foreign == ask(stranger, 0, 0, 0)
    assert foreign[0] == 404
    assert ask(Client(), task.pk, draft.pk, draft.case_id)[0] == 401
    draft.refresh_from_db()
    assert (draft.version, draft.state) == (0, "draft")


@pytest.mark.parametrize("role", [Role.READER, Role.ADJUDICATOR])
def test_only_an_admin_builds_cases(task: Task, role: Role) -> None:
    answer = client_of(make_reader(task, role)).post(f"/api/tasks/{task.pk}/cases/")
    assert answer.status_code == 403
    assert answer.json()["detail"] == "This needs the role admin in the task."


def test_only_staff_make_a_task(task: Task) -> None:
    client = client_of(make_reader(task, Role.ADMIN))
    answer = client.post(
        "/api/tasks/", {"template": "knee-oa-kl", "name": "Mine"}, content_type=JSON
    )
    assert answer.status_code == 403


def test_a_case_whose_pixels_cannot_be_had_says_so_in_place_of_its_picture(
    task: Task, reader: User
) -> None:
    draft = make_draft(task, reader)  # its images have rows and no files

    answer = client_of(reader).get(f"/api/cases/{draft.case_id}/thumbnail/")

    assert answer.status_code == 422
    assert "cannot be decoded" in answer.json()["detail"]


def test_members_see_the_images_and_topics_of_their_tasks_only(task: Task, reader: User) -> None:
    other = make_images(make_patient())  # in no case
    assert visible_instances(reader).count() == 3
    assert not visible_instances(reader).filter(series__study=other).exists()
    assert visible_instances(make_reader(make_task())).count() == 0
    assert visible_instances(make_user(is_staff=True)).count() == 4
    make_task()
    assert topics_of(reader) == {f"task/{task.pk}", f"user/{reader.pk}"}


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/api/tasks/", 4),  # session, user; roles, tasks
        ("/api/tasks/{task}/", 6),  # session, user; task and role, form, progress, flagged cases
        ("/api/tasks/{task}/snapshots/", 5),  # session, user; task and role, sizes, snapshots
    ],
)
def test_lists_ask_as_much_for_three_as_for_one(
    path: str, queries: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    task = make_task()
    reader = make_reader(task)
    client = client_of(reader)
    for items in (1, 2):
        for _ in range(items):
            make_cases(task)
            make_read(task, reader)
            freeze(task)
            make_reader_too(reader)
        with django_assert_num_queries(queries):
            client.get(path.format(task=task.pk))


def make_reader_too(reader: User) -> None:
    make_task().memberships.create(user=reader)


def test_a_save_and_a_submit_ask_seven_each(
    task: Task, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, draft = client_of(reader), make_draft(task, reader)
    with django_assert_num_queries(7):
        save(client, draft)
    with django_assert_num_queries(7):
        save(client, draft, "b", "submit/", version=1)


@pytest.mark.django_db(transaction=True)
def test_a_submit_sent_three_times_at_once_is_one_revision() -> None:
    task = make_task()
    make_cases(task, 10)
    reader = make_reader(task)
    drafts: list[Annotation] = []
    for _ in range(10):
        draft = make_draft_holding(task, reader, drafts)
        drafts.append(draft)
    answers: dict[int, list[tuple[int, Any]]] = {draft.pk: [] for draft in drafts}
    barrier = threading.Barrier(3)

    def send(client: Client) -> None:
        for draft in drafts:
            barrier.wait()
            answer = save(client, draft, f"key-{draft.pk}", "submit/")
            answers[draft.pk].append((answer.status_code, answer.json()))
        connection.close()

    threads = [threading.Thread(target=send, args=(client_of(reader),)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    told = {
        pk: [(status, body["annotation"]) for status, body in given]
        for pk, given in answers.items()
    }
    assert all(first == second == third for first, second, third in told.values())
    assert {status for given in answers.values() for status, _ in given} == {200}
    assert set(Annotation.objects.values_list("version", "state")) == {(1, "submitted")}
    assert (
        apps.get_model("annotation", "AnnotationEvent").objects.count() == 20
    )  # opened and submitted


def make_draft_holding(task: Task, reader: User, held: list[Annotation]) -> Annotation:
    draft = claim(task, reader, [one.pk for one in held])
    assert draft is not None
    return draft
