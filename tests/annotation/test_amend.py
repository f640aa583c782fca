"""A submitted read is changed with a reason: the same row, every version kept, the newest one the reference."""

from typing import Any

import pytest
from django.apps import apps

from accounts.errors import Problem
from accounts.models import User
from annotation import discussing, reading
from annotation.models import Annotation, Case, Task
from annotation.reading import Save
from annotation.references import references
from annotation.snapshots import freeze, verify
from tests.annotation.test_worklist import end_lease
from tests.factories.annotation import (
    grade,
    make_cases,
    make_draft,
    make_read,
    make_reader,
    make_task,
    whole,
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


def amended(read: Annotation, reader: User, value: int, key: str = "amend") -> dict[str, Any]:
    save = Save(read.version, grade(value), reason="  I missed an osteophyte ")
    return reading.amend(read.pk, reader, save, key)


def history(read: Annotation) -> list[tuple[int, str, str]]:
    events = apps.get_model("annotation", "AnnotationEvent").objects.filter(pgh_obj_id=read.pk)
    return list(events.order_by("pgh_id").values_list("version", "state", "amend_reason"))


def test_an_amended_read_keeps_its_row_its_first_time_and_all_its_versions(
    task: Task, reader: User
) -> None:
    read = make_read(task, reader, value=1)

    answer = amended(read, reader, 3)

    now = Annotation.objects.get(pk=read.pk)
    assert (now.answers, now.version, now.state) == (whole(grade(3)), 2, "submitted")
    assert now.submitted_at == read.submitted_at is not None
    assert now.amended_at is not None
    assert now.amended_at > read.submitted_at
    assert now.amend_reason == "I missed an osteophyte"
    assert answer["annotation"]["amended_at"] == now.amended_at.isoformat()
    assert answer["progress"] == {"read": 1, "total": 3, "mine_today": 1}
    assert Annotation.objects.filter(case=read.case).count() == 1
    assert history(read) == [
        (0, "draft", ""),
        (1, "submitted", ""),
        (2, "submitted", "I missed an osteophyte"),
    ]


def test_the_reference_is_the_amended_text_and_an_old_snapshot_stays_as_it_was(
    task: Task, reader: User
) -> None:
    read = make_read(task, reader, value=1)
    before = freeze(task)

    amended(read, reader, 3)
    after = freeze(task)

    assert [one.answers for one in references(task)] == [whole(grade(3))]
    assert [row.answers for row in before.rows.all()] == [whole(grade(1))]
    assert [row.answers for row in after.rows.all()] == [whole(grade(3))]
    assert (after.number, after.hash == before.hash) == (2, False)
    assert [verify(before), verify(after)] == [True, True]


def test_an_amendment_says_why(task: Task, reader: User) -> None:
    read = make_read(task, reader)
    with pytest.raises(Problem, match="Say why"):
        reading.amend(read.pk, reader, Save(read.version, grade(1), reason=" "), "a")


def test_the_same_amendment_sent_again_is_one_version(task: Task, reader: User) -> None:
    read = make_read(task, reader)
    assert amended(read, reader, 4) == amended(read, reader, 4)
    assert len(history(read)) == 3


def test_a_stale_amendment_is_refused_with_both_texts(task: Task, reader: User) -> None:
    read = make_read(task, reader)
    amended(read, reader, 4)
    with pytest.raises(Problem) as refused:
        amended(read, reader, 0, key="another tab")
    assert (refused.value.status_code, refused.value.more["code"]) == (409, "stale")
    assert refused.value.more["theirs"]["answers"] == whole(grade(4))
    assert refused.value.more["yours"] == grade(0)
    assert Annotation.objects.get(pk=read.pk).answers == whole(grade(4))


def test_a_draft_is_not_amended(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    with pytest.raises(Problem, match="not submitted yet") as refused:
        amended(draft, reader, 1)
    assert (refused.value.status_code, refused.value.more["code"]) == (409, "draft")


def test_who_submits_what_was_submitted_elsewhere_gets_that_text(task: Task, reader: User) -> None:
    read = make_read(task, reader, value=1)
    with pytest.raises(Problem) as refused:
        reading.submit(read.pk, reader, Save(0, grade(4)), "the other tab")
    assert refused.value.more["code"] == "submitted"
    assert refused.value.more["theirs"]["answers"] == whole(grade(1))


def test_an_amended_answer_must_be_complete(task: Task, reader: User) -> None:
    read = make_read(task, reader)
    with pytest.raises(Problem, match="answer it or mark it"):
        reading.amend(read.pk, reader, Save(read.version, {}, reason="a slip"), "a")


def test_an_amendment_leaves_the_case_as_it_is_for_others(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    end_lease(draft.case)
    other = make_reader(task)
    theirs = make_draft(task, other)
    reading.submit(draft.pk, reader, Save(0, grade(1)), "late")
    reading.amend(draft.pk, reader, Save(1, grade(2), reason="a slip"), "amend")
    reading.submit(theirs.pk, other, Save(0, grade(4)), "b")
    assert Case.objects.get(pk=draft.case_id).state == "read"
    assert {read.answers["kl"]["value"] for read in Annotation.objects.all()} == {2, 4}


def test_a_flag_for_discussion_changes_no_answer_and_makes_no_tab_stale(
    task: Task, reader: User
) -> None:
    draft = make_draft(task, reader)
    told = discussing.flag(draft.pk, reader, True, " is this a 2? ")
    reading.submit(draft.pk, reader, Save(0, grade(2)), "a")

    now = Annotation.objects.get(pk=draft.pk)
    assert (told["flagged"], told["flag_note"]) == (True, "is this a 2?")
    assert (now.flagged, now.flag_note, now.state) == (True, "is this a 2?", "submitted")
    assert discussing.flag(draft.pk, reader, False, "never mind")["flag_note"] == ""
    with pytest.raises(Problem, match="no such annotation"):
        discussing.flag(draft.pk, make_reader(task), True, "not mine")
