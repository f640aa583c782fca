import pytest
from django.core.management import CommandError, call_command

from accounts.roles import Role
from annotation.access import role_of
from tests.factories.annotation import make_task, make_user

pytestmark = pytest.mark.django_db


def test_a_member_is_made_changed_and_taken_out(capsys: pytest.CaptureFixture[str]) -> None:
    task, user = make_task(), make_user("anna")

    call_command("member", str(task.pk), "anna")
    assert role_of(user, task) == Role.READER
    call_command("member", str(task.pk), "anna", "--role=admin")
    assert role_of(user, task) == Role.ADMIN
    call_command("member", str(task.pk), "anna", "--role=none")
    assert role_of(user, task) is None

    assert capsys.readouterr().out.splitlines() == [
        f"anna is reader of {task} now.",
        f"anna is admin of {task} now.",
        f"anna is no member of {task} now.",
    ]


def test_an_unknown_task_or_user_is_named_with_what_to_do() -> None:
    task = make_task()
    make_user("anna")

    with pytest.raises(CommandError, match=rf"there are: {task.pk} \("):
        call_command("member", "987654", "anna")
    with pytest.raises(CommandError, match=r"manage\.py adduser bert"):
        call_command("member", str(task.pk), "bert")
