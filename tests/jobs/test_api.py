import pytest
from rest_framework.test import APIClient

from accounts.models import User
from jobs.claim import claim
from jobs.models import Job
from tests.factories.jobs import make_job

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.jobs.urls")]


def signed_in(name: str, is_staff: bool = False) -> tuple[User, APIClient]:
    user, client = User.objects.create(username=name, is_staff=is_staff), APIClient()
    client.force_login(user)
    return user, client


def test_it_shows_a_job_as_the_contract_says() -> None:
    _, client = signed_in("task-1")
    job = make_job(topic="task/1", kind="training.train", queue="train")

    shown = client.get(f"/api/jobs/{job.pk}/").json()

    assert shown.pop("created_at") is not None
    assert shown == {
        "id": job.pk,
        "kind": "training.train",
        "queue": "train",
        "topic": "task/1",
        "state": "queued",
        "progress": 0.0,
        "text": "",
        "text_said": {},
        "detail": {},
        "attempts": 0,
        "error": "",
        "error_said": {},
        "cancel_requested": False,
        "started_at": None,
        "finished_at": None,
        "result": {},
    }


def test_it_lists_the_jobs_of_the_topics_that_the_user_may_see_and_his_own() -> None:
    user, client = signed_in("task-1")
    seen = make_job(topic="task/1")
    own = make_job(topic="task/2", owner=user)
    make_job(topic="task/2")
    make_job(topic="")

    assert [job["id"] for job in client.get("/api/jobs/").json()] == [own.pk, seen.pk]
    assert [job["id"] for job in client.get("/api/jobs/?topic=task/1").json()] == [seen.pk]


def test_what_was_asked_for_and_given_does_not_hide_the_trainings() -> None:
    user, client = signed_in("task-1")
    training = make_job(topic="task/1", queue="train", state="done")
    given = make_job(topic="task/1", queue="ask", owner=user, state="done")
    failed = make_job(topic="task/1", queue="ask", owner=user, state="failed")
    waiting = make_job(topic="task/1", queue="ask", owner=user)

    shown = [job["id"] for job in client.get("/api/jobs/").json()]

    assert shown == [waiting.pk, failed.pk, training.pk]
    assert client.get(f"/api/jobs/{given.pk}/").json()["state"] == "done"


def test_it_shows_everything_to_those_who_may_see_every_topic() -> None:
    _, client = signed_in("everything", is_staff=True)
    jobs = [make_job(topic="task/1"), make_job(topic="task/2"), make_job(topic="")]

    shown = client.get("/api/jobs/").json()

    assert [job["id"] for job in shown] == [job.pk for job in reversed(jobs)]


@pytest.mark.parametrize("path", ["/api/jobs/{}/", "/api/jobs/{}/cancel/"])
def test_a_foreign_job_is_the_same_404_as_an_unknown_one(path: str) -> None:
    _, client = signed_in("task-1")
    foreign = make_job(topic="task/2")
    call = client.post if path.endswith("cancel/") else client.get

    answers = [call(path.format(number)) for number in (foreign.pk, foreign.pk + 1)]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert Job.objects.get().state == "queued"


@pytest.mark.parametrize("path", ["/api/jobs/", "/api/jobs/1/", "/api/events/"])
def test_a_stranger_is_asked_to_sign_in(path: str) -> None:
    assert APIClient().get(path).status_code == 401


def test_its_owner_cancels_a_job() -> None:
    user, client = signed_in("task-1")
    job = make_job(owner=user)

    answer = client.post(f"/api/jobs/{job.pk}/cancel/")

    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")


def test_staff_cancel_a_running_job() -> None:
    _, client = signed_in("everything", is_staff=True)
    job = make_job()
    claim(job.pk, "busy")

    answer = client.post(f"/api/jobs/{job.pk}/cancel/").json()

    assert (answer["state"], answer["cancel_requested"]) == ("running", True)


def test_somebody_who_only_sees_a_job_may_not_cancel_it() -> None:
    _, client = signed_in("task-1")
    job = make_job(topic="task/1")

    answer = client.post(f"/api/jobs/{job.pk}/cancel/")

    assert answer.status_code == 403
    assert answer.json() == {"detail": "Only the person who started a job may cancel it."}
    assert Job.objects.get().cancel_requested is False


def test_the_wiring_may_let_others_cancel() -> None:
    _, client = signed_in("task-3")
    job = make_job(topic="task/3")

    assert client.post(f"/api/jobs/{job.pk}/cancel/").status_code == 200
