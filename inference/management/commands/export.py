"""`manage.py export 1 --out references.csv`: the references of a task as CSV, written here and now."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.errors import Problem
from annotation.models import Task
from annotation.snapshots import freeze
from inference import arms
from inference.exports import write


class Command(BaseCommand):
    help = "Freezes a task's references and writes them as CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", type=int, help="the task's id")
        parser.add_argument("--out", type=Path, required=True, help="the file to write")

    def handle(self, *args: Any, **options: Any) -> None:
        task = Task.objects.filter(pk=options["task"]).first()
        if task is None:
            raise CommandError(f"There is no task {options['task']}.")
        out: Path = options["out"]
        draft = out.with_name(f".{out.name}.part")
        try:
            snapshot = freeze(task, unusable=arms.unusable(task))
            with draft.open("w+b") as file:
                rows, sha256 = write(file, snapshot)
            draft.replace(out)
        except Problem as problem:
            raise CommandError(str(problem.detail)) from problem
        except OSError as problem:
            raise CommandError(f"{out} cannot be written: {problem.strerror}.") from problem
        finally:
            draft.unlink(missing_ok=True)
        self.stdout.write(f"{rows} rows of snapshot {snapshot.number} in {out}, SHA-256 {sha256}")
