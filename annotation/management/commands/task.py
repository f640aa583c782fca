"""`manage.py task TASK [--name NAME] [--retrain-every N]`: what a task is called, and how often it learns by itself."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.errors import Problem
from annotation.models import Task
from annotation.tasks import rename
from jobs.events import announce

LONGEST = Task._meta.get_field("name").max_length or 0
MOST = 1_000_000


class Command(BaseCommand):
    help = "Changes a task's name, or after how many new references it is trained by itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", type=int, metavar="TASK", help="the task's id")
        parser.add_argument("--name")
        parser.add_argument("--retrain-every", type=int, metavar="N", help="0: never by itself")

    def handle(self, *args: Any, **options: Any) -> None:
        task = Task.objects.filter(pk=options["task"]).first()
        if task is None:
            raise CommandError(f"There is no task {options['task']}.")
        name, every = options["name"], options["retrain_every"]
        if every is not None and not 0 <= every <= MOST:
            raise CommandError(f"--retrain-every must be from 0 to {MOST:,}.")
        with transaction.atomic():
            if name is not None:
                self.rename(task, name.strip())
            if every is not None:
                Task.objects.filter(pk=task.pk).update(retrain_every=every)
            announce(task.topic, "cases", None)  # pages that are open look again
        task.refresh_from_db()
        self.stdout.write(
            f"Task {task.pk} is named {task.name}; it is trained by itself "
            + (f"after {task.retrain_every} new references." if task.retrain_every else "never.")
        )

    def rename(self, task: Task, name: str) -> None:
        if not 1 <= len(name) <= LONGEST:
            raise CommandError(f"A name has 1 to {LONGEST} characters.")
        try:
            rename(task, name)
        except Problem as problem:
            raise CommandError(str(problem.detail)) from problem
