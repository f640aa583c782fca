"""`manage.py simulate 1 --labels labels.csv --at 50 100 200`: a reader who knows the answers, through the real loop."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotation.cases import build_cases
from annotation.imports import TableProblem, answers_by_case, given_splits, read_table
from annotation.models import Case, Task
from inference import working
from inference.simulation import Plan, Round, Stuck, play

HEAD = "labels  speed  model  state      QWK    accuracy  read s  train s  predict s  predictions"


class Command(BaseCommand):
    help = "Reads a task's cases by a CSV's labels in the order of the real worklist, with trainings in between."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("task", type=int, help="the task's id")
        parser.add_argument("--labels", type=Path, required=True, help="the CSV with the answers")
        parser.add_argument("--rounds", type=int, default=10, help="batches to read (10)")
        parser.add_argument("--batch", type=int, default=50, help="reads in a batch (50)")
        parser.add_argument(
            "--at", type=int, nargs="+", help="train after so many labels, instead of --rounds"
        )
        parser.add_argument(
            "--full-at",
            type=int,
            nargs="*",
            default=[],
            help="a full run after these, before the fast one",
        )
        parser.add_argument(
            "--inline",
            action="store_true",
            help="do the jobs in this process; else wait for workers",
        )
        parser.add_argument("--json", type=Path, help="write the rounds here as well")

    def handle(self, *args: Any, **options: Any) -> None:
        task = Task.objects.filter(pk=options["task"]).first()
        if task is None:
            raise CommandError(f"There is no task {options['task']}.")
        at = options["at"] or [options["batch"] * (n + 1) for n in range(options["rounds"])]
        finish = working.do if options["inline"] else working.wait
        done: list[Round] = []
        try:
            with options["labels"].open(encoding="utf-8-sig", newline="") as file:
                rows = read_table(file)
            build_cases(task, given_splits(task, rows))
            truth = answers_by_case(task, rows)
            if not truth:
                raise Stuck(
                    f"none of its {len(rows)} rows belongs to a case of task {task.pk};"
                    " ingest its images first, with --csv and --body-part."
                )
            without = Case.objects.filter(task=task, state=Case.State.WAITING).exclude(pk__in=truth)
            if without.exists():
                raise Stuck(
                    f"{without.count()} waiting cases of task {task.pk} have no row; a simulation needs an answer"
                    " to each case that the worklist may give, so play it on a task of labelled cases only."
                )
            self.stdout.write(f"{len(truth)} cases of task {task.pk} have labels.\n{HEAD}")
            for one in play(
                task,
                truth,
                Plan(at, options["full_at"]),
                finish,
            ):
                done.append(one)
                self.stdout.write(line(one))
        except (OSError, UnicodeDecodeError, TableProblem, Stuck) as problem:
            raise CommandError(f"{options['labels']}: {problem}") from problem
        if options["json"]:
            options["json"].write_text(json.dumps([asdict(one) for one in done], indent=1) + "\n")


def line(one: Round) -> str:
    def number(value: float | None) -> str:
        return f"{value:.3f}" if value is not None else "-"

    return (
        f"{one.labels:6d}  {one.speed:5s}  {one.model or '-':>5}  {one.state:9s}  {number(one.qwk):>5}"
        f"  {number(one.accuracy):>8}  {one.read_seconds:6.1f}  {one.train_seconds:7.1f}"
        f"  {one.predict_seconds:9.1f}  {one.predictions:11d}"
    )
