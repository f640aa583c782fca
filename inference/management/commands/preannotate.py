"""`manage.py preannotate 1`: have the current model predict what waits, and wait until it did."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.said import counted
from annotation.models import Case, Task
from inference import quarantine, working
from inference.keep_current import preannotate
from jobs.models import Job
from training import promotion


class Command(BaseCommand):
    help = "Predicts a task's waiting cases with its current model, and orders them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", type=int, help="the task's id")
        parser.add_argument(
            "--inline", action="store_true", help="in this process; else by a worker"
        )
        parser.add_argument(
            "--again", action="store_true", help="also the cases that were set aside as unreadable"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        task = Task.objects.filter(pk=options["task"]).first()
        if task is None:
            raise CommandError(f"There is no task {options['task']}.")
        model = promotion.current(task)
        if model is None:
            raise CommandError(
                f"Task {task.pk} has no model yet; run `manage.py retrain {task.pk}`."
            )
        if options["again"]:
            quarantine.release(Case.objects.filter(task=task))
        job = preannotate(model)
        done = working.do(job) if options["inline"] else working.wait(job, self.stdout.write)
        if done.state != Job.State.DONE:
            raise CommandError(f"Job {done.pk} {done.state}: {done.error}")
        result = done.result
        self.stdout.write(
            f"{counted(result['predicted'], 'case')} predicted with model {model.number},"
            f" {counted(result['unreadable'], 'case')} could not be read."
        )
