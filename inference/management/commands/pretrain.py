"""`manage.py pretrain 1 --wait`: let a task's encoder learn from the task's images before they are read."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Problem
from annotation.models import Task
from inference import working
from jobs.models import Job
from training import pretraining
from training.models import StartingWeights


class Command(BaseCommand):
    help = (
        "Pre-trains an encoder on a task's images, without their answers and without test patients."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", type=int, help="the task's id")
        parser.add_argument("--wait", action="store_true", help="until it has ended")

    def handle(self, *args: Any, **options: Any) -> None:
        task = Task.objects.filter(pk=options["task"]).first()
        if task is None:
            raise CommandError(f"There is no task {options['task']}.")
        try:
            job = pretraining.start(task, None)
        except Problem as problem:
            raise CommandError(str(problem.detail)) from problem
        self.stdout.write(f"The pre-training is job {job.pk}.")
        if options["wait"]:
            self.tell(working.wait(job, self.stdout.write))

    def tell(self, job: Job) -> None:
        if job.state != Job.State.DONE:
            raise CommandError(f"Job {job.pk} {job.state}: {job.error}")
        row = StartingWeights.objects.get(pk=job.result["weights"])
        self.stdout.write(f"{row.name}: choose it under Models, or leave it.")
