"""What a person was shown of a case outside his own read is recorded, and what he says after that is no test reference."""

import asyncio
import csv
from io import BytesIO, StringIO
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from accounts.roles import Role
from annotation import reading
from annotation.models import Annotation, Case, Export, Seen, Task
from annotation.reading import Save, submit
from annotation.snapshots import freeze
from inference import arms, exports
from tests.factories.annotation import grade, make_draft, make_read, make_reader, make_task, whole
from tests.factories.inference import keep_cases, make_prediction
from tests.factories.jobs import run
from tests.factories.training import make_model
from tests.inference.test_exports import download

pytestmark = pytest.mark.django_db(transaction=True)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def rows(user: User, task: Task, query: str = "") -> dict[int, dict[str, Any]]:
    answer = client_of(user).get(f"/api/tasks/{task.pk}/worklist/{query}")
    assert answer.status_code == 200
    return {row["case"]: row for row in answer.json()["results"]}


def make_test_task(cases: int = 2, split: str = "test") -> tuple[Task, User, list[Case]]:
    """A task with predicted cases of one side of the split, and an admin who reads too."""
    task = make_task()
    model = make_model(task, "current")
    made = keep_cases(task, split, cases)
    for case in made:
        make_prediction(case, model, value=3)
    return task, make_reader(task, Role.ADMIN), made


def test_an_admins_worklist_is_blind_until_he_asks() -> None:
    task, admin, _ = make_test_task()
    theirs = make_read(task, make_reader(task), value=4)

    shown = rows(admin, task)

    assert {row["prediction"] for row in shown.values()} == {None}
    assert shown[theirs.case_id]["answers"] is None
    assert theirs.reader.display_name not in str(shown)
    assert not Seen.objects.exists()


def test_what_an_admin_asks_to_see_is_recorded_case_by_case() -> None:
    task, admin, cases = make_test_task()
    theirs = make_read(task, make_reader(task), value=4)
    [waiting] = [case for case in cases if case.pk != theirs.case_id]

    shown = rows(admin, task, "?reveal=true&state=read")
    assert shown[theirs.case_id]["answers"] == whole(grade(4))
    assert list(Seen.objects.values_list("case", "person")) == [(theirs.case_id, admin.pk)]

    assert rows(admin, task, "?reveal=true")[waiting.pk]["prediction"]["value"] == 3
    assert Seen.objects.count() == 2


def test_his_own_answer_alone_is_nothing_that_others_said() -> None:
    task, admin, _ = make_test_task()
    for case in Case.objects.filter(task=task):
        case.predictions.all().delete()
    mine = make_read(task, admin, value=1)

    assert rows(admin, task, "?reveal=true")[mine.case_id]["answers"] == whole(grade(1))
    assert not Seen.objects.exists()


def test_a_reader_cannot_reveal() -> None:
    task, _, _ = make_test_task()
    theirs = make_read(task, make_reader(task), value=4)
    shown = rows(make_reader(task), task, "?reveal=true")
    assert shown[theirs.case_id]["answers"] is None
    assert not any(row.get("prediction") for row in shown.values())


def test_a_read_given_after_seeing_is_no_test_reference_and_trains_all_the_same() -> None:
    task, admin, _ = make_test_task(cases=1)
    draft = make_draft(task, admin)
    rows(admin, task, "?reveal=true")
    submit(draft.pk, admin, Save(0, grade(3)), "a")

    assert arms.unusable(task) == [draft.pk]

    train, other, _ = make_test_task(cases=1, split="train")
    rows(other, train, "?reveal=true")
    make_read(train, other)
    assert arms.unusable(train) == []


def test_an_amendment_after_seeing_is_no_test_reference_any_more() -> None:
    task, admin, _ = make_test_task(cases=1)
    read = make_read(task, admin, value=1)
    rows(admin, task, "?reveal=true")
    assert arms.unusable(task) == []  # what he said before he saw it stands

    reading.amend(read.pk, admin, Save(1, grade(3), reason="The model is right"), "amend")

    assert arms.unusable(task) == [read.pk]


def test_another_reader_who_saw_nothing_may_stand_in() -> None:
    task, admin, [case] = make_test_task(cases=1)
    draft = make_draft(task, admin)
    rows(admin, task, "?reveal=true")
    submit(draft.pk, admin, Save(0, grade(3)), "a")
    blind = Annotation.objects.create(
        case=case, reader=make_reader(task), form=draft.form, state="draft"
    )
    submit(blind.pk, blind.reader, Save(0, grade(1)), "b")

    [row] = freeze(task, unusable=arms.unusable(task)).rows.all()

    assert row.annotation == blind


def exported(task: Task) -> list[dict[str, str]]:
    file = BytesIO()
    exports.write(file, freeze(task))
    return list(csv.DictReader(StringIO(file.getvalue().decode(), newline="")))


def test_the_export_calls_such_a_read_informed_and_what_was_frozen_before_stays() -> None:
    task, admin, _ = make_test_task(cases=1, split="train")
    task.unassisted_share = 1.0
    task.save()
    draft = make_draft(task, admin)
    arms.draw(task, draft)
    submit(draft.pk, admin, Save(0, grade(1)), "a")
    before = freeze(task)
    rows(admin, task, "?reveal=true")
    assert [row["arm"] for row in exported(task)] == ["unassisted"]

    reading.amend(draft.pk, admin, Save(1, grade(3), reason="The model is right"), "amend")

    assert [row["arm"] for row in exported(task)] == ["informed"]
    file = BytesIO()
    exports.write(file, before)
    assert b"unassisted" in file.getvalue()
    assert b"informed" not in file.getvalue()


def test_an_export_leaves_such_test_reads_out_and_says_how_many() -> None:
    task, admin, _ = make_test_task(cases=2)
    make_read(task, make_reader(task))
    rows(admin, task, "?reveal=true")
    make_read(task, admin)

    started = client_of(admin).post(f"/api/tasks/{task.pk}/exports/")
    export = Export.objects.get(pk=started.json()["id"])
    assert run(export.job).state == "done"

    [listed] = client_of(admin).get(f"/api/tasks/{task.pk}/exports/").json()
    assert (listed["rows"], listed["left_out"]) == (1, 1)


def test_who_fetches_an_export_has_seen_its_cases() -> None:
    task, admin, _ = make_test_task(cases=2)
    theirs = make_read(task, make_reader(task))
    export = exports.start(task, admin)
    assert run(export.job).state == "done"
    assert not Seen.objects.exists()

    content, _ = asyncio.run(download(admin, export.pk))
    assert content.count(b"\r\n") == 2

    assert list(Seen.objects.values_list("case", "person")) == [(theirs.case_id, admin.pk)]
