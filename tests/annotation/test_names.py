"""No two tasks have one name; a command gives another one."""

from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection

from annotation.models import Task
from tests.factories.accounts import client_of
from tests.factories.annotation import make_task, make_user

pytestmark = pytest.mark.django_db
JSON = "application/json"


def test_a_task_has_its_name_for_itself() -> None:
    client = client_of(make_user(is_staff=True))
    make_task()

    answer = client.post(
        "/api/tasks/", {"template": "fracture-radiograph", "name": "kneeS "}, content_type=JSON
    )

    assert (answer.status_code, answer.json()) == (
        409,
        {
            "detail": 'There is a task named "kneeS" already; choose another name.',
            "code": "task_name_taken",
            "parameters": {"name": "kneeS"},
        },
    )
    assert Task.objects.count() == 1


def test_names_that_stood_twice_are_numbered_when_the_rule_comes() -> None:
    migration = import_module("annotation.migrations.0009_one_task_per_name")
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX one_task_per_name")
    names = ["Knees", "Hips", "knees (2)", "KNEES", "knees", "x" * 120, "X" * 120]
    for name in names:
        Task.objects.create(name=name, template="knee-oa-kl")

    migration.number_doubles(apps, None)
    with connection.cursor() as cursor:  # they may stand together now
        cursor.execute("CREATE UNIQUE INDEX one_task_per_name ON annotation_task (lower(name))")

    assert list(Task.objects.order_by("id").values_list("name", flat=True)) == [
        *names[:3],
        "KNEES (3)",
        "knees (4)",
        "x" * 120,
        "X" * 116 + " (2)",
    ]


def test_a_task_gets_another_name_and_learns_after_another_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    task = make_task()

    call_command("task", str(task.pk), "--name= Hips ", "--retrain-every=50")
    call_command("task", str(task.pk), "--name=HIPS", "--retrain-every=0")

    assert capsys.readouterr().out.splitlines() == [
        f"Task {task.pk} is named Hips; it is trained by itself after 50 new references.",
        f"Task {task.pk} is named HIPS; it is trained by itself never.",
    ]
    task.refresh_from_db()
    assert (task.name, task.retrain_every) == ("HIPS", 0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("--name=KNEES", 'There is a task named "KNEES" already'),
        ("--name= ", "1 to 120 characters"),
        ("--retrain-every=-1", "from 0 to 1,000,000"),
    ],
)
def test_what_cannot_be_is_refused(given: str, says: str) -> None:
    make_task()
    task = make_task()

    with pytest.raises(CommandError, match=says):
        call_command("task", str(task.pk), given)

    task.refresh_from_db()
    assert (task.name, task.retrain_every) == ("Knees 2", 20)


def test_of_a_command_that_is_refused_nothing_takes_effect() -> None:
    task = make_task()

    with pytest.raises(CommandError, match="from 0 to"):
        call_command("task", str(task.pk), "--name=Hips", "--retrain-every=-1")

    task.refresh_from_db()
    assert task.name == "Knees"


def test_an_unknown_task_is_named() -> None:
    with pytest.raises(CommandError, match="There is no task 987654"):
        call_command("task", "987654")
