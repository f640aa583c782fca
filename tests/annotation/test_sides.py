"""Where tag, file name and answer do not agree on the side, no read is submitted before its reader settled it."""

from typing import Any

import pytest

from accounts.errors import Problem
from accounts.models import User
from annotation import reading, sides
from annotation.cases import build_cases
from annotation.export.references import write_csv
from annotation.models import Annotation, Case, Task
from annotation.reading import Save
from annotation.snapshots import freeze
from tests.factories.annotation import (
    grade,
    make_draft,
    make_images,
    make_patient,
    make_reader,
    make_task,
)

CONFLICT = "Tag says right, file name says left."
FORM: dict[str, Any] = {
    "fields": [
        {"key": "side", "kind": "choice", "label": "Side", "sites": []},
        {"key": "kl", "kind": "grade", "label": "KL", "sites": []},
    ]
}


def said(side: str) -> dict[str, Any]:
    return {"side": {"state": "answered", "value": side}}


def conflicting() -> Case:
    return Case(flags=[{"code": "laterality_conflict", "sentence": CONFLICT}])


@pytest.mark.parametrize(
    ("case", "answers", "settled", "slots"),
    [
        (Case(laterality="R"), {}, "", []),
        (Case(laterality="R"), said("right"), "", []),
        (Case(laterality="R"), said("L"), "", ["side"]),
        (Case(laterality="R"), said("left"), "L", []),  # the reader says that the tag is wrong
        (Case(laterality="R"), said("right"), "L", ["side"]),
        (Case(laterality=""), said("left"), "", []),  # nothing to contradict
        (conflicting(), {}, "", [""]),
        (conflicting(), said("left"), "", [""]),
        (conflicting(), said("left"), "L", []),
        (conflicting(), said("left"), "R", ["side"]),
        (Case(flags=[{"code": "laterality_unknown", "sentence": "Nothing says."}]), {}, "", []),
        (Case(laterality="R"), {"side": {"state": "not_assessable"}}, "", []),
    ],
)
def test_sources_that_do_not_agree_are_settled_first(
    case: Case, answers: dict[str, Any], settled: str, slots: list[str]
) -> None:
    assert list(sides.problems(case, FORM, answers, settled)) == slots


@pytest.fixture
def task() -> Task:
    task = make_task()
    make_images(make_patient(), laterality="R", name_side="L")
    build_cases(task)
    return task


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


@pytest.mark.django_db
def test_a_case_whose_tag_and_file_name_conflict_is_not_submitted_before_its_side_is_settled(
    task: Task, reader: User
) -> None:
    draft = make_draft(task, reader)
    reading.save_draft(draft.pk, reader, Save(0, grade(2)), "a")
    with pytest.raises(Problem) as refused:
        reading.submit(draft.pk, reader, Save(1, grade(2)), "b")
    assert (refused.value.status_code, refused.value.more["code"]) == (400, "side_unclear")
    assert "Tag says right, file name says left." in str(refused.value.detail)

    answer = reading.submit(draft.pk, reader, Save(1, grade(2), side="L"), "c")

    assert answer["annotation"]["side"] == "L"
    assert Annotation.objects.get(pk=draft.pk).side == "L"
    assert Case.objects.get(pk=draft.case_id).laterality == ""  # other readers settle it themselves


@pytest.mark.django_db
def test_the_settled_side_goes_into_the_snapshot_and_its_export(
    task: Task, reader: User, tmp_path: Any
) -> None:
    draft = make_draft(task, reader)
    reading.submit(draft.pk, reader, Save(0, grade(2), side="L"), "a")

    snapshot = freeze(task)

    assert snapshot.rows.get().laterality == "L"
    with (tmp_path / "rows.csv").open("w+", newline="") as file:
        write_csv(file, snapshot)
        file.seek(0)
        header, row = (line.strip().split(",") for line in file)
    assert dict(zip(header, row, strict=True))["side_settled"] == "L"


@pytest.mark.django_db
def test_a_settled_side_is_kept_with_the_draft(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    saved = reading.save_draft(draft.pk, reader, Save(0, {}, side="R"), "a")
    again = make_draft(task, reader)
    assert (saved["side"], again.pk, again.side) == ("R", draft.pk, "R")
