"""The demo's tasks: what their readers answer fits the forms, and only phantoms are read."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db.models import Count

from annotation import arrivals
from annotation.cases import build_cases
from annotation.models import Annotation, Case, PatientSplit, Task
from annotation.tasks import create_task, rename
from archive.deidentify import archived_uid
from archive.ingest import ingest_paths
from config.demo import fractures, knees, tears
from config.demo.loading import Size, load_task, make_people, sides_of
from config.demo.plan import Plan
from config.demo.reads import TEST_SHARE, read
from phantoms.cohort import write_knees
from phantoms.limbs import cohort as limbs
from phantoms.mr import cohort as mr
from tests.factories.annotation import make_reader
from training.engine.gate import LEAST_PATIENTS

pytestmark = pytest.mark.django_db(transaction=True)


def submitted(task: Task) -> list[Annotation]:
    return list(Annotation.objects.filter(case__task=task, state="submitted").order_by("pk"))


def study_of(case: Case) -> str:
    return str(case.series.values_list("study__study_instance_uid", flat=True)[0])


def load(plan: Plan, folder: Path, settings: Any) -> Task:
    settings.DATA = folder
    return load_task(plan, make_people(), print)


def test_the_demo_reads_only_its_own_phantoms(tmp_path: Path) -> None:
    own, phantoms = tmp_path / "own", tmp_path / "phantoms"
    write_knees(own, cases=3, large=0, seed=99)
    write_knees(phantoms, cases=6, large=0)
    ingest_paths([own, phantoms])
    plan = knees.plan(cases=6, large=0, reads=9)
    task = create_task(plan.template, plan.task)
    build_cases(task)
    answers = plan.answers(phantoms)

    read(task, [make_reader(task)], answers, plan.key, 9)

    uids = {
        uid
        for annotation in submitted(task)
        for uid in annotation.case.series.values_list("instances__sop_instance_uid", flat=True)
    }
    assert uids == set(answers)


def test_fractures_are_read_as_they_were_drawn(tmp_path: Path, settings: Any) -> None:
    task = load(fractures.plan(cases=6)._replace(reads=6), tmp_path, settings)

    truth = {
        archived_uid(limb.study_instance_uid): limb
        for limb in limbs.read_truth(tmp_path / "phantom-fractures")
    }
    reads = submitted(task)
    assert len(reads) == 6
    for annotation in reads:
        limb = truth[study_of(annotation.case)]
        assert annotation.case.laterality == limb.laterality
        assert (annotation.answers["fracture"]["value"] == "present") == limb.present
        boxes = annotation.answers["fractures"].get("value") or []
        assert len(boxes) == sum(view.box is not None for view in limb.views)


def test_a_task_of_the_demo_is_known_by_whatever_name_it_has(tmp_path: Path, settings: Any) -> None:
    plan = knees.plan(cases=6, large=0, reads=4)
    task = load(plan, tmp_path, settings)
    rename(task, "Ours")

    assert load(plan, tmp_path, settings) == task


def test_tears_are_read_as_they_were_drawn(tmp_path: Path, settings: Any) -> None:
    task = load(tears.plan(cases=2)._replace(reads=2), tmp_path, settings)

    truth = {
        archived_uid(knee.study_instance_uid): knee
        for knee in mr.read_truth(tmp_path / "phantom-knees-mr")
    }
    reads = submitted(task)
    assert len(reads) == 2
    for annotation in reads:
        knee = truth[study_of(annotation.case)]
        assert annotation.case.series.count() == 3
        torn = [
            side
            for side in ("medial", "lateral")
            if annotation.answers[f"meniscus@{side}"]["value"] == "tear"
        ]
        assert torn == ([knee.meniscus] if knee.meniscus else [])


def test_the_locked_test_of_the_tears_lets_the_gate_answer() -> None:
    """Of a finding with fewer than three cases on either side the bootstrap knows no interval, whatever the model."""
    size = Size().mr
    planned = mr.plan_knees_mr(cases=size, seed=1)
    torn = [
        knee.acl
        for knee, side in zip(planned, sides_of(size), strict=True)
        if side == PatientSplit.Split.TEST
    ]

    read = round(tears.plan(size).reads * TEST_SHARE)
    assert LEAST_PATIENTS <= len(torn) <= read  # all of them are read
    assert 4 <= sum(torn) <= len(torn) - 4
    assert sum(knee.acl for knee in planned) - sum(torn) >= 8  # to learn from


def test_loading_again_adds_nothing(tmp_path: Path, settings: Any) -> None:
    plan = knees.plan(cases=4, large=0, reads=2)
    first = load(plan, tmp_path, settings)
    again = load(plan, tmp_path, settings)

    assert again == first
    assert first.cases.count() == 4
    assert len(submitted(first)) == 2


def test_the_command_loads_the_knees_alone_unless_it_is_asked_for_the_rest(
    tmp_path: Path, settings: Any
) -> None:
    settings.DATA = tmp_path
    small = ["--cases", "3", "--large", "0", "--reads", "0"]

    call_command("demo", *small)
    knees_alone = set(Task.objects.values_list("template", flat=True))
    call_command("demo", *small, "--fractures", "2", "--mr", "1")

    assert knees_alone == {knees.TEMPLATE}
    every = {knees.TEMPLATE, fractures.TEMPLATE, tears.TEMPLATE}
    assert set(Task.objects.values_list("template", flat=True)) == every
    cases = Task.objects.order_by("pk").annotate(number=Count("cases"))
    assert list(cases.values_list("number", flat=True)) == [3, 2, 1]
    assert (
        sum(arrivals.take(task).created for task in Task.objects.all()) == 0
    )  # no knee among the limbs
