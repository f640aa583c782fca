import pytest

from jobs.cancel import cancel
from jobs.claim import claim
from tests.factories.jobs import make_job

pytestmark = pytest.mark.django_db


def test_it_cancels_a_waiting_job_at_once() -> None:
    job = cancel(make_job())

    assert (job.state, job.cancel_requested) == ("cancelled", True)
    assert job.finished_at is not None


def test_it_asks_a_running_job_to_stop() -> None:
    row = make_job()
    claim(row.pk, "busy")

    job = cancel(row)

    assert (job.state, job.cancel_requested) == ("running", True)


@pytest.mark.parametrize("state", ["done", "failed", "cancelled"])
def test_it_leaves_a_job_that_is_over_as_it_is(state: str) -> None:
    job = cancel(make_job(state=state))

    assert (job.state, job.cancel_requested) == (state, False)
