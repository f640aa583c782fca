"""What readers flagged for discussion, as the worklist and the overview show it to an admin and to a reader."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from annotation import discussing
from annotation.models import Annotation, Seen, Task
from tests.factories.annotation import make_cases, make_read, make_reader, make_task

pytestmark = pytest.mark.django_db


def got(user: User, path: str) -> Any:
    client = Client()
    client.force_login(user)
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.json()


def rows(user: User, task: Task, query: str = "") -> dict[int, Any]:
    answer = got(user, f"/api/tasks/{task.pk}/worklist/{query}")
    return {row["case"]: row["discussion"] for row in answer["results"]}


@pytest.fixture
def task() -> Task:
    task = make_task()
    make_cases(task, 4)
    return task


def make_flagged(task: Task, reader: User, note: str) -> Annotation:
    read = make_read(task, reader)
    discussing.flag(read.pk, reader, True, note)
    return read


def test_an_admin_finds_flagged_cases_under_a_pseudonym_and_without_the_note(task: Task) -> None:
    reader, admin = make_reader(task), make_reader(task, Role.ADMIN)
    read = make_flagged(task, reader, "is this a 2?")
    make_read(task, reader)

    found = rows(admin, task, "?discuss=true")

    assert found.keys() == {read.case_id}
    [said] = found[read.case_id]
    assert (said["note"], said["mine"]) == (None, False)
    assert said["by"].startswith("R-")
    assert reader.display_name not in str(found)
    assert not Seen.objects.exists()
    [again] = rows(admin, task)[read.case_id]
    assert again == said  # the same reader has the same pseudonym
    assert sum(bool(said) for said in rows(admin, task).values()) == 1


def test_who_and_why_come_when_he_asks_and_are_recorded_as_seen(task: Task) -> None:
    reader, admin = make_reader(task), make_reader(task, Role.ADMIN)
    read = make_flagged(task, reader, "is this a 2?")

    [said] = rows(admin, task, "?discuss=true&reveal=true")[read.case_id]

    assert said == {"by": reader.display_name, "note": "is this a 2?", "mine": False}
    assert Seen.objects.get().case_id == read.case_id


def test_his_own_note_is_his(task: Task) -> None:
    admin = make_reader(task, Role.ADMIN)
    read = make_flagged(task, admin, "ask the surgeon")
    assert rows(admin, task)[read.case_id] == [
        {"by": admin.display_name, "note": "ask the surgeon", "mine": True}
    ]
    assert not Seen.objects.exists()


def test_a_note_on_a_draft_counts_as_what_another_says(task: Task) -> None:
    reader, admin = make_reader(task), make_reader(task, Role.ADMIN)
    draft = make_flagged(task, reader, "a 3 for sure")
    Annotation.objects.filter(pk=draft.pk).update(state="draft")
    rows(admin, task, "?reveal=true")
    assert Seen.objects.filter(person=admin, case=draft.case_id).exists()


def test_readers_see_their_own_flags_only(task: Task) -> None:
    reader, other = make_reader(task), make_reader(task)
    mine, theirs = make_flagged(task, reader, "mine"), make_flagged(task, other, "theirs")

    assert rows(reader, task, "?discuss=true").keys() == {mine.case_id}
    assert rows(reader, task, "?reveal=true")[theirs.case_id] == []


def test_the_overview_counts_them(task: Task) -> None:
    reader, admin = make_reader(task), make_reader(task, Role.ADMIN)
    read = make_flagged(task, reader, "one")
    make_flagged(task, make_reader(task), "two")

    def count(user: User) -> int:
        found: int = got(user, f"/api/tasks/{task.pk}/")["counts"]["to_discuss"]
        return found

    assert (count(admin), count(reader), count(make_reader(task))) == (2, 1, 0)
    discussing.flag(read.pk, reader, False, "")
    assert (count(admin), count(reader)) == (1, 0)
