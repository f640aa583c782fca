from datetime import timedelta

import pytest
from django.utils import timezone

from jobs.cancel import cancel
from jobs.claim import claim
from jobs.models import Job
from jobs.sweep import Swept, sweep
from tests.factories.jobs import expire, forget_bell, make_due, make_job
from tests.jobs.conftest import QUEUE, Line

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("line")]


def test_it_rings_for_jobs_that_wait_and_for_those_whose_worker_is_silent(
    line: Line,
) -> None:
    make_job(queue=QUEUE)
    silent = make_job(queue=QUEUE)
    claim(silent.pk, "silent")
    expire(silent)
    at_work = make_job(queue=QUEUE)
    claim(at_work.pk, "busy")
    make_job(queue=QUEUE, not_before=timezone.now() + timedelta(minutes=1))

    assert sweep() == Swept(rung=2, ended=0)
    assert len(line) == 2


def test_a_job_whose_worker_is_silent_says_that_it_waits() -> None:
    silent, at_work = make_job(queue=QUEUE), make_job(queue=QUEUE)
    for job in (silent, at_work):
        claim(job.pk, "a worker")
        Job.objects.filter(pk=job.pk).update(text="Epoch 10 of 20")
    expire(silent)

    sweep()

    silent.refresh_from_db()
    at_work.refresh_from_db()
    assert silent.text.startswith("Its worker stopped")
    assert silent.text_said["code"] == "worker_stopped"
    assert at_work.text == "Epoch 10 of 20"


def test_it_does_not_ring_again_for_a_job_that_was_just_rung() -> None:
    job = make_job(queue=QUEUE)
    sweep()

    assert sweep() == Swept(rung=0, ended=0)

    forget_bell(job)
    assert sweep() == Swept(rung=1, ended=0)


def test_it_rings_when_the_pause_after_an_error_is_over() -> None:
    job = make_job(queue=QUEUE, attempts=1, not_before=timezone.now() + timedelta(minutes=1))
    assert sweep().rung == 0

    make_due(job)

    assert sweep().rung == 1


def test_it_fails_a_job_whose_last_attempt_was_lost() -> None:
    job = make_job(queue=QUEUE, max_attempts=1)
    claim(job.pk, "lost")
    expire(job)

    assert sweep() == Swept(rung=0, ended=1)

    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error.startswith("The worker was lost while doing this")


def test_it_ends_a_cancelled_job_whose_worker_is_gone() -> None:
    job = make_job(queue=QUEUE)
    claim(job.pk, "lost")
    cancel(job)
    expire(job)

    assert sweep() == Swept(rung=0, ended=1)

    job.refresh_from_db()
    assert job.state == "cancelled"
