"""The demo: phantom knees, a task, people, sixty reads and a first training. Running it again adds only what is missing.

Everything here is made up and says so: the images are phantoms, the readers are called demo readers.
"""

import csv
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role
from annotation.cases import build_cases
from annotation.images import of_cases
from annotation.models import Annotation, Case, PatientSplit, Task
from annotation.reading import Save, submit
from annotation.tasks import create_task, set_role
from annotation.worklist import claim, set_priorities
from archive.deidentify import archived_uid
from archive.ingest import ingest_paths
from archive.models import Instance
from archive.policy import policy
from config.demo_accounts import ADMIN, READER
from inference import arms
from inference.retraining import retrain
from phantoms.cohort import TRUTH_FILE, write_knees

TASK, TEMPLATE = "Knee OA (KL grade)", "knee-oa-kl"
DEMO_READERS = ("demo-reader-a", "demo-reader-b", "demo-reader-c")
TEST_SHARE = 0.35  # of the demo's reads: enough locked test patients for the gate's first question
ERRORS = 0.1  # a demo reader's grade is off by one that often
Say = Callable[[str], None]


class Size(NamedTuple):
    cases: int = 200
    large: int = 24  # at a detector's size, 2500 rows x 2000 columns
    reads: int = 60


def load(size: Size, say: Say) -> Task:
    """The demo's task, complete; each step is skipped where its result stands already."""
    people = make_people()
    folder = settings.DATA / "phantoms"
    if not (folder / TRUTH_FILE).exists():
        say(f"Drawing {size.cases} phantom knees …")
        write_knees(folder, cases=size.cases, large=size.large)
    task = Task.objects.filter(name=TASK, template=TEMPLATE).first()
    if task is None:
        say("Taking them into the archive …")
        # drawn a moment ago: nobody's name is in them
        ingest_paths([folder], policy=replace(policy(), check_text=False))
        with transaction.atomic():
            task = create_task(TEMPLATE, TASK, by=people["admin"])
            build_cases(task)
            for name, user in people.items():
                set_role(task, user, Role.ADMIN if name == "admin" else Role.READER)
    missing = size.reads - Annotation.objects.filter(case__task=task, state="submitted").count()
    if missing > 0 and not task.runs.exists():
        say(f"Reading {missing} of them as the demo readers would …")
        read(task, [people[name] for name in DEMO_READERS], truth(folder), missing)
    if not task.runs.exists():
        start_training(task, people["admin"], say)
    return task


def make_people() -> dict[str, User]:
    people = {}
    for name, password in (READER, ADMIN, *((name, None) for name in DEMO_READERS)):
        user, new = User.objects.get_or_create(
            username=name,
            defaults={
                "is_staff": name == "admin",
                "first_name": "Demo",
                "last_name": name.removeprefix("demo-"),
            },
        )
        if new:
            user.set_password(password)  # None: nobody can sign in as a demo reader
            user.save(update_fields=["password"])
        people[name] = user
    return people


def truth(folder: Path) -> dict[str, int]:
    """The grade that each phantom was drawn with, by its SOP Instance UID in the archive."""
    with (folder / TRUTH_FILE).open(newline="") as file:
        return {
            archived_uid(row["sop_instance_uid"]): int(row["grade"]) for row in csv.DictReader(file)
        }


def read(task: Task, readers: list[User], grades: dict[str, int], count: int) -> None:
    """Reads through the same code as a person's: claim, arm, submit."""
    rng = np.random.default_rng(task.seed)
    cases = chosen(task, grades, count)
    set_priorities(task, {case: 1000.0 - n for n, case in enumerate(cases)})
    for number in range(len(cases)):
        reader = readers[number % len(readers)]
        annotation = claim(task, reader)
        if annotation is None:
            return
        arms.draw(task, annotation)
        submit(
            annotation.pk,
            reader,
            Save(annotation.version, answer(annotation, grades, rng)),
            f"demo-{annotation.pk}",
        )


def answer(
    annotation: Annotation, grades: dict[str, int], rng: np.random.Generator
) -> dict[str, dict[str, object]]:
    image = of_cases([annotation.case_id])[0]
    grade = grades[image.sop_instance_uid]
    if rng.random() < ERRORS:
        grade = int(np.clip(grade + rng.choice([-1, 1]), 0, 4))
    return {"kl": {"state": "answered", "value": grade}}


def chosen(task: Task, grades: dict[str, int], count: int) -> list[int]:
    """Phantoms to read first: so many of test patients that the gate can answer, the rest to learn from.

    Somebody's own images, taken in while the demo loads, are cases of the task too and nobody's to read here.
    """
    test = PatientSplit.objects.filter(task=task, split=PatientSplit.Split.TEST).values("patient")
    phantoms = Instance.objects.filter(sop_instance_uid__in=list(grades))
    waiting = Case.objects.filter(
        task=task, state=Case.State.WAITING, series__in=phantoms.values("series")
    )
    to_test = one_by_patient(waiting.filter(patient__in=test))[: round(count * TEST_SHARE)]
    to_learn = one_by_patient(waiting.exclude(patient__in=test))[: count - len(to_test)]
    return to_test + to_learn


def one_by_patient(cases: QuerySet[Case]) -> list[int]:
    """Ids, every patient's first case before anybody's second."""
    turn = Window(RowNumber(), partition_by="patient", order_by="id")
    return list(cases.annotate(turn=turn).order_by("turn", "id").values_list("pk", flat=True))


def start_training(task: Task, admin: User, say: Say) -> None:
    try:
        retrain(task, "fast", "The demo's first model", admin)
    except Problem as problem:
        say(f"No model yet: {problem.detail}")
