"""A reader's own reads, newest first, and his drafts that nobody would hand out any more."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from annotation import reading
from annotation.models import Annotation, Task
from annotation.reading import Save
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
JSON = "application/json"


@pytest.fixture
def task() -> Task:
    task = make_task()
    make_cases(task, 4)
    return task


@pytest.fixture
def reader(task: Task) -> User:
    return make_reader(task)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def reads_of(user: User, task: Task, **asked: Any) -> Any:
    return client_of(user).get(f"/api/tasks/{task.pk}/reads/", asked).json()


def ids(found: Any, part: str = "results") -> list[int]:
    return [row["annotation"] for row in found[part]]


def test_a_reader_sees_his_own_reads_newest_first_and_nobody_elses(
    task: Task, reader: User
) -> None:
    other = make_reader(task)
    first, _, second = make_read(task, reader), make_read(task, other), make_read(task, reader, 4)
    make_draft(task, reader)

    found = reads_of(reader, task)

    assert ids(found) == [second.pk, first.pk]
    assert (found["open"], found["next"]) == ([], None)
    row = found["results"][0]
    assert row["answers"] == whole(grade(4))
    assert row["case"]["patient"] == second.case.patient.pseudonym
    assert (row["amended_at"], row["flagged"], row["form_version"]) == (None, False, 1)


def test_pages_join_without_a_gap_even_where_two_came_at_the_same_moment(
    task: Task, reader: User
) -> None:
    reads = [make_read(task, reader).pk for _ in range(4)]
    Annotation.objects.filter(pk__in=reads[1:3]).update(
        submitted_at=Annotation.objects.get(pk=reads[1]).submitted_at
    )
    seen, cursor = [], ""
    while True:
        page = reads_of(reader, task, limit=1, cursor=cursor)
        seen += ids(page)
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == reads[::-1]


def test_it_searches_names_and_notes(task: Task, reader: User) -> None:
    one, two = make_read(task, reader), make_read(task, reader)
    client = client_of(reader)
    client.post(
        f"/api/annotations/{two.pk}/flag/",
        {"flagged": True, "note": "Osteophyte or not?"},
        content_type=JSON,
    )
    assert ids(reads_of(reader, task, search=one.case.patient.pseudonym)) == [one.pk]
    assert ids(reads_of(reader, task, search="osteophyte p-")) == [two.pk]
    assert ids(reads_of(reader, task, only="flagged")) == [two.pk]
    assert ids(reads_of(reader, task, only="amended")) == []
    assert reads_of(reader, task, only="flagged")["results"][0]["flag_note"] == "Osteophyte or not?"


def test_a_foreign_cursor_gets_a_sentence(task: Task, reader: User) -> None:
    answer = client_of(reader).get(f"/api/tasks/{task.pk}/reads/", {"cursor": "x_y"})
    assert (answer.status_code, answer.json()["detail"][:10]) == (400, "The cursor")


def test_a_draft_whose_case_somebody_else_read_is_still_found(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    reading.save_draft(draft.pk, reader, Save(0, grade(1)), "a")
    end_lease(draft.case)
    other = make_reader(task)
    theirs = make_draft(task, other)
    assert ids(reads_of(reader, task), "open") == [draft.pk]
    reading.submit(theirs.pk, other, Save(0, grade(2)), "b")

    assert ids(reads_of(reader, task), "open") == [draft.pk]
    assert ids(reads_of(other, task), "open") == []
    make_read(task, reader), make_read(task, reader)
    first = reads_of(reader, task, limit=1)
    assert ids(first, "open") == [draft.pk]
    assert ids(reads_of(reader, task, limit=1, cursor=first["next"]), "open") == []
    assert ids(reads_of(reader, task, search="p-"), "open") == []
    again = client_of(reader).get(f"/api/annotations/{draft.pk}/").json()
    assert (again["annotation"]["answers"], again["annotation"]["state"]) == (grade(1), "draft")
    assert again["annotation"]["lease_until"] is None


def test_the_list_asks_as_much_for_three_as_for_one(
    task: Task, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of(reader)
    for reads in (1, 2):
        for _ in range(reads):
            make_read(task, reader)
        # session, user; task and role, reads, drafts, forms
        with django_assert_num_queries(6):
            client.get(f"/api/tasks/{task.pk}/reads/")


def test_active_time_is_told_with_each_read(task: Task, reader: User) -> None:
    draft = make_draft(task, reader)
    Annotation.objects.update(opened_at=F("opened_at") - timedelta(seconds=60))
    reading.submit(draft.pk, reader, Save(0, grade(1), 12.0), "a")
    reading.amend(draft.pk, reader, Save(1, grade(2), 20.0, reason="a slip"), "b")
    assert reads_of(reader, task)["results"][0]["active_seconds"] == 20.0
