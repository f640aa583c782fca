"""`manage.py publish TASK`: the form of a task as its template now is."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.catalogue import TemplateProblem, current_form, publish
from annotation.models import Task


class Command(BaseCommand):
    help = "Publishes a task's changed template as a new version of its form; drafts keep theirs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", type=int, metavar="TASK", help="the task's id")

    def handle(self, *args: Any, **options: Any) -> None:
        task = Task.objects.filter(pk=options["task"]).first()
        if task is None:
            raise CommandError(f"There is no task {options['task']}.")
        before = current_form(task)
        try:
            form = publish(task)
        except TemplateProblem as problem:
            raise CommandError(str(problem)) from problem
        if before is not None and before.version == form.version:
            self.stdout.write(f"The template has not changed; {task} stays at form {form.version}.")
        else:
            self.stdout.write(f"{task} asks form {form.version} from now on.")
