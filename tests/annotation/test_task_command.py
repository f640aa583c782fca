import pytest
from django.core.management import CommandError, call_command

from tests.factories.annotation import make_task

pytestmark = pytest.mark.django_db


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


def test_an_unknown_task_is_named() -> None:
    with pytest.raises(CommandError, match="There is no task 987654"):
        call_command("task", "987654")
