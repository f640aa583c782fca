from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.roles import Role
from annotation.models import Task
from jobs.models import Job
from tests.factories.annotation import make_reader, make_task, make_user
from tests.factories.inference import keep_cases
from tests.factories.training import make_model, make_run
from tests.training.test_consider import add_references
from training import consider

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def get(user: User, task: Task, page: str) -> Any:
    return client_of(user).get(f"/api/tasks/{task.pk}/{page}/").json()


def test_a_new_task_has_no_training_and_says_so_plainly() -> None:
    task = make_task()

    assert get(make_reader(task), task, "training") == {
        "run": None,
        "current": None,
        "decision": None,
        "new_references": 0,
        "retrain_every": 20,
        "references": 0,
        "runs": [],
        "curve": [],
    }
    assert get(make_reader(task), task, "models") == []


def test_it_shows_the_run_under_way_the_reason_and_the_curve() -> None:
    task = make_task()
    add_references(task, keep_cases(task, "train", 12), make_reader(task))
    model = make_model(task, "current")
    live = make_run(task, job_state="running", trigger="20 new references")
    consider.consider(task)

    shown = get(make_reader(task), task, "training")

    assert (shown["run"]["id"], shown["run"]["state"]) == (live.pk, "running")
    assert shown["run"]["job"]["id"] == live.job_id
    assert shown["current"] == model.number
    assert shown["decision"]["started"] is False
    assert shown["decision"]["reason"] == f"Run {live.pk} is under way: 20 new references."
    assert (shown["references"], shown["new_references"]) == (12, 12)
    assert [run["id"] for run in shown["runs"]] == [live.pk, model.run_id]
    [point] = shown["curve"]
    assert (point["model"], point["references"], point["metric"]) == (1, 20, "qwk")
    assert (point["value"], point["low"], point["high"]) == (0.5, 0.4, 0.6)


def test_of_a_run_that_was_cancelled_it_does_not_say_that_it_is_under_way() -> None:
    task = make_task()
    add_references(task, keep_cases(task, "train", 12), make_reader(task))
    live = make_run(task, job_state="running", trigger="20 new references")
    consider.consider(task)
    Job.objects.filter(pk=live.job_id).update(state="cancelled", lease_until=None)

    assert get(make_reader(task), task, "training")["decision"] is None


def test_all_points_of_the_curve_are_of_one_required_answer() -> None:
    task = make_task()
    figure = {"value": 0.7, "low": 0.6, "high": 0.8}
    optional = {"jsn@medial": {"n": 9, "n_patients": 9, "qwk": figure}}
    make_model(task, metrics=optional)
    make_model(task, metrics=optional | {"kl": {"n": 9, "n_patients": 9, "qwk": figure}})

    curve = get(make_reader(task), task, "training")["curve"]

    assert [(point["slot"], point["value"]) for point in curve] == [("kl", None), ("kl", 0.7)]


def test_it_tells_a_run_that_the_gate_refused_from_one_that_failed() -> None:
    task = make_task()
    no = {
        "passed": False,
        "provisional": False,
        "reason": "Not shown to be as good.",
        "left_out": ["jsn"],
        "not_judged": 0,
        "against": 1,
        "test_uses": 2,
    }
    said = {
        "passed": False,
        "reason": "Too few.",
        "code": "gate_few",
        "parameters": {"patients": 3},
    }
    slots = {"kl": said, "jsn": said | {"passed": True}}
    make_model(task, "refused", gate=no | {"slots": slots})
    failed = make_run(task, job_state="failed")
    Job.objects.filter(pk=failed.job_id).update(error="The loss became nan.")

    last, first = get(make_reader(task), task, "training")["runs"]

    assert (last["state"], last["error"], last["model"]) == ("failed", "The loss became nan.", None)
    [reason] = first["gate"].pop("reasons")
    assert first["gate"].pop("answers") == 2
    assert (first["state"], first["model"], first["gate"]) == ("refused", 1, no)
    assert (reason["slot"], reason["code"]) == ("kl", "gate_few")
    assert reason["parameters"] == {"metric": "", "patients": 3}


def test_it_lists_the_versions_with_their_figures() -> None:
    task = make_task()
    make_model(task, "retired")
    model = make_model(task, "current")

    newest, oldest = get(make_reader(task), task, "models")

    assert (newest["number"], newest["state"], oldest["state"]) == (2, "current", "retired")
    assert newest["slots"] == {
        "kl": {"kind": "grade", "metric": "qwk", "metrics": model.metrics["kl"]}
    }
    assert newest["snapshot"]["hash"] == model.run.snapshot.hash


@pytest.mark.parametrize("count", [1, 5])
@pytest.mark.parametrize(("page", "queries"), [("training", 11), ("models", 5)])
def test_it_asks_as_often_for_many_versions_as_for_one(count: int, page: str, queries: int) -> None:
    task = make_task()
    for _ in range(count):
        make_model(task)
    client = client_of(make_reader(task))

    with CaptureQueriesContext(connection) as asked:
        client.get(f"/api/tasks/{task.pk}/{page}/")

    assert len(asked) == queries, [query["sql"][:80] for query in asked]


def test_lists_leave_out_what_only_the_card_shows() -> None:
    task = make_task()
    figure = {"value": 0.5, "low": 0.4, "high": 0.6}
    of_slot = {"n": 9, "n_patients": 9, "qwk": figure, "confusion": [[9]]}
    make_model(task, "current", metrics={"kl": of_slot}, card={"form": 1})
    client = client_of(make_reader(task))

    with CaptureQueriesContext(connection) as asked:
        client.get(f"/api/tasks/{task.pk}/training/")
    [model] = client.get(f"/api/tasks/{task.pk}/models/").json()
    card = client.get(f"/api/models/{model['id']}/card/").json()

    of_models = [query["sql"] for query in asked if '"training_modelversion"' in query["sql"]]
    assert not any('"training_modelversion"."card"' in sql for sql in of_models)
    assert not any('"training_modelversion"."metrics",' in sql for sql in of_models)
    assert not any('"jobs_job"."detail"' in sql for sql in of_models)
    assert model["slots"]["kl"]["metrics"] == {"n": 9, "n_patients": 9, "qwk": figure}
    assert card["slots"]["kl"]["metrics"] == of_slot


def retrain(user: User, task: Task, **body: str) -> Any:
    return client_of(user).post(
        f"/api/tasks/{task.pk}/retrain/", body, content_type="application/json"
    )


def test_an_admin_starts_one_training_at_a_time() -> None:
    task = make_task()
    add_references(task, keep_cases(task, "train", 12), make_reader(task))
    admin = make_reader(task, Role.ADMIN)

    first, second = retrain(admin, task, speed="full"), retrain(admin, task)

    assert first.status_code == 202
    assert (first.json()["kind"], first.json()["queue"]) == ("training.train", "train")
    run = task.runs.get()
    assert (run.speed, run.by, run.trigger) == ("full", admin, f"{admin.display_name} asked for it")
    assert second.status_code == 409
    assert second.json()["detail"] == (
        f"Run {run.pk} is still under way; wait for it or cancel it first."
    )


def test_an_admin_with_the_longest_of_names_starts_one_too() -> None:
    task = make_task()
    add_references(task, keep_cases(task, "train", 12), make_reader(task))
    admin = make_reader(task, Role.ADMIN)
    admin.first_name, admin.last_name = "x" * 150, "y" * 150
    admin.save()

    assert retrain(admin, task).status_code == 202


def test_it_says_when_there_is_too_little_to_learn_from() -> None:
    task = make_task()

    answer = retrain(make_reader(task, Role.ADMIN), task)

    assert answer.status_code == 409
    assert "at least 10 answered cases" in answer.json()["detail"]


def test_only_admins_start_a_training() -> None:
    task = make_task()
    people = [make_user(), make_reader(task), make_reader(task, Role.ADJUDICATOR)]

    assert [retrain(user, task).status_code for user in people] == [404, 403, 403]
    assert retrain(make_reader(task, Role.ADMIN), task, speed="warp").status_code == 400
