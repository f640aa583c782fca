from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from annotation import catalogue
from annotation.access import visible_instances
from annotation.cases import build_cases
from annotation.hung import images_of
from annotation.images import first_images
from annotation.models import Case, CaseSeries, PatientSplit, Task
from annotation.presenters import case_json
from archive.models import Instance, Series
from tests.factories.annotation import (
    make_image,
    make_images,
    make_patient,
    make_read,
    make_reader,
    make_task,
)
from tests.factories.archive import make_instance
from training.pictures import pictures

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
    # studies, savepoint, lock, series, images, patients, keys, sides of the split and the new
    # ones, cases, waiting ones, their series as they are and as they become, release
    make_images(make_patient())
    with django_assert_num_queries(14):
        build_cases(task)
    for _ in range(3):
        make_images(make_patient())
    with django_assert_num_queries(14):
        build_cases(task)


def one_series(*images: dict[str, Any], **series: Any) -> list[Instance]:
    """A series of a new patient that holds these images, each with attributes of its own."""
    made = make_images(make_patient(), images=0, laterality="", **series).series.get()
    return [make_image(made, attributes) for attributes in images]


def shown(task: Task) -> dict[str, list[str]]:
    """The images of each case, by the end of its key."""
    images = images_of(Case.objects.filter(task=task).values_list("pk", flat=True))
    return {
        case.key.partition("/")[2]: [image["sop_instance_uid"] for image in images[case.pk]]
        for case in Case.objects.filter(task=task)
    }


def rule(monkeypatch: pytest.MonkeyPatch, **changes: Any) -> None:
    """The template's rule with these changes."""
    content = catalogue.load("knee-oa-kl")
    content["cases"] |= changes
    monkeypatch.setattr(catalogue, "load", lambda slug: content)


RIGHT_PA = {"ImageLaterality": "R", "ViewPosition": "PA"}
LEFT_PA = {"ImageLaterality": "L", "ViewPosition": "PA"}
RIGHT_LATERAL = {"ImageLaterality": "R", "ViewPosition": "LL"}


def test_both_knees_in_one_series_are_two_cases(task: Task) -> None:
    right, left, lateral = one_series(RIGHT_PA, LEFT_PA, RIGHT_LATERAL)

    assert build_cases(task) == (2, 0)

    uids = [right.sop_instance_uid, lateral.sop_instance_uid]
    assert shown(task) == {"R": uids, "L": [left.sop_instance_uid]}
    case = Case.objects.get(task=task, laterality="R")
    assert (case.view_position, case.flags) == ("PA+LATERAL", [])
    firsts = {first.laterality: first.instance for first in first_images([case.pk])}
    assert firsts == {"R": right.pk}


def test_views_hang_and_are_learned_in_the_order_of_the_rule(task: Task) -> None:
    lateral, frontal = one_series(RIGHT_LATERAL, RIGHT_PA)
    build_cases(task)
    assert shown(task) == {"R": [frontal.sop_instance_uid, lateral.sop_instance_uid]}
    [first] = first_images(Case.objects.filter(task=task))
    assert first.instance == frontal.pk


def test_of_two_series_the_one_with_the_first_view_hangs_first(task: Task) -> None:
    patient = make_patient()
    study = make_images(patient, images=0)
    make_image(study.series.get(), RIGHT_LATERAL)
    make_images(patient, study=study)
    build_cases(task)
    views = [s.view_position for s in Case.objects.get(task=task).series.order_by("case_series")]
    assert views == ["PA", "PA"]
    [first] = first_images(Case.objects.filter(task=task))
    assert first.instance == study.series.order_by("pk")[1].instances.get().pk


@pytest.mark.parametrize(
    ("group_by", "keys"),
    [
        (["study"], {""}),
        (["study", "laterality"], {"R", "L"}),
        (["study", "laterality", "view"], {"R/PA", "R/LATERAL", "L/PA"}),
        (["study", "view"], {"PA", "LATERAL"}),
    ],
)
def test_the_template_says_what_a_case_is(
    task: Task, monkeypatch: pytest.MonkeyPatch, group_by: list[str], keys: set[str]
) -> None:
    one_series(RIGHT_PA, LEFT_PA, RIGHT_LATERAL)
    rule(monkeypatch, group_by=group_by)
    build_cases(task)
    assert set(shown(task)) == keys
    assert sum(len(uids) for uids in shown(task).values()) == 3


def test_a_series_can_be_a_case(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    patient = make_patient()
    study = make_images(patient)
    make_images(patient, study=study)
    rule(monkeypatch, group_by=["study", "series"])
    assert build_cases(task) == (2, 0)


def test_the_rule_chooses_views(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    frontal, _, _ = one_series(RIGHT_PA, RIGHT_LATERAL, {**RIGHT_PA, "ViewPosition": ""})
    rule(monkeypatch, views=["PA", "AP"])
    build_cases(task)
    assert shown(task) == {"R": [frontal.sop_instance_uid]}


def test_a_rule_without_views_asks_for_none(task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    one_series({"ImageLaterality": "R"}, view="")
    rule(monkeypatch, views=[])
    build_cases(task)
    assert Case.objects.get(task=task).flags == []


def test_a_conflict_is_flagged_and_gives_no_side(task: Task) -> None:
    [image] = one_series(RIGHT_PA)
    Instance.objects.filter(pk=image.pk).update(name_side="L")

    build_cases(task)

    case = Case.objects.get(task=task)
    assert (case.laterality, case.name) == ("", case.patient.pseudonym)
    assert case.flags == [
        {
            "code": "laterality_conflict",
            "sentence": "Tag says right, file name says left.",
            "said": {"tag": "R", "file name": "L"},
        }
    ]


def test_several_things_that_are_unclear_are_said_once_each(task: Task) -> None:
    one_series({}, {}, body_part="", view="", description="Knee standing")
    build_cases(task)
    case = Case.objects.get(task=task)
    assert [flag["code"] for flag in case.flags] == [
        "laterality_unknown",
        "view_unknown",
        "body_part_guessed",
    ]


def test_a_part_that_has_no_side_lacks_none() -> None:
    task = make_task("fracture-radiograph")
    one_series({"ViewPosition": "AP"}, body_part="PELVIS")
    build_cases(task)
    assert Case.objects.get(task=task).flags == []


@pytest.mark.parametrize("state", ["held", "checking"])
def test_what_is_held_makes_no_case_and_joins_none_until_it_is_released(
    task: Task, state: str
) -> None:
    alone = make_images(make_patient(), state=state).series.get()
    ready = make_images(make_patient()).series.get()
    held = make_image(ready, state=state)

    assert build_cases(task) == (1, 0)
    case = Case.objects.get(task=task)
    assert [image["sop_instance_uid"] for image in images_of([case.pk])[case.pk]] == [
        ready.instances.get().sop_instance_uid
    ]

    Instance.everything.update(state="ready")
    assert build_cases(task) == (1, 1)
    assert [image["sop_instance_uid"] for image in images_of([case.pk])[case.pk]] == [
        ready.instances.exclude(pk=held.pk).get().sop_instance_uid,
        held.sop_instance_uid,
    ]
    assert alone.cases.count() == 1


def test_a_read_case_keeps_its_images_when_one_of_its_series_grows(task: Task) -> None:
    study = make_images(make_patient())
    build_cases(task)
    read = make_read(task, make_reader(task)).case
    before = images_of([read.pk])
    make_image(study.series.get(), instance_number=0)  # it would hang first
    build_cases(task)
    assert images_of([read.pk]) == before


def test_a_late_image_changes_what_a_waiting_case_says(task: Task) -> None:
    [image] = one_series(RIGHT_PA)
    build_cases(task)
    make_image(image.series, {"ImageLaterality": "R", "ViewPosition": ""})
    build_cases(task)
    case = Case.objects.get(task=task)
    assert [flag["code"] for flag in case.flags] == ["view_unknown"]


@pytest.mark.parametrize("state", ["held", "checking"])
def test_an_image_that_is_held_is_shown_nowhere(task: Task, state: str) -> None:
    """Whatever names it already: a list made by hand, a series that is a case as a whole."""
    image = make_images(make_patient()).series.get().instances.get()
    build_cases(task)
    case = Case.objects.get(task=task)
    reader = make_reader(task)
    for images in ([image.pk], None):
        CaseSeries.objects.update(images=images)
        Instance.everything.update(state="ready")
        assert case_json(case)["images"]
        assert first_images([case.pk])
        assert visible_instances(reader).exists()

        Instance.everything.update(state=state)
        assert case_json(case)["images"] == []
        assert first_images([case.pk]) == []
        assert not visible_instances(reader).exists()
        assert pictures([case.pk], {"size": 224}) == {}


def test_a_reader_sees_only_the_images_of_his_cases(
    task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    right, _ = one_series(RIGHT_PA, LEFT_PA)
    rule(monkeypatch, lateralities=["R"])
    build_cases(task)
    assert list(visible_instances(make_reader(task))) == [right]


def test_both_knees_that_came_in_one_series_by_the_front_door_are_two_cases(task: Task) -> None:
    study: dict[str, Any] = {
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.1",
        "PatientID": "one",
    }
    right = make_instance(**study)
    left = make_instance(**study, ImageLaterality="L")
    assert right.series == left.series

    assert build_cases(task) == (2, 0)

    firsts = first_images(Case.objects.filter(task=task))
    assert {first.laterality: first.instance for first in firsts} == {"R": right.pk, "L": left.pk}
