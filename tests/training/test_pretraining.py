"""A pre-training as a job: whose images it sees, what it leaves, and when it does not start."""

from typing import Any

import pytest
from django.test import Client

from accounts.errors import Problem
from accounts.roles import Role
from annotation.cases import build, rule_of
from annotation.catalogue import current_form
from annotation.models import Case, PatientSplit, Task
from archive.models import Patient
from jobs.models import Job
from jobs.runner import Running
from tests.factories.annotation import make_images, make_reader
from tests.factories.jobs import run
from tests.factories.knees import add_knees, make_knee_task
from training import encoders, pretraining, pretraining_run
from training.models import StartingWeights, WeightsEvent

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = {"pretrain": {"passes": 1, "size": 32, "report_seconds": 0.0}}
SIDES = {"train": 60, "tune": 6, "test": 6}


@pytest.fixture
def task() -> Task:
    return make_knee_task(SIDES, **QUICK)[0]


def pool_of(task: Task) -> set[int]:
    form = current_form(task)
    assert form is not None
    return {one.case for one in pretraining_run.pool(task, form.content["training"])}


def test_it_leaves_weights_to_start_from(task: Task) -> None:
    admin = make_reader(task, Role.ADMIN)
    client = Client()
    client.force_login(admin)

    answer = client.post(f"/api/tasks/{task.pk}/pretrain/")
    assert answer.status_code == 202
    job = run(Job.objects.get(pk=answer.json()["id"]))

    assert (job.state, job.error) == ("done", "")
    row = StartingWeights.objects.get()
    assert (row.images, row.by, row.chosen) == (66, admin, False)
    assert "from ImageNet" in row.source
    assert WeightsEvent.objects.get().what == "pretrained"
    encoders.choose(task, row.pk, admin)
    assert client.get(f"/api/tasks/{task.pk}/encoders/").json()["job"]["state"] == "done"


def test_no_test_patient_is_in_the_pool_nor_his_pixels_under_another_name(task: Task) -> None:
    twins = add_knees(task, {"train": 1, "test": 1}, same_picture=True)

    pretraining.start(task, None)

    tested = PatientSplit.objects.filter(task=task, split="test").values("patient")
    test = set(Case.objects.filter(task=task, patient__in=tested).values_list("pk", flat=True))
    assert len(test) == 7
    assert pool_of(task) == set(Case.objects.values_list("pk", flat=True)) - test - set(twins)


def test_a_patient_without_a_side_gets_one_before_it_begins(task: Task) -> None:
    patient = Patient.objects.create(patient_id="arrived", pseudonym="P-arrived")
    make_images(patient)
    # as it arrives by itself: nobody is put on a side then
    build(task, rule_of(task), list(patient.studies.values_list("pk", flat=True)), None)
    new = Case.objects.get(task=task, patient=patient)
    assert new.pk not in pretraining.cases(task, test=False)

    pretraining.start(task, None)

    assert PatientSplit.objects.filter(task=task, patient=patient).exists()


def test_two_at_once_are_refused(task: Task) -> None:
    pretraining.start(task, None)
    with pytest.raises(Problem, match="still under way"):
        pretraining.start(task, None)


def test_too_few_images_are_refused() -> None:
    few, _ = make_knee_task({"train": 5})
    with pytest.raises(Problem, match="there are 5 cases"):
        pretraining.start(few, None)


def test_a_reader_may_not_start_one(task: Task) -> None:
    client = Client()
    client.force_login(make_reader(task))

    assert client.post(f"/api/tasks/{task.pk}/pretrain/").status_code == 403


def test_cancelled_it_stops_at_the_next_step_and_leaves_nothing(task: Task) -> None:
    job = pretraining.start(task, None)
    steps = []

    def handler(running: Running, **arguments: Any) -> Any:
        say = running.progress

        def progress(share: float, text: str, detail: Any = None) -> None:
            if "step" in (detail or {}):
                steps.append(detail["step"])
                running.cancel_asked.set()
            say(share, text, detail)

        running.progress = progress  # type: ignore[method-assign,assignment]
        return pretraining_run.work(running, **arguments)

    run(job, handler)

    assert job.state == "cancelled"
    assert steps == [1]
    assert not StartingWeights.objects.exists()
