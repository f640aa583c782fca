"""One real worker at a time, of both pools."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobs.cancel import cancel
from jobs.enqueue import enqueue
from jobs.models import Job
from tests.jobs.handlers import QUEUE
from tests.jobs.processes import worker

pytestmark = pytest.mark.django_db(transaction=True)


def wait_until(happened: Callable[[Job], bool], seconds: float = 60) -> Job:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened(job := Job.objects.get()):
            return job
        time.sleep(0.05)
    raise AssertionError(f"{Job.objects.get()} stays so.")


@pytest.mark.parametrize("pool", ["prefork", "solo"])
def test_a_worker_that_is_stopped_gives_its_job_back(pool: str, tmp_path: Path) -> None:
    enqueue("test.long", queue=QUEUE, arguments={})
    process = worker("stopped", tmp_path / "worker.log", pool)
    try:
        wait_until(lambda job: job.text == "At work for ever")
        asked = time.monotonic()
        process.stop()
        took = time.monotonic() - asked
    finally:
        process.kill()

    job = Job.objects.get()
    assert (job.state, job.attempts, job.error) == ("queued", 0, "")
    assert took < 10


def test_a_second_job_gets_a_second_process(tmp_path: Path) -> None:
    for _ in range(2):
        enqueue("test.long", queue=QUEUE, arguments={})
    process = worker("growing", tmp_path / "worker.log", "autoscale")
    try:
        until = time.monotonic() + 60
        while Job.objects.filter(text="At work for ever").count() < 2 and time.monotonic() < until:
            time.sleep(0.05)
        assert Job.objects.filter(text="At work for ever").count() == 2
        process.stop()
    finally:
        process.kill()

    assert list(Job.objects.values_list("state", "attempts")) == [("queued", 0)] * 2


def test_a_worker_stops_a_job_that_is_cancelled_and_goes_on(tmp_path: Path) -> None:
    enqueue("test.long", queue=QUEUE, arguments={})
    process = worker("cancelled", tmp_path / "worker.log")
    try:
        cancel(wait_until(lambda job: job.text == "At work for ever"))
        wait_until(lambda job: job.state == "cancelled", seconds=10)
        Job.objects.all().delete()
        enqueue("test.refused", queue=QUEUE, arguments={})
        job = wait_until(lambda job: job.state == "failed")
    finally:
        process.kill()

    assert job.error == "There is nothing to do."


def test_the_log_tells_what_jobs_do_and_nothing_of_bells(tmp_path: Path) -> None:
    job = enqueue("test.refused", queue=QUEUE, arguments={})
    process = worker("telling", tmp_path / "worker.log")
    try:
        wait_until(lambda job: job.state == "failed")
        process.stop()
    finally:
        process.kill()

    log = (tmp_path / "worker.log").read_text()
    assert f"Job {job.pk} (test.refused) begins, attempt 1 of 3." in log
    assert f"Job {job.pk} (test.refused) has failed: There is nothing to do." in log
    assert "received" not in log
    assert "succeeded" not in log
