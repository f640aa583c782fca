from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.errors import Problem
from accounts.models import User
from annotation import reading, tasks
from annotation.models import Annotation, Case, SaveKey, Task
from annotation.reading import Save
from tests.annotation.test_worklist import end_lease
from tests.factories.annotation import grade, make_cases, make_draft, make_reader, make_task, whole

pytestmark = pytest.mark.django_db


@pytest.fixture
def task() -> Task:
    task = make_task()
    make_cases(task, 2)
    return task


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


@pytest.fixture
def draft(task: Task, reader: User) -> Annotation:
    return make_draft(task, reader)


def open_since(draft: Annotation, seconds: int) -> None:
    Annotation.objects.filter(pk=draft.pk).update(
        opened_at=draft.opened_at - timedelta(seconds=seconds)
    )


def test_a_draft_is_saved_with_a_new_version(draft: Annotation, reader: User) -> None:
    answer = reading.save_draft(draft.pk, reader, Save(0, grade(3)), "a")

    draft.refresh_from_db()
    assert (draft.answers, draft.version, draft.state) == (grade(3), 1, "draft")
    assert draft.saved_at is not None
    assert answer["version"] == 1
    assert answer["saved_at"] == draft.saved_at.isoformat()
    assert answer["lease_until"] is not None


def test_a_draft_may_be_incomplete_and_a_submit_may_not(draft: Annotation, reader: User) -> None:
    reading.save_draft(draft.pk, reader, Save(0, {}), "a")
    with pytest.raises(Problem) as refused:
        reading.submit(draft.pk, reader, Save(1, {}), "b")
    assert refused.value.status_code == 400
    assert refused.value.more["slots"] == {
        "kl": "Kellgren-Lawrence grade: answer it or mark it not assessable."
    }


def test_a_bad_answer_is_refused_by_slot(draft: Annotation, reader: User) -> None:
    with pytest.raises(Problem) as refused:
        reading.save_draft(draft.pk, reader, Save(0, grade(5)), "a")
    assert refused.value.more["slots"] == {"kl": "Choose a grade from 0 to 4."}
    draft.refresh_from_db()
    assert draft.version == 0


def test_submit_ends_the_read_and_frees_the_lease(
    task: Task, draft: Annotation, reader: User
) -> None:
    answer = reading.submit(draft.pk, reader, Save(0, grade(2)), "a")

    draft.refresh_from_db()
    case = Case.objects.get(pk=draft.case_id)
    assert (draft.state, draft.version, draft.submitted_at) == ("submitted", 1, draft.saved_at)
    assert (case.state, case.lease_reader, case.lease_until) == ("read", None, None)
    assert answer["annotation"]["state"] == "submitted"
    assert answer["annotation"]["lease_until"] is None
    assert answer["progress"] == {"read": 1, "total": 2, "mine_today": 1}


def test_a_stale_save_is_refused_with_both_texts(draft: Annotation, reader: User) -> None:
    reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")

    for verb in (reading.save_draft, reading.submit):
        with pytest.raises(Problem) as refused:
            verb(draft.pk, reader, Save(0, grade(4)), f"b {verb.__name__}")
        assert (refused.value.status_code, refused.value.more["code"]) == (409, "stale")
        assert refused.value.more["theirs"]["answers"] == grade(1)
        assert refused.value.more["yours"] == grade(4)
    draft.refresh_from_db()
    assert (draft.answers, draft.version) == (grade(1), 1)


def test_the_same_request_again_gets_the_same_answer(draft: Annotation, reader: User) -> None:
    first = reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")
    later = reading.submit(draft.pk, reader, Save(1, grade(2)), "b")

    assert reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a") == first
    assert reading.submit(draft.pk, reader, Save(1, grade(2)), "b") == later
    draft.refresh_from_db()
    assert (draft.version, draft.answers) == (2, whole(grade(2)))
    assert SaveKey.objects.count() == 2


@pytest.mark.parametrize(
    "other", [Save(0, grade(2)), Save(1, grade(1)), Save(0, grade(1), active_seconds=3.0)]
)
def test_a_key_serves_one_request_only(draft: Annotation, reader: User, other: Save) -> None:
    reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")
    with pytest.raises(Problem) as refused:
        reading.save_draft(draft.pk, reader, other, "a")
    assert (refused.value.status_code, refused.value.more["code"]) == (422, "key_reused")


def test_a_key_of_a_draft_does_not_serve_the_submit(draft: Annotation, reader: User) -> None:
    reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")
    with pytest.raises(Problem, match="used for another request"):
        reading.submit(draft.pk, reader, Save(0, grade(1)), "a")


def test_two_readers_may_choose_the_same_key(task: Task, draft: Annotation, reader: User) -> None:
    other = make_reader(task)
    theirs = make_draft(task, other)
    reading.submit(draft.pk, reader, Save(0, grade(1)), "a")
    assert reading.submit(theirs.pk, other, Save(0, grade(1)), "a")["annotation"]["id"] == theirs.pk


@pytest.mark.parametrize("state", ["submitted", "skipped"])
def test_an_ended_read_takes_no_more_saves(draft: Annotation, reader: User, state: str) -> None:
    if state == "submitted":
        reading.submit(draft.pk, reader, Save(0, grade(1)), "a")
    else:
        reading.skip(draft.pk, reader, "not a knee")
    with pytest.raises(Problem) as refused:
        reading.save_draft(draft.pk, reader, Save(1, grade(2)), "b")
    assert (refused.value.status_code, refused.value.more["code"]) == (409, state)


def test_active_time_never_falls_nor_exceeds_the_time_since_opening(
    draft: Annotation, reader: User
) -> None:
    open_since(draft, 60)
    seconds = [
        reading.save_draft(draft.pk, reader, Save(version, grade(1), given), str(version))[
            "active_seconds"
        ]
        for version, given in enumerate([20.0, 5.0, float("nan"), 1e9])
    ]
    assert seconds[:3] == [20.0, 20.0, 20.0]
    assert 60 <= seconds[3] < 70


def test_a_lost_lease_loses_no_answer(task: Task, draft: Annotation, reader: User) -> None:
    end_lease(draft.case)
    other = make_reader(task)
    theirs = make_draft(task, other)
    assert theirs.case == draft.case

    with pytest.raises(Problem) as lost:
        reading.heartbeat(draft.pk, reader)
    saved = reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")
    reading.submit(theirs.pk, other, Save(0, grade(2)), "b")
    late = reading.submit(draft.pk, reader, Save(1, grade(1)), "c")

    assert (lost.value.status_code, lost.value.more["code"]) == (409, "lease_lost")
    assert saved["lease_until"] is None
    assert late["annotation"]["state"] == "submitted"
    assert Annotation.objects.filter(case=draft.case, state="submitted").count() == 2


def test_a_heartbeat_extends_the_lease(draft: Annotation, reader: User) -> None:
    end_lease(draft.case)
    until = reading.heartbeat(draft.pk, reader)
    case = Case.objects.get(pk=draft.case_id)
    assert (case.lease_until, case.lease_reader) == (until, reader)


def test_a_heartbeat_after_submit_says_so(draft: Annotation, reader: User) -> None:
    reading.submit(draft.pk, reader, Save(0, grade(1)), "a")
    with pytest.raises(Problem) as refused:
        reading.heartbeat(draft.pk, reader)
    assert refused.value.more["code"] == "submitted"


def test_a_skipped_case_goes_to_others(task: Task, draft: Annotation, reader: User) -> None:
    answer = reading.skip(draft.pk, reader, "wrong body part")
    again = reading.skip(draft.pk, reader, "wrong body part")

    draft.refresh_from_db()
    assert (draft.state, draft.skip_reason) == ("skipped", "wrong body part")
    assert answer == again
    assert make_draft(task, make_reader(task)).case == draft.case


def test_a_submitted_case_cannot_be_skipped(draft: Annotation, reader: User) -> None:
    reading.submit(draft.pk, reader, Save(0, grade(1)), "a")
    with pytest.raises(Problem) as refused:
        reading.skip(draft.pk, reader, "")
    assert refused.value.more["code"] == "submitted"


def test_a_foreign_annotation_does_not_exist(task: Task, draft: Annotation, reader: User) -> None:
    other = make_reader(task)
    for call in (
        lambda: reading.save_draft(draft.pk, other, Save(0, grade(1)), "a"),
        lambda: reading.submit(draft.pk, other, Save(0, grade(1)), "a"),
        lambda: reading.heartbeat(draft.pk, other),
        lambda: reading.skip(draft.pk, other, ""),
    ):
        with pytest.raises(Problem) as refused:
            call()
        assert refused.value.status_code == 404


def test_who_left_the_task_saves_no_more(task: Task, draft: Annotation, reader: User) -> None:
    tasks.remove_member(task, reader)
    with pytest.raises(Problem, match="no such annotation"):
        reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")


def test_saves_take_few_queries(
    draft: Annotation, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    # savepoint, lock, lease, annotation and key, release
    with django_assert_num_queries(5):
        reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")
    with django_assert_num_queries(4):
        reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")
    # no lease, but the progress
    with django_assert_num_queries(5):
        reading.submit(draft.pk, reader, Save(1, grade(1)), "b")


def history(draft: Annotation, table: str, columns: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM {table} WHERE pgh_obj_id = %s ORDER BY pgh_id", [draft.pk]
        )
        return list(cursor.fetchall())


def test_every_version_that_counts_is_in_the_history(draft: Annotation, reader: User) -> None:
    for version in range(3):
        save = Save(version, grade(version))
        reading.save_draft(draft.pk, reader, save, f"a{version}")
    reading.submit(draft.pk, reader, Save(3, grade(4)), "b")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotation_annotation SET answers = '{}', version = 9 WHERE id = %s", [draft.pk]
        )

    found = history(
        draft, "annotation_annotationevent", "version, state, answers #> '{kl,value}', pgh_label"
    )

    assert found == [
        (0, "draft", None, "insert"),
        (3, "draft", "2", "last_draft"),
        (4, "submitted", "4", "update"),
        (9, "submitted", None, "update"),
    ]


def test_an_autosave_leaves_who_when_and_which_version(draft: Annotation, reader: User) -> None:
    open_since(draft, 60)
    for version in range(3):
        save = Save(version, grade(version), active_seconds=float(version))
        reading.save_draft(draft.pk, reader, save, f"a{version}")

    table = "annotation_draftevent"
    found = history(draft, table, "version, active_seconds, reader_id, saved_at IS NOT NULL")

    assert found[1:] == [
        (1, 0.0, reader.pk, True),
        (2, 1.0, reader.pk, True),
        (3, 2.0, reader.pk, True),
    ]
    with (
        pytest.raises(DatabaseError, match="Cannot update or delete"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM {table}")


def test_a_skipped_draft_keeps_its_last_text(draft: Annotation, reader: User) -> None:
    reading.save_draft(draft.pk, reader, Save(0, grade(3)), "a")
    reading.skip(draft.pk, reader, "too dark")
    found = history(draft, "annotation_annotationevent", "state, answers #> '{kl,value}'")
    assert found == [("draft", None), ("draft", "3"), ("skipped", "3")]


def test_the_same_request_again_needs_no_second_copy_of_the_answers(
    draft: Annotation, reader: User
) -> None:
    told = reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")
    reading.submit(draft.pk, reader, Save(1, grade(2)), "b")

    assert not any("answers" in key.answer for key in SaveKey.objects.all())
    assert reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a") == told
    assert told["answers"] == grade(1)
