"""`manage.py import_labels labels.csv --task 1 --reader anna`: labels made elsewhere become references."""

from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from annotation.imports import TableProblem, import_labels, read_table
from annotation.models import Task

SHOWN = 10  # rows of each sort


class Command(BaseCommand):
    help = "Writes a CSV's labels (patient_id, laterality, a column a field, split) as reads of one reader."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("csv", type=Path)
        parser.add_argument("--task", type=int, required=True, help="the task's id")
        parser.add_argument(
            "--reader", required=True, help="the user name under which the reads stand"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        task = Task.objects.filter(pk=options["task"]).first()
        reader = User.objects.filter(username=options["reader"]).first()
        if task is None:
            raise CommandError(f"There is no task {options['task']}.")
        if reader is None:
            raise CommandError(f"There is no user {options['reader']!r}.")
        try:
            with options["csv"].open(encoding="utf-8-sig", newline="") as file:
                done = import_labels(task, read_table(file), reader)
        except (OSError, UnicodeDecodeError, TableProblem) as problem:
            raise CommandError(f"{options['csv']}: {problem}") from problem
        self._tell("with an answer that the form does not take", done.wrong)
        self._tell("that fit no case of the task, or several", done.unmatched)
        self.stdout.write(f"{done.written} labels written, {done.already} were there already.")

    def _tell(self, are: str, sentences: Sequence[str]) -> None:
        """How many rows were not written, and the first of them."""
        if not sentences:
            return
        self.stdout.write(f"Rows {are}: {len(sentences)}")
        for sentence in sentences[:SHOWN]:
            self.stdout.write(f"  {sentence}")
        if len(sentences) > SHOWN:
            self.stdout.write(f"  … and {len(sentences) - SHOWN} more.")
