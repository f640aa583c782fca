"""Plays a reader through the real loop: claim, arm, submit; retrain; predict; order; and on with the next batch.

Known labels stand in for the reader's eye. The patients whom the table puts into `test` are read first, unassisted as
always, so that the locked test is complete before the first training is judged by it.
"""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role
from accounts.said import Said
from annotation import splits, worklist
from annotation.forms import Answers
from annotation.images import has_image
from annotation.models import Case, PatientSplit, Task
from annotation.reading import Save, submit
from annotation.tasks import set_role
from archive.models import Patient
from inference import arms, keep_current, ordering
from inference.models import Prediction
from inference.retraining import retrain
from jobs.models import Job
from training import learned, runs
from training.models import ModelVersion

FIRST = 2.0  # above every priority that ordering gives
READER = "simulated-reader"


class Stuck(Exception):
    """The simulation cannot go on; the message is one plain sentence."""


@dataclass(frozen=True)
class Round:
    """One batch of reads and the training after it. Seconds are of the wall clock."""

    labels: int  # read outside the locked test
    model: int | None
    speed: str
    state: str  # current, refused or candidate; of a training that gave no model: the job's error
    qwk: float | None
    accuracy: float | None
    read_seconds: float
    train_seconds: float
    predict_seconds: float
    predictions: int

    @property
    def click_to_predictions(self) -> float:
        return self.train_seconds + self.predict_seconds


@dataclass(frozen=True)
class Plan:
    """After how many labels to train: with a fast run, with a full one, or with both, the full one first."""

    at: Sequence[int]
    full_at: Sequence[int] = ()

    def rounds(self) -> list[tuple[int, str]]:
        full = [(labels, 0, "full") for labels in self.full_at]
        fast = [(labels, 1, "fast") for labels in self.at]
        return [(labels, speed) for labels, _, speed in sorted({*full, *fast})]


Finish = Callable[[Job], Job]  # waits for a job, or does its work here


def play(task: Task, truth: Mapping[int, Answers], plan: Plan, finish: Finish) -> Iterator[Round]:
    """The rounds, each when it is over. Automatic retraining is off meanwhile."""
    reader = _reader(task)
    before = task.retrain_every
    Task.objects.filter(pk=task.pk).update(retrain_every=0)
    task.retrain_every = 0
    try:
        read_test(task, truth, reader)
        yield from _rounds(task, truth, plan, finish, reader)
    finally:
        Task.objects.filter(pk=task.pk).update(retrain_every=before)
        task.retrain_every = before


def read_test(task: Task, truth: Mapping[int, Answers], reader: User) -> int:
    """Read every waiting case of the locked test that has something to show; how many there were.

    All patients get their side now: a test case that turned up later would count as a label.
    """
    splits.assign(task, Patient.objects.filter(cases__task=task).distinct())
    side = PatientSplit.objects.filter(task=task, split=PatientSplit.Split.TEST).values("patient")
    waiting = Case.objects.filter(task=task, state=Case.State.WAITING)
    ordering.order(task)
    test = list(waiting.filter(has_image(), patient__in=side).values_list("pk", flat=True))
    for start in range(0, len(test), ordering.CHUNK):
        part = test[start : start + ordering.CHUNK]
        worklist.set_priorities(task, dict.fromkeys(part, FIRST))
    return _read(task, truth, reader, len(test))


def _rounds(
    task: Task, truth: Mapping[int, Answers], plan: Plan, finish: Finish, reader: User
) -> Iterator[Round]:
    done = _labels(task)
    for labels, speed in plan.rounds():
        started = time.perf_counter()
        done += _read(task, truth, reader, labels - done)
        reading = time.perf_counter() - started
        yield _train(task, done, speed, reading, finish)
        if done < labels:
            return  # the worklist is empty


def _labels(task: Task) -> int:
    """Cases read so far, but for the locked test."""
    side = PatientSplit.objects.filter(task=task, split=PatientSplit.Split.TEST).values("patient")
    return Case.objects.filter(task=task, state=Case.State.READ).exclude(patient__in=side).count()


def _read(task: Task, truth: Mapping[int, Answers], reader: User, cases: int) -> int:
    for number in range(cases):
        draft = worklist.claim(task, reader)
        if draft is None:
            return number
        arms.draw(task, draft)
        if draft.case_id not in truth:
            raise Stuck(
                f"The labels say nothing of case {draft.case.name}; add it or remove the case."
            )
        save = Save(draft.version, truth[draft.case_id])
        try:
            submit(draft.pk, reader, save, f"simulated-{uuid.uuid4().hex}")
        except Problem as problem:
            raise Stuck(f"Case {draft.case.name}: {problem.detail}") from problem
    return max(0, cases)


def _train(task: Task, labels: int, speed: str, reading: float, finish: Finish) -> Round:
    clicked = time.perf_counter()
    try:
        why = Said(f"Simulation after {labels} labels", "simulated", labels=labels)
        run = retrain(task, speed, why, None)
    except Problem as problem:
        return Round(labels, None, speed, str(problem.detail), None, None, reading, 0.0, 0.0, 0)
    job = finish(run.job)
    trained = time.perf_counter()
    model = ModelVersion.objects.filter(run=run).first()
    if model is None:
        state = job.error or str(runs.state(runs.runs(task).get(pk=run.pk)))
        return Round(labels, None, speed, state, None, None, reading, trained - clicked, 0.0, 0)
    predictions = _predict(task, model, finish)
    return Round(
        labels=labels,
        model=model.number,
        speed=speed,
        state=model.state,
        qwk=_figure(task, model, "qwk"),
        accuracy=_figure(task, model, "accuracy"),
        read_seconds=reading,
        train_seconds=trained - clicked,
        predict_seconds=time.perf_counter() - trained,
        predictions=predictions,
    )


def _predict(task: Task, model: ModelVersion, finish: Finish) -> int:
    if model.state == ModelVersion.State.CURRENT and (job := keep_current.keep(task)):
        finish(job)
    return Prediction.objects.filter(model=model).count()


def _figure(task: Task, model: ModelVersion, name: str) -> float | None:
    """Of the form's first slot that the model was measured on, all figures of a round alike; the table keeps no order."""
    slot = next((slot for slot in learned.kinds(task) if slot in model.metrics), None)
    figure: Any = model.metrics[slot].get(name) if slot else None
    return None if figure is None or figure["value"] is None else float(figure["value"])


def _reader(task: Task) -> User:
    reader, new = User.objects.get_or_create(
        username=READER, defaults={"first_name": "Simulated", "last_name": "reader"}
    )
    if new:
        reader.set_unusable_password()
        reader.save(update_fields=["password"])
    set_role(task, reader, Role.READER)
    return reader
