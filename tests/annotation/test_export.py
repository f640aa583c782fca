import csv
import io

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from annotation import reading
from annotation.export.references import write_csv
from annotation.models import Annotation, Snapshot, Task
from annotation.reading import Save
from annotation.snapshots import freeze
from archive.cells import escaped
from tests.factories.annotation import (
    make_cases,
    make_draft,
    make_images,
    make_read,
    make_reader,
    make_task,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    task = make_task()
    make_cases(task, 3)
    return task


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


def written(snapshot: Snapshot) -> list[dict[str, str]]:
    file = io.StringIO(newline="")
    write_csv(file, snapshot)
    return list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))


def not_asked(*slots: str) -> dict[str, str]:
    return dict.fromkeys(slots, "") | {f"{slot}_state": "not_asked" for slot in slots}


def test_a_row_tells_what_the_reference_came_from(task: Task, reader: User) -> None:
    read = make_read(task, reader, 3)
    snapshot = freeze(task)

    (row,) = written(snapshot)

    series = read.case.series.get()
    annotation = Annotation.objects.get(pk=read.pk)
    assert annotation.submitted_at is not None
    assert row == {
        "snapshot": "1",
        "snapshot_hash": snapshot.hash,
        "case": str(read.case_id),
        "patient": read.case.patient.pseudonym,
        "laterality": "R",
        "view_position": "PA",
        "split": snapshot.rows.get().split,
        "study_instance_uid": series.study.study_instance_uid,
        "series_instance_uid": series.series_instance_uid,
        "sop_instance_uid": series.instances.get().sop_instance_uid,
        "kl": "3",
        "kl_state": "answered",
        **not_asked("jsn@medial", "jsn@lateral"),
        **not_asked("osteophyte@femoral_medial", "osteophyte@tibial_medial"),
        **not_asked("osteophyte@femoral_lateral", "osteophyte@tibial_lateral"),
        "reader": reader.username,
        "form_version": "1",
        "opened_at": annotation.opened_at.isoformat(),
        "submitted_at": annotation.submitted_at.isoformat(),
        "amended_at": "",
        "active_seconds": "0.0",
        "side_settled": "",
    }


def test_what_cannot_be_assessed_has_a_state_and_no_value(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    reading.submit(draft.pk, reader, Save(0, {"kl": {"state": "not_assessable"}}), "a")
    (row,) = written(freeze(task))
    assert (row["kl"], row["kl_state"]) == ("", "not_assessable")


def test_the_frozen_answer_is_written_whatever_became_of_the_read(task: Task, reader: User) -> None:
    read = make_read(task, reader, 3)
    snapshot = freeze(task)
    Annotation.objects.filter(pk=read.pk).update(answers={"kl": {"state": "answered", "value": 0}})
    assert [row["kl"] for row in written(snapshot)] == ["3"]


def test_several_images_of_a_case_share_a_cell() -> None:
    task = make_task()
    (case,) = make_cases(task)
    study = make_images(case.patient, "L", images=2)
    make_cases(task)
    member = make_reader(task)
    make_read(task, member)
    make_read(task, member)

    row = written(freeze(task))[1]

    images = study.series.get().instances.order_by("instance_number")
    assert row["sop_instance_uid"] == " ".join(image.sop_instance_uid for image in images)
    assert row["study_instance_uid"] == study.study_instance_uid


def test_extra_columns_are_asked_once_a_batch_by_annotation(task: Task, reader: User) -> None:
    first, second = make_read(task, reader), make_read(task, reader)
    asked: list[list[int]] = []

    def model(annotations: list[int]) -> dict[int, str]:
        asked.append(annotations)
        return {second.pk: "model 2"}

    file = io.StringIO(newline="")
    assert write_csv(file, freeze(task), {"model_shown": model}) == 2

    rows = list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))
    assert [row["model_shown"] for row in rows] == ["", "model 2"]
    assert asked == [[first.pk, second.pk]]


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r"])
def test_text_that_a_spreadsheet_would_run_is_escaped(begin: str) -> None:
    assert escaped(f"{begin}cmd()") == f"'{begin}cmd()"


def test_numbers_and_plain_text_stay_as_they_are() -> None:
    assert [escaped(cell) for cell in (-1, -0.5, "P-0001", "")] == [-1, -0.5, "P-0001", ""]


def test_a_reader_with_a_formula_for_a_name_does_no_harm(task: Task, reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(username="@sum(1)")
    make_read(task, reader)
    assert [row["reader"] for row in written(freeze(task))] == ["'@sum(1)"]


def test_it_asks_as_many_queries_for_three_as_for_one(
    task: Task, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for reads in (1, 2):
        for _ in range(reads):
            make_read(task, reader)
        snapshot = freeze(task)
        with django_assert_num_queries(4):  # forms, rows, images, no more rows
            write_csv(io.StringIO(), snapshot)
