"""`manage.py member TASK USER [--role reader|adjudicator|admin|none]`: who works on a task."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.roles import Role
from annotation.models import Task
from annotation.tasks import remove_member, set_role

NONE = "none"


class Command(BaseCommand):
    help = "Gives a user a role in a task, or takes it away; what he read stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", type=int, metavar="TASK", help="the task's id")
        parser.add_argument("user", metavar="USER", help="the user's name")
        parser.add_argument("--role", choices=[*Role.values, NONE], default=str(Role.READER))

    def handle(self, *args: Any, **options: Any) -> None:
        task = Task.objects.filter(pk=options["task"]).first()
        user = User.objects.filter(username=options["user"]).first()
        if task is None:
            known = ", ".join(f"{task.pk} ({task.name})" for task in Task.objects.all())
            raise CommandError(f"There is no task {options['task']}; there are: {known or 'none'}.")
        if user is None:
            raise CommandError(
                f"There is no user {options['user']!r}; make one with: manage.py adduser {options['user']}"
            )
        if options["role"] == NONE:
            remove_member(task, user)
            self.stdout.write(f"{user} is no member of {task} now.")
            return
        set_role(task, user, Role(options["role"]))
        self.stdout.write(f"{user} is {options['role']} of {task} now.")
