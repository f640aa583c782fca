"""A played reader goes through the real loop, and nothing of the locked test slips into what he counts as labels."""

import pytest

from annotation import arrivals
from annotation.models import Annotation, Case, PatientSplit, Task
from archive.models import Instance
from inference import simulation
from inference.models import Showing
from inference.simulation import Plan, Stuck, play, read_test
from jobs.models import Job
from tests.factories.annotation import (
    grade,
    make_cases,
    make_images,
    make_patient,
    make_reader,
    make_task,
)
from tests.factories.training import make_model

pytestmark = pytest.mark.django_db


def truth_of(task: Task) -> dict[int, dict[str, dict[str, object]]]:
    return {case.pk: grade(case.pk % 5) for case in Case.objects.filter(task=task)}


def finish(job: Job) -> Job:
    raise AssertionError("nothing is trained here")


def test_all_of_the_test_and_nothing_else_is_read_first_and_blind() -> None:
    task = make_task()
    for _ in range(30):
        make_images(make_patient())
    arrivals.take(task)  # no side of the split is drawn yet
    held = Instance.objects.filter(series__cases__task=task)[:5]
    Instance.objects.filter(pk__in=[one.pk for one in held]).update(state="held")

    count = read_test(task, truth_of(task), make_reader(task))

    reads = Annotation.objects.filter(case__task=task)
    sides = {one.patient_id: one.split for one in PatientSplit.objects.filter(task=task)}
    assert len(sides) == 30
    assert {sides[read.case.patient_id] for read in reads.select_related("case")} == {"test"}
    assert count == reads.count() > 0
    assert set(Showing.objects.values_list("arm", flat=True)) == {"unassisted"}


def test_a_round_counts_labels_outside_the_test_only() -> None:
    task = make_task()
    make_cases(task, 20)
    before = task.retrain_every
    [one] = play(task, truth_of(task), Plan([4]), finish)

    tested = PatientSplit.objects.filter(task=task, split="test").values("patient")
    read = Case.objects.filter(task=task, state="read")
    assert (one.labels, one.model) == (4, None)
    assert "needs at least 10 answered cases" in one.state
    assert read.exclude(patient__in=tested).count() == 4
    assert task.retrain_every == before == Task.objects.get(pk=task.pk).retrain_every


def test_a_full_run_comes_before_the_fast_one_of_the_same_labels() -> None:
    plan = Plan(at=[50, 20, 100], full_at=[100, 70])

    assert plan.rounds() == [
        (20, "fast"),
        (50, "fast"),
        (70, "full"),
        (100, "full"),
        (100, "fast"),
    ]


def test_what_a_case_refuses_is_said_with_its_name() -> None:
    task = make_task()
    [case] = make_cases(task, 1)
    flag = {"code": "laterality_conflict", "sentence": "Tag says right, file name says left."}
    Case.objects.filter(pk=case.pk).update(flags=[flag])
    with pytest.raises(Stuck, match=f"Case {case.name}: Tag says right.*Settle first"):
        list(play(task, truth_of(task), Plan([1]), finish))


def test_the_figures_of_a_round_are_of_one_slot_the_forms_first() -> None:
    def of(value: float) -> dict[str, object]:
        return {"value": value, "low": 0.0, "high": 1.0}

    task = make_task()
    metrics = {"jsn@medial": {"qwk": of(0.1), "accuracy": of(0.2)}, "kl": {"qwk": of(0.7)}}
    model = make_model(task, metrics=metrics)

    assert simulation._figure(task, model, "qwk") == 0.7
    assert simulation._figure(task, model, "accuracy") is None
