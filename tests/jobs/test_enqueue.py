import json
import threading
from datetime import timedelta

import pytest
from celery import Celery
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from jobs.bell import ring
from jobs.enqueue import enqueue
from jobs.models import Job
from tests.factories.jobs import run
from tests.jobs.conftest import QUEUE, Line

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_keeps_what_was_asked_for() -> None:
    owner = User.objects.create(username="reader")

    job = enqueue("test.kept", queue=QUEUE, topic="task/3", owner=owner, arguments={"run_id": 7})

    kept = Job.objects.get()
    assert kept == job
    assert (kept.kind, kept.queue, kept.topic, kept.owner) == ("test.kept", QUEUE, "task/3", owner)
    assert kept.arguments == {"run_id": 7}
    assert (kept.state, kept.attempts) == ("queued", 0)


def test_it_rings_after_the_commit_and_not_before(line: Line) -> None:
    with transaction.atomic():
        job = enqueue("test.rung", queue=QUEUE, arguments={})
        assert len(line) == 0

    message = json.loads(line.first())
    assert len(line) == 1
    assert message["headers"]["task"] == "test.rung"
    assert message["headers"]["argsrepr"] == f"[{job.pk}]"


def test_it_does_not_ring_for_a_transaction_that_is_rolled_back(line: Line) -> None:
    with transaction.atomic():
        enqueue("test.rung", queue=QUEUE, arguments={})
        transaction.set_rollback(True)

    assert len(line) == 0
    assert not Job.objects.exists()


def test_it_rings_from_another_thread_with_the_same_broker(line: Line) -> None:
    thread = threading.Thread(target=ring, args=(1, "test.rung", QUEUE))
    thread.start()
    thread.join()

    assert len(line) == 1


def test_it_leaves_a_later_job_to_the_sweeper(line: Line) -> None:
    later = timezone.now() + timedelta(hours=1)

    job = enqueue("test.later", queue=QUEUE, arguments={}, not_before=later)

    assert len(line) == 0
    assert job.not_before == later


def test_it_returns_the_live_job_of_the_same_key(line: Line) -> None:
    first = enqueue("test.keyed", queue=QUEUE, arguments={"n": 1}, key="retrain/1")
    with transaction.atomic():
        second = enqueue("test.keyed", queue=QUEUE, arguments={"n": 2}, key="retrain/1")

    assert second == first
    assert second.arguments == {"n": 1}
    assert len(line) == 1


def test_it_takes_a_new_job_once_the_one_of_the_key_is_over() -> None:
    first = enqueue("test.keyed", queue=QUEUE, arguments={}, key="retrain/1")
    run(first, lambda running: None)

    second = enqueue("test.keyed", queue=QUEUE, arguments={}, key="retrain/1")

    assert second != first
    assert Job.objects.count() == 2


def test_it_gives_one_job_to_many_who_ask_at_once() -> None:
    barrier = threading.Barrier(8)
    found: list[int] = []

    def ask() -> None:
        barrier.wait()
        found.append(enqueue("test.keyed", queue=QUEUE, arguments={}, key="retrain/1").pk)
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [Job.objects.get().pk] * 8


def test_it_only_logs_when_the_broker_is_away(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", "redis+socket:///nowhere/valkey.sock")
    away = Celery("away", set_as_current=False)
    monkeypatch.setattr("jobs.bell.current_app", away)

    job = enqueue("test.unrung", queue=QUEUE, arguments={})

    assert Job.objects.get() == job
    assert f"The broker did not take the bell for job {job.pk}" in caplog.text
