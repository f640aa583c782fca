import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobs.claim import claim
from jobs.models import Job
from tests.factories.jobs import expire, make_job

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_gives_a_waiting_job_a_worker_a_token_and_a_lease() -> None:
    job = make_job()

    claimed = claim(job.pk, "ingest@here/12")

    assert claimed is not None
    assert (claimed.state, claimed.worker, claimed.attempts) == ("running", "ingest@here/12", 1)
    assert claimed.token is not None
    assert claimed.lease_until is not None
    assert claimed.started_at is not None
    assert timedelta(seconds=29) < claimed.lease_until - claimed.started_at <= timedelta(seconds=30)


def test_it_gives_nothing_on_a_second_bell() -> None:
    job = make_job()
    claim(job.pk, "first")

    assert claim(job.pk, "second") is None
    assert Job.objects.get().worker == "first"


def test_it_gives_a_job_to_one_of_many_workers_at_once() -> None:
    jobs = [make_job() for _ in range(10)]
    barrier = threading.Barrier(8)
    won: list[int] = []

    def work(name: str) -> None:
        barrier.wait()
        won.extend(job.pk for job in jobs if claim(job.pk, name) is not None)
        connection.close()

    threads = [threading.Thread(target=work, args=(f"worker {n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == [job.pk for job in jobs]
    assert set(Job.objects.values_list("attempts", flat=True)) == {1}


def test_it_passes_over_a_job_that_is_put_off() -> None:
    job = make_job(not_before=timezone.now() + timedelta(minutes=1))

    assert claim(job.pk, "early") is None


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_it_passes_over_a_job_that_is_over(state: str) -> None:
    assert claim(make_job(state=state).pk, "late") is None


def test_it_passes_over_a_row_that_somebody_has_locked() -> None:
    job = make_job()
    answers: list[Job | None] = []

    def ask() -> None:
        answers.append(claim(job.pk, "second"))
        connection.close()

    with transaction.atomic():
        Job.objects.select_for_update().get()
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join()

    assert answers == [None]


def test_it_takes_over_from_a_silent_worker_with_a_new_token() -> None:
    job = make_job()
    first = claim(job.pk, "silent")
    expire(job)

    second = claim(job.pk, "next")

    assert first is not None
    assert second is not None
    assert second.token != first.token
    assert (second.worker, second.attempts) == ("next", 2)


def test_it_fails_a_job_whose_worker_was_lost_three_times() -> None:
    job = make_job()
    for _ in range(3):
        claim(job.pk, "lost")
        Job.objects.update(text="Reading scan 7 of 9")
        expire(job)

    assert claim(job.pk, "fourth") is None

    job.refresh_from_db()
    assert (job.state, job.attempts, job.token) == ("failed", 3, None)
    assert job.error == (
        "The worker was lost 3 times while doing this, so it is not tried again; lack of memory or a "
        "restart of the machine are the usual reasons. It had last said: “Reading scan 7 of 9”"
    )
    assert job.finished_at is not None


def test_it_does_not_start_a_job_that_was_cancelled() -> None:
    job = make_job(cancel_requested=True)

    assert claim(job.pk, "any") is None

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("cancelled", 0)
