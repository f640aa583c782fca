import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from celery import current_app
from django.db import connection, transaction

from accounts.models import User
from accounts.said import Said
from jobs import stopping
from jobs.cancel import cancel
from jobs.claim import claim
from jobs.lifeline import connection_parameters
from jobs.models import Job
from jobs.runner import Refused, Running, answer, execute, job
from tests.factories.jobs import expire, make_due, make_job

pytestmark = pytest.mark.django_db(transaction=True)


def add_user(name: str) -> Callable[[], dict[str, int]]:
    """An effect that shows when it is applied twice or although its job did not end."""

    def apply() -> dict[str, int]:
        return {"user": User.objects.create(username=name).pk}

    return apply


def test_it_gives_the_handler_its_arguments_and_keeps_the_result() -> None:
    row = make_job(arguments={"run_id": 4})

    def handler(running: Running, *, run_id: int) -> dict[str, Any]:
        return {"run": run_id, "loss": float("nan"), "attempt": running.attempt}

    execute(row.pk, handler, worker="here")

    row.refresh_from_db()
    assert (row.state, row.progress, row.error) == ("done", 1.0, "")
    assert row.result == {"run": 4, "loss": None, "attempt": 1}
    assert row.finished_at is not None
    assert (row.token, row.lease_until) == (None, None)


def test_it_applies_a_returned_effect_with_the_end_of_the_job() -> None:
    row = make_job()

    execute(row.pk, lambda running: add_user("made"), worker="here")

    row.refresh_from_db()
    assert row.result == {"user": User.objects.get(username="made").pk}


def test_what_a_lost_worker_left_behind_is_done_before_the_job_of_the_bell() -> None:
    order: list[int] = []
    job("test.in_line", queue="left")(lambda running: order.append(running.job_id))
    of = {"kind": "test.in_line", "queue": "left"}
    lost, going, rung = (make_job(**of) for _ in range(3))
    elsewhere = make_job(kind="test.in_line", queue="other")
    unknown = make_job(kind="test.of_an_earlier_release", queue="other")
    for one in (lost, going, elsewhere, unknown):
        claim(one.pk, "silent")
    for one in (lost, elsewhere, unknown):
        expire(one)

    answer(rung.pk, "test.in_line", worker="here")

    assert order == [lost.pk, rung.pk]
    assert Job.objects.get(pk=going.pk).worker == "silent"
    assert Job.objects.get(pk=elsewhere.pk).worker == "silent"


def test_it_takes_the_effect_back_when_it_fails() -> None:
    row = make_job()

    def effect() -> dict[str, int]:
        add_user("half")()
        raise ValueError("the second half is missing")

    execute(row.pk, lambda running: effect, worker="here")

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("queued", 1)
    assert not User.objects.exists()


def test_it_applies_nothing_of_a_worker_that_lost_its_lease(
    caplog: pytest.LogCaptureFixture,
) -> None:
    row = make_job()

    def frozen(running: Running) -> Callable[[], dict[str, int]]:
        expire(row)  # it slept for too long …
        claim(row.pk, "next")  # … and another took over
        return add_user("twice")

    execute(row.pk, frozen, worker="frozen")

    row.refresh_from_db()
    assert (row.state, row.worker, row.attempts) == ("running", "next", 2)
    assert not User.objects.exists()
    assert "was lost to another worker" in caplog.text


def test_it_applies_a_job_once_however_often_the_bell_rings() -> None:
    row = make_job()

    for _ in range(3):
        execute(row.pk, lambda running: add_user("once"), worker="here")

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("done", 1)
    assert User.objects.count() == 1


def test_it_tries_an_error_again_after_a_while_and_keeps_the_reason() -> None:
    row = make_job()

    def handler(running: Running) -> None:
        raise ValueError("the file is not there yet")

    execute(row.pk, handler, worker="here")

    row.refresh_from_db()
    assert (row.state, row.attempts, row.token) == ("queued", 1, None)
    assert row.error == "ValueError: the file is not there yet (attempt 1 of 3)"
    assert row.not_before - row.created_at >= timedelta(seconds=5)


def test_it_fails_after_three_errors() -> None:
    row = make_job()

    def handler(running: Running) -> None:
        raise ValueError("the file is not there")

    for _ in range(3):
        make_due(row)
        execute(row.pk, handler, worker="here")

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("failed", 3)
    assert row.error == "ValueError: the file is not there (attempt 3 of 3)"


def test_it_forgets_the_reason_when_a_later_attempt_works() -> None:
    row = make_job(error="ValueError: not yet (attempt 1 of 3)", attempts=1)

    execute(row.pk, lambda running: None, worker="here")

    row.refresh_from_db()
    assert (row.state, row.error) == ("done", "")


def test_it_fails_a_refused_job_at_once() -> None:
    row = make_job()

    def handler(running: Running) -> None:
        raise Refused("The task has no references yet; read some cases first.")

    execute(row.pk, handler, worker="here")

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("failed", 1)
    assert row.error == "The task has no references yet; read some cases first."


def test_it_writes_progress_while_the_handler_works() -> None:
    row, seen = make_job(), threading.Event()

    def handler(running: Running) -> None:
        with transaction.atomic():  # even then
            running.progress(0.25, "Epoch 1 of 4", {"epoch": 1, "loss": float("inf")})
            while not seen.wait(0.05):
                row.refresh_from_db()
                if row.progress == 0.25:
                    seen.set()
            assert (row.text, row.detail) == ("Epoch 1 of 4", {"epoch": 1, "loss": None})
        running.progress(0.9, "Epoch 4 of 4")

    execute(row.pk, handler, worker="here")

    row.refresh_from_db()
    assert (row.state, row.text, row.error) == ("done", "Epoch 4 of 4", "")
    assert row.detail == {"epoch": 1, "loss": None}


def test_it_stops_a_running_job_when_asked_to() -> None:
    row = make_job()

    def handler(running: Running) -> Callable[[], dict[str, int]]:
        cancel(row)
        while running.cancel_asked.wait(0.05) or True:
            running.progress(0.5, "Still at it")
        return add_user("never")

    execute(row.pk, handler, worker="here")

    row.refresh_from_db()
    assert (row.state, row.cancel_requested, row.error) == ("cancelled", True, "")
    assert not User.objects.exists()


def test_it_puts_the_job_back_when_the_worker_is_stopped() -> None:
    row = make_job()

    def handler(running: Running) -> None:
        stopping._asked[0] = 1
        running.progress(0.5, "Half way")

    try:
        execute(row.pk, handler, worker="here")
    finally:
        stopping._asked[0] = 0

    row.refresh_from_db()
    assert (row.state, row.attempts, row.error) == ("queued", 0, "")
    assert row.text == ""


def test_it_renews_the_lease_of_a_long_job(settings: Any) -> None:
    settings.JOB_LEASE_SECONDS = 1.2
    row = make_job()

    def handler(running: Running) -> None:
        first = Job.objects.get().lease_until
        for _ in range(60):
            threading.Event().wait(0.05)
            if (
                first
                and (now := Job.objects.get().lease_until)
                and now - first > timedelta(seconds=2)
            ):
                return
        raise AssertionError("the lease was not renewed")

    execute(row.pk, handler, worker="here")

    assert Job.objects.get().state == "done"


def test_it_survives_the_loss_of_its_database_connections(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.JOB_LEASE_SECONDS = 1.2
    row = make_job()
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # a worker's pool: the tests before may have left many connections

    def handler(running: Running) -> Callable[[], dict[str, int]]:
        running.progress(0.1, "Before")
        wait_for_text(row, "Before")
        end_all_connections()
        running.progress(0.2, "After")
        wait_for_text(row, "After")
        end_all_connections()
        return add_user("survived")

    with caplog.at_level(logging.WARNING):
        execute(row.pk, handler, worker="here")

    row.refresh_from_db()
    assert (row.state, row.attempts) == ("done", 1)
    assert User.objects.get().username == "survived"
    assert "could not renew its lease" in caplog.text


def test_a_decorated_function_is_called_as_it_was_and_is_known_to_celery() -> None:
    @job("test.decorated", queue="ingest")
    def double(running: Running, *, number: int) -> dict[str, int]:
        return {"double": 2 * number}

    row = make_job(kind="test.decorated", arguments={"number": 4})
    current_app.tasks["test.decorated"].run(row.pk)

    row.refresh_from_db()
    assert row.result == {"double": 8}
    assert double(Running(row), number=1) == {"double": 2}


def end_all_connections() -> None:
    with psycopg.connect(**connection_parameters()) as observer:
        observer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def wait_for_text(row: Job, text: str) -> None:
    with psycopg.connect(**connection_parameters()) as observer:
        for _ in range(200):
            found = observer.execute("SELECT text FROM jobs_job WHERE id = %s", [row.pk])
            if found.fetchone() == (text,):
                return
            threading.Event().wait(0.05)
    raise AssertionError(f"“{text}” was not written.")


def test_what_a_job_says_has_its_code_beside_it() -> None:
    refused, broken = make_job(), make_job()

    def refuse(running: Running) -> None:
        running.progress(0.5, Said("Loading model 7", "loading_model", model=7))
        raise Refused(Said("It is gone.", "case_gone"))

    def fail(running: Running) -> None:
        running.progress(0.5, "What nobody gave a code.")
        raise RuntimeError("Broken.")

    execute(refused.pk, refuse, worker="here")
    execute(broken.pk, fail, worker="here")

    refused.refresh_from_db()
    broken.refresh_from_db()
    assert (refused.text, refused.error) == ("Loading model 7", "It is gone.")
    assert refused.text_said == {"code": "loading_model", "parameters": {"model": 7}}
    assert refused.error_said == {"code": "case_gone", "parameters": {}}
    assert broken.error == "RuntimeError: Broken. (attempt 1 of 3)"
    why = {"sentence": "RuntimeError: Broken."}
    told = {"why": why, "attempt": 1, "of": 3}
    assert broken.error_said == {"code": "tried", "parameters": told}
    make_due(broken)
    execute(broken.pk, lambda running: None, worker="here")
    broken.refresh_from_db()
    assert (broken.state, broken.error, broken.error_said) == ("done", "", {})
