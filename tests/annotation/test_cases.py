import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.cases import build_cases
from annotation.models import Case, CaseSeries, PatientSplit, Task
from archive.models import Series
from tests.factories.annotation import make_images, make_patient, make_read, make_reader, make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    return make_task()


def test_it_makes_a_case_a_study_and_side(task: Task) -> None:
    patient = make_patient()
    study = make_images(patient, "R")
    make_images(patient, "R", study=study)  # a second view of the same knee
    make_images(patient, "L", study=study)
    make_images(patient, "R")  # another day

    built = build_cases(task)

    assert built == (3, 0)
    names = [case.name for case in Case.objects.filter(task=task)]
    assert sorted(names) == [f"{patient} L", f"{patient} R", f"{patient} R"]
    both = Case.objects.get(task=task, key=f"{study.study_instance_uid}/R")
    assert both.series.count() == 2
    assert (both.laterality, both.view_position, both.state) == ("R", "PA", "waiting")


@pytest.mark.parametrize(
    ("change", "cases"),
    [
        ({"modality": "OT"}, 1),
        ({"modality": "DX"}, 1),
        ({"modality": "MR"}, 0),
        ({"body_part": "HAND"}, 0),
        ({"laterality": "B"}, 0),  # one grade cannot answer for two knees
        ({"laterality": ""}, 1),
        ({"images": 0}, 0),
    ],
)
def test_it_takes_what_the_rule_takes(task: Task, change: dict[str, str], cases: int) -> None:
    make_images(make_patient(), **change)  # type: ignore[arg-type]
    assert build_cases(task).created == cases


def test_building_again_adds_only_what_is_new(task: Task) -> None:
    make_images(make_patient())
    assert build_cases(task) == (1, 0)
    make_images(make_patient())

    assert build_cases(task) == (1, 1)
    assert build_cases(task) == (0, 2)
    assert CaseSeries.objects.count() == 2
    assert PatientSplit.objects.filter(task=task).count() == 2


def test_a_late_series_joins_a_waiting_case_and_not_a_read_one(task: Task) -> None:
    waiting, read = make_patient(), make_patient()
    studies = {patient: make_images(patient) for patient in (read, waiting)}
    build_cases(task)
    assert make_read(task, make_reader(task)).case.patient == read
    for patient, study in studies.items():
        make_images(patient, study=study)

    build_cases(task)

    assert Series.objects.filter(cases__patient=waiting, cases__task=task).count() == 2
    assert Series.objects.filter(cases__patient=read, cases__task=task).count() == 1


def test_a_case_that_was_read_stays_read(task: Task) -> None:
    make_images(make_patient())
    build_cases(task)
    make_read(task, make_reader(task))
    build_cases(task)
    assert Case.objects.get(task=task).state == "read"


def test_it_asks_as_many_queries_for_many_as_for_one(
    task: Task, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # savepoint, lock, series, keys, splits, patients' sides, cases, waiting ones, their series, release
    make_images(make_patient())
    with django_assert_num_queries(10):
        build_cases(task)
    for _ in range(3):
        make_images(make_patient())
    with django_assert_num_queries(10):
        build_cases(task)
