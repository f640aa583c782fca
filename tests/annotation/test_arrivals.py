"""Cases of what the archive takes in, without anybody asking for them."""

import pytest

from annotation import arrivals
from annotation import cases as built
from annotation.cases import build_cases
from annotation.hung import images_of
from annotation.models import Case, PatientSplit, Task
from archive.models import Instance
from jobs.models import Job
from tests.factories.annotation import (
    make_image,
    make_images,
    make_patient,
    make_task,
)
from tests.factories.jobs import run_due

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    return make_task()


def cases(task: Task) -> int:
    return Case.objects.filter(task=task).count()


@pytest.mark.django_db(transaction=True)
def test_what_came_in_becomes_cases_by_a_job(task: Task) -> None:
    make_images(make_patient())

    job = arrivals.ask(task)
    assert job is not None
    assert arrivals.ask(task) == job  # one at a time
    assert (job.kind, job.queue, job.topic) == ("annotation.build_cases", "ingest", task.topic)
    [done] = run_due()

    assert (done.state, done.result) == ("done", {"created": 1, "already": 0})
    task.refresh_from_db()
    assert arrivals.ask(task) is None


def test_only_the_studies_that_got_something_are_looked_at(task: Task) -> None:
    old = make_images(make_patient())
    assert arrivals.take(task) == (1, 0)
    make_images(make_patient())
    task.refresh_from_db()
    assert arrivals.take(task) == (1, 0)
    make_image(old.series.get())
    task.refresh_from_db()
    assert arrivals.take(task) == (0, 1)
    [case] = Case.objects.filter(task=task, key__startswith=f"{old.study_instance_uid}/")
    assert len(images_of([case.pk])[case.pk]) == 2


def test_nothing_is_enqueued_for_what_the_rule_never_takes(task: Task) -> None:
    make_images(make_patient(), modality="MR")
    assert arrivals.ask(task) is None
    task.refresh_from_db()
    assert task.looked["instance"] == Instance.objects.latest("pk").pk


def test_an_empty_archive_asks_for_nothing(task: Task) -> None:
    assert arrivals.ask(task) is None
    assert not Job.objects.exists()


@pytest.mark.parametrize("state", ["held", "checking"])
def test_a_release_is_news(task: Task, state: str) -> None:
    make_images(make_patient(), state=state)
    make_images(make_patient())
    assert arrivals.take(task) == (1, 0)
    task.refresh_from_db()
    assert arrivals.ask(task) is None

    Instance.everything.filter(state=state).update(state="ready")

    assert arrivals.ask(task) is not None
    assert arrivals.take(task) == (1, 0)


def test_another_rule_looks_at_everything_anew(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    make_images(make_patient(), body_part="HAND")
    assert arrivals.take(task) == (0, 0)
    rule = built.rule_of(task)._replace(body_parts=["KNEE", "HAND"])
    monkeypatch.setattr(built, "rule_of", lambda task: rule)
    task.refresh_from_db()
    assert arrivals.ask(task) is not None
    assert arrivals.take(task) == (1, 0)


def test_a_table_may_still_fix_the_side_of_a_patient_whose_case_came_by_itself(task: Task) -> None:
    patient = make_patient()
    make_images(patient)
    arrivals.take(task)
    assert not PatientSplit.objects.exists()
    build_cases(task, {patient.patient_id: "test"})
    assert PatientSplit.objects.get(task=task, patient=patient).split == "test"


@pytest.mark.parametrize("ended", ["failed", "cancelled"])
def test_it_does_not_ask_again_and_again_after_a_failure(task: Task, ended: str) -> None:
    make_images(make_patient())
    job = arrivals.ask(task)
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state=ended, finished_at=job.created_at)
    assert arrivals.ask(task) is None
