"""`manage.py retrain 1 --speed full --wait`: start a training from a shell."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Problem
from accounts.said import Said
from annotation.models import Task
from inference import working
from inference.retraining import retrain
from training import readers, runs
from training.models import TrainingRun


class Command(BaseCommand):
    help = "Starts a training of a task's model on its references."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", type=int, help="the task's id")
        parser.add_argument(
            "--speed", choices=TrainingRun.Speed.values, default=TrainingRun.Speed.FAST
        )
        parser.add_argument("--wait", action="store_true", help="until the training has ended")

    def handle(self, *args: Any, **options: Any) -> None:
        task = Task.objects.filter(pk=options["task"]).first()
        if task is None:
            raise CommandError(f"There is no task {options['task']}.")
        try:
            shell = Said("Started from a shell", "started_from_shell")
            run = retrain(task, options["speed"], shell, None)
        except Problem as problem:
            raise CommandError(str(problem.detail)) from problem
        self.stdout.write(
            f"Run {run.pk} ({run.speed}) on {run.references} references is job {run.job_id}."
        )
        if options["wait"]:
            working.wait(run.job, self.stdout.write)
            self.tell(runs.runs(task).get(pk=run.pk))

    def tell(self, run: TrainingRun) -> None:
        model, state = runs.model_of(run), runs.state(run)
        if model is None:
            raise CommandError(f"Run {run.pk} {state}: {run.job.error or 'no reason was given.'}")
        gate = readers.gate_of(model, names=True)
        self.stdout.write(f"Model {model.number} is {model.state}: {gate.get('reason', '')}")
