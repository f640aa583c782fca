from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.errors import Problem
from accounts.models import User
from annotation import checking, hung
from annotation.cases import build_cases
from annotation.models import Annotation, Case, Form, Task
from annotation.reading import Save, save_draft, submit
from archive.models import Instance, Series
from tests.factories.annotation import (
    grade,
    make_cases,
    make_draft,
    make_images,
    make_patient,
    make_reader,
    make_task,
)
from tests.factories.regions import make_item

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    task = make_task("fracture-radiograph")
    make_cases(task)
    return task


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


def broken(draft: Annotation, **item: Any) -> dict[str, Any]:
    """A fracture with a box on the case's image."""
    image = Instance.objects.get(series__cases=draft.case)
    box = make_item("boxes", **{"image": image.sop_instance_uid} | item)
    return {
        "fracture": {"state": "answered", "value": "present"},
        "fractures": {"state": "answered", "value": [box]},
    }


def refusal(draft: Annotation, reader: User, answers: dict[str, Any]) -> str:
    with pytest.raises(Problem) as refused:
        submit(draft.pk, reader, Save(draft.version, answers), "b")
    assert refused.value.status_code == 400
    slots: dict[str, str] = refused.value.more["slots"]
    return slots["fractures"]


def test_a_box_on_an_image_of_the_case_is_saved_and_submitted(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    answers = broken(draft)
    assert save_draft(draft.pk, reader, Save(0, answers), "a")["answers"] == answers
    submitted = submit(draft.pk, reader, Save(1, answers), "b")["annotation"]["answers"]
    assert submitted == answers | {
        "body_part": {"state": "not_asked"},
        "hardware": {"state": "not_asked"},
    }


def test_an_image_of_another_case_is_none_of_this_one(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    [strangers] = make_cases(task)
    other = Instance.objects.get(series__cases=strangers).sop_instance_uid
    for image in (other, "9.9", "no uid", "\x00", ""):
        assert "does not belong to this case" in refusal(draft, reader, broken(draft, image=image))


def test_an_image_that_is_held_since_is_none_of_the_case(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    answers = broken(draft)
    Instance.objects.update(state="held")
    assert "does not belong to this case" in refusal(draft, reader, answers)


def test_a_box_lies_inside_the_stored_image(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    assert "outside its image of 2000 x 2500" in refusal(
        draft, reader, broken(draft, box=[0, 0, 2000.5, 9])
    )
    assert "there is no frame 2" in refusal(draft, reader, broken(draft, frame=2))


def only_on_pa(task: Task) -> None:
    content = task.forms.get().content
    next(field for field in content["fields"] if field["key"] == "fractures")["views"] = ["PA"]
    Form.objects.create(task=task, version=2, content=content)


def test_a_box_goes_by_the_view_that_the_page_shows_not_by_the_tag_alone(
    task: Task, reader: User
) -> None:
    """A marker in the pixels says what no tag does; where they contradict each other nothing is known."""
    only_on_pa(task)
    draft = make_draft(task, reader)
    for tag, marker, sentence in (
        ("", "LATERAL R", "on PA only, not on LATERAL"),
        ("LATERAL", "", "on PA only, not on LATERAL"),
        ("", "PA R", None),
        ("LATERAL", "PA", None),
    ):
        metadata = {"00185101": {"vr": "CS", "Value": [tag]}} if tag else {}
        Instance.objects.update(metadata=metadata, markers=marker)
        Series.objects.update(view_position=tag)
        [image] = hung.images_of([draft.case_id])[draft.case_id]
        assert image["view_position"] == ("" if tag and marker else tag or marker.split()[0])
        if sentence:
            assert sentence in refusal(draft, reader, broken(draft))
        else:
            draft.version = save_draft(
                draft.pk, reader, Save(draft.version, broken(draft)), f"{tag}{marker}"
            )["version"]


def test_the_slices_of_a_stack_are_in_the_order_in_which_they_hang(reader: User) -> None:
    task = make_task("knee-tears-mr")
    study = make_images(make_patient(), images=3, modality="MR", description="SAG PD")
    build_cases(task)
    first, _, last = Instance.objects.filter(series__study=study).order_by("instance_number")
    case = Case.objects.get(task=task)

    found = checking.images_of(case.pk, [last.sop_instance_uid, first.sop_instance_uid])

    assert [found[one.sop_instance_uid].place for one in (first, last)] == [0, 2]
    assert len({image.series for image in found.values()}) == 1


def saved_queries(task: Task, answers_of: Any) -> int:
    reader = make_reader(task)
    draft = make_draft(task, reader)
    answers = answers_of(draft)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        save_draft(draft.pk, reader, Save(0, answers), "a")
    return len(captured)


def test_only_marked_regions_cost_a_query(task: Task) -> None:
    knees = make_task()
    make_cases(knees)
    plain = saved_queries(knees, lambda draft: grade(2))
    make_cases(task, 2)
    absent = {"fracture": {"state": "answered", "value": "absent"}}
    assert saved_queries(task, lambda draft: absent) == plain
    assert saved_queries(task, broken) == plain + 1
