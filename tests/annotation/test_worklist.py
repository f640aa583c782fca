import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from annotation.models import Annotation, Case, Task
from annotation.reading import skip
from annotation.worklist import claim, progress, set_priorities
from tests.factories.annotation import (
    make_cases,
    make_draft,
    make_read,
    make_reader,
    make_task,
)

pytestmark = pytest.mark.django_db


def end_lease(case: Case) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotation_case SET lease_until = now() - interval '1 second' WHERE id = %s",
            [case.pk],
        )


@pytest.fixture
def task() -> Task:
    return make_task()


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


def test_it_leases_the_most_urgent_case_with_a_draft(task: Task, reader: User) -> None:
    _, urgent, _ = make_cases(task, 3)
    set_priorities(task, {urgent.pk: 0.9})

    draft = claim(task, reader)

    assert draft is not None
    assert (draft.case, draft.reader, draft.state, draft.version) == (urgent, reader, "draft", 0)
    assert draft.form.version == 1
    assert draft.case.lease_reader == reader
    assert draft.case.lease_until is not None
    assert 590 < (draft.case.lease_until - draft.opened_at).total_seconds() < 610


def test_it_gives_cases_of_equal_priority_in_the_order_they_came(task: Task, reader: User) -> None:
    first, second = make_cases(task, 2)
    drafts = [make_draft(task, reader)]
    drafts.append(make_draft_beside(task, reader, drafts))
    assert [draft.case for draft in drafts] == [first, second]


def make_draft_beside(task: Task, reader: User, held: list[Annotation]) -> Annotation:
    draft = claim(task, reader, [one.pk for one in held])
    assert draft is not None
    return draft


def test_a_draft_that_the_page_does_not_hold_comes_back_first(task: Task, reader: User) -> None:
    first, urgent = make_cases(task, 2)
    set_priorities(task, {first.pk: 0.5})
    draft = make_draft(task, reader)
    set_priorities(task, {urgent.pk: 0.9})

    assert claim(task, reader, []) == draft
    again = claim(task, reader, [draft.pk])
    assert again is not None
    assert again.case == urgent


def test_another_reader_gets_another_case(task: Task, reader: User) -> None:
    first, second = make_cases(task, 2)
    assert make_draft(task, reader).case == first
    assert make_draft(task, make_reader(task)).case == second


def test_nothing_is_left_when_all_are_held(task: Task, reader: User) -> None:
    make_cases(task)
    make_draft(task, reader)
    assert claim(task, make_reader(task)) is None


def test_an_expired_lease_goes_to_the_next_reader(task: Task, reader: User) -> None:
    (case,) = make_cases(task)
    mine = make_draft(task, reader)
    end_lease(case)

    other = make_reader(task)
    theirs = claim(task, other)

    assert theirs is not None
    assert (theirs.case, theirs.reader) == (case, other)
    assert claim(task, reader) is None  # and his draft does not take it back
    mine.refresh_from_db()
    assert mine.state == "draft"


def test_a_reader_takes_up_his_draft_when_nobody_took_the_case(task: Task, reader: User) -> None:
    (case,) = make_cases(task)
    draft = make_draft(task, reader)
    end_lease(case)

    assert claim(task, reader) == draft
    case.refresh_from_db()
    assert case.lease_reader == reader


def test_a_case_held_by_the_page_does_not_come_again_when_its_lease_ran_out(
    task: Task, reader: User
) -> None:
    (case,) = make_cases(task)
    draft = make_draft(task, reader)
    end_lease(case)
    assert claim(task, reader, [draft.pk]) is None


def test_a_read_case_and_a_skipped_one_do_not_come_again(task: Task, reader: User) -> None:
    read, skipped = make_cases(task, 2)
    assert make_read(task, reader).case == read
    draft = make_draft(task, reader)
    skip(draft.pk, reader, "too dark")

    assert claim(task, reader) is None
    assert make_draft(task, make_reader(task)).case == skipped


def test_cases_of_another_task_stay_there(task: Task, reader: User) -> None:
    make_cases(make_task())
    assert claim(task, reader) is None


def test_it_claims_in_one_query(
    task: Task, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    other = make_reader(task)
    make_cases(task, 1)
    with django_assert_num_queries(1):
        claim(task, reader)
    make_cases(task, 3)
    with django_assert_num_queries(1):
        claim(task, other)


def test_only_changed_priorities_of_waiting_cases_are_written(task: Task, reader: User) -> None:
    read, same, other = make_cases(task, 3)
    assert make_read(task, reader).case == read
    foreign = make_cases(make_task())[0]

    written = set_priorities(task, {read.pk: 1.0, same.pk: 0.0, other.pk: 0.7, foreign.pk: 0.5})

    assert written == 1
    priorities = {case.pk: case.priority for case in Case.objects.all()}
    assert [priorities[case.pk] for case in (read, same, other, foreign)] == [0.0, 0.0, 0.7, 0.0]


def test_it_tells_progress_in_one_query(
    task: Task, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_cases(task, 4)
    make_read(task, reader)
    make_read(task, make_reader(task))
    yesterday = make_read(task, reader)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE annotation_annotation SET submitted_at = now() - interval '1 day' WHERE id = %s",
            [yesterday.pk],
        )

    with django_assert_num_queries(1):
        found = progress(task, reader)

    assert found == {"read": 3, "total": 4, "mine_today": 1}
