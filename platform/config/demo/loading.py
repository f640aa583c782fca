"""The demo: phantoms, three tasks, people, their reads and a first training of each. Running it again adds only what is missing.

Everything here is made up and says so: the images are phantoms, the readers are called demo readers.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role
from accounts.said import Said
from annotation import arrivals
from annotation.cases import build, rule_of
from annotation.models import Annotation, PatientSplit, Task
from annotation.tasks import create_task, set_role
from archive.ingest import ingest_paths
from archive.models import Instance
from archive.policy import policy
from config.demo import fractures, knees, tears
from config.demo.plan import Plan
from config.demo.reads import read
from config.demo_accounts import ADMIN, READER
from inference.retraining import retrain

TEST, TRAIN, TUNE = (PatientSplit.Split(side) for side in ("test", "train", "tune"))
SIDES = (TEST, TRAIN, TRAIN, TUNE, TEST, TRAIN, TRAIN, TRAIN)
DEMO_READERS = ("demo-reader-a", "demo-reader-b", "demo-reader-c")
Say = Callable[[str], None]


class Size(NamedTuple):
    cases: int = 200
    large: int = 24  # at a detector's size, 2500 rows x 2000 columns
    reads: int = 100
    fractures: int = 120
    mr: int = 48


def load(size: Size, say: Say) -> None:
    """All tasks of the demo, the knees first; each step is skipped where its result stands already."""
    people = make_people()
    plans = [knees.plan(size.cases, size.large, size.reads)]
    if size.fractures:
        plans.append(fractures.plan(size.fractures))
    if size.mr:
        plans.append(tears.plan(size.mr))
    for plan in plans:
        task = load_task(plan, people, say)
        if not task.runs.exists():
            start_training(task, people["admin"], say)


def load_task(plan: Plan, people: dict[str, User], say: Say) -> Task:
    """One task with its phantoms and its reads."""
    folder = settings.DATA / plan.folder
    if not (folder / plan.truth_file).exists():
        say(f"Drawing {plan.what} …")
        plan.draw(folder)
    answers = plan.answers(folder)
    # whatever it is named by now
    task = Task.objects.filter(
        template=plan.template, memberships__user__username__in=DEMO_READERS
    ).first()
    if task is None:
        say("Taking them into the archive …")
        # drawn a moment ago: nobody's name is in them
        ingest_paths([folder], policy=replace(policy(), check_text=False))
        with transaction.atomic():
            task = create_task(plan.template, plan.task, by=people["admin"])
            # its own phantoms: the whole archive would bring the knees to the fractures
            phantoms = Instance.objects.filter(**{f"{plan.key}__in": list(answers)})
            studies = set(phantoms.values_list("series__study", flat=True))
            patients = in_truth_order(phantoms, plan.key, list(answers))
            build(task, rule_of(task), studies, given_splits(patients))
            if plan.apart:
                arrivals.begin_here(task)
            for name, user in people.items():
                set_role(task, user, Role.ADMIN if name == "admin" else Role.READER)
    readers = [people[name] for name in DEMO_READERS]
    missing = (
        plan.reads
        - Annotation.objects.filter(case__task=task, state="submitted", reader__in=readers).count()
    )
    if missing > 0:
        say(f"Reading {missing} of them as the demo readers would …")
        read(task, readers, answers, plan.key, missing)
    return task


def in_truth_order(phantoms: QuerySet[Instance], key: str, known: Sequence[str]) -> list[str]:
    """Patients as they stand in the truth: files are taken in several at a time, and never twice in the same order."""
    rows = dict(phantoms.values_list(key, "series__study__patient__patient_id"))
    return list(dict.fromkeys(rows[one] for one in known if one in rows))


def given_splits(patients: Sequence[str]) -> dict[str, PatientSplit.Split]:
    """Of eight patients two are of the locked test and one to tune on: drawn by chance, a demo's few may be too few for
    the gate to answer and for a calibration."""
    return dict(zip(patients, sides_of(len(patients)), strict=True))


def sides_of(patients: int) -> list[PatientSplit.Split]:
    return [SIDES[number % len(SIDES)] for number in range(patients)]


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


def start_training(task: Task, admin: User, say: Say) -> None:
    try:
        retrain(task, "fast", Said("The demo's first model", "first_of_the_demo"), admin)
    except Problem as problem:
        say(f"No model yet: {problem.detail}")
