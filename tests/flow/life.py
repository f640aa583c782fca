"""What happens to the versions of a task, one verb each, through the platform's own functions. Only networks are missing:
what one would have learned and said is made up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

from accounts.errors import Problem
from accounts.models import User
from accounts.roles import Role
from annotation.cases import build, rule_of
from annotation.catalogue import current_form
from annotation.models import Annotation, Case, Form, PatientSplit, Task
from annotation.reading import Save, submit
from annotation.worklist import claim as next_case
from inference import arms, predict
from inference.arms import Shown
from inference.retraining import retrain
from jobs.cancel import cancel
from jobs.claim import claim
from jobs.models import Job
from jobs.runner import Refused, Running, work
from tests.factories.annotation import (
    grade,
    make_images,
    make_patient,
    make_read,
    make_reader,
    make_task,
)
from tests.factories.inference import proposal
from tests.factories.jobs import expire, make_due
from training import deleting, loading, promotion, runs, weights
from training.engine.gate import judge_difference
from training.engine.model import Head, Model
from training.models import ModelVersion, TrainingRun
from training.reading import form_of
from training.recording import Papers
from training.run import Judged, keep

READ, WAITING = 10, 6
# By how much a challenger's figure differs from that of the current version, with hardly any doubt.
WORTH = {"better": 0.1, "equal": 0.0, "worse": -0.1}
# Ends that never may become current: nothing was measured; the file is gone by the time of the promotion.
BROKEN = ("unmeasured", "lost")
OUTCOMES = (*WORTH, *BROKEN)
MEASURED = {"kl": {"n": 20, "n_patients": 20, "qwk": {"value": 0.7, "low": 0.6, "high": 0.8}}}
_numbers = count(1)


@dataclass
class Worker:
    """One that has a run's job: what it has trained is known once it has judged."""

    run: TrainingRun
    running: Running
    judged: Judged | None = None
    outcome: str = ""


class Read(NamedTuple):
    """What a person answered, and what was shown to him meanwhile."""

    answers: dict[str, Any]
    shown: Shown


def make_life() -> tuple[Task, User, User]:
    """A task that can be trained, with cases that wait; its admin and its reader. Its cases are its own: others live in
    the same archive."""
    task = make_task()
    add_cases(task, READ)
    admin, reader = make_reader(task, Role.ADMIN), make_reader(task)
    for number in range(READ):
        make_read(task, reader, number % 5)
    add_cases(task, WAITING)
    return task, admin, reader


def add_cases(task: Task, cases: int) -> None:
    patients = [make_patient() for _ in range(cases)]
    studies = {make_images(patient).pk for patient in patients}
    sides = {patient.patient_id: PatientSplit.Split.TRAIN for patient in patients}
    build(task, rule_of(task), studies, sides)


def start(task: Task, speed: str, by: User) -> str:
    """Why not, or empty."""
    try:
        retrain(task, speed, "A test", by)
    except Problem as problem:
        return str(problem.detail)
    return ""


def job_of(run: TrainingRun) -> Job:
    return Job.objects.get(pk=run.job_id)


def take(run: TrainingRun) -> Worker | None:
    claimed = claim(run.job_id, "test")
    return Worker(run, Running(claimed)) if claimed else None


def judge(worker: Worker, outcome: str) -> Worker:
    """What it has learned is compared with the version that is current now, by the gate's own rule."""
    task = worker.run.task
    current, form = promotion.current(task), current_form(task)
    assert form is not None
    rounds = np.random.default_rng(0).normal(WORTH.get(outcome, 0.1), 0.003, 200)
    said = judge_difference("QWK", WORTH.get(outcome, 0.1), rounds, patients=200)
    gate = {"passed": False, "provisional": False, **said}
    if current and grades_of(form) != grades_of(form_of(current)):
        gate["other_answers"] = ["kl"]
    judged = Judged(
        store_model(form),
        "e" * 64,
        {} if outcome == "unmeasured" else MEASURED,
        gate,
        current.pk if current else None,
        Papers({"form": form.version}, {}),
    )
    return replace(worker, judged=judged, outcome=outcome)


def finish(worker: Worker, *, heard: bool) -> None:
    """The end of its job as the worker sees it; `heard`: it has been told by now that somebody cancelled."""
    row = job_of(worker.run)
    if heard and row.cancel_requested:
        worker.running.cancel_asked.set()

    def handler(running: Running, **_: Any) -> Any:
        running.check()
        judged = worker.judged
        assert judged is not None
        if worker.outcome == "lost":
            weights.path_of(judged.weights).unlink(missing_ok=True)
        return lambda: {"model": keep(worker.run, judged).number}

    work(worker.running, handler, row.arguments)
    _without_pause(worker.run)


def refuse(worker: Worker) -> None:
    def handler(running: Running, **_: Any) -> Any:
        raise Refused("There is nothing to learn.")

    work(worker.running, handler, {})


def break_down(worker: Worker) -> None:
    """An error of ours: it is tried again."""

    def handler(running: Running, **_: Any) -> Any:
        raise OSError("The disk is away.")

    work(worker.running, handler, {})
    _without_pause(worker.run)


def kill(worker: Worker) -> None:
    """Nothing is heard of it for longer than its lease. Perhaps it only sleeps."""
    expire(job_of(worker.run))


def cancel_run(run: TrainingRun) -> None:
    cancel(job_of(run))


def promote(model: ModelVersion, by: User) -> str:
    """Why not, or empty."""
    try:
        promotion.promote(model, by)
    except Problem as problem:
        return str(problem.detail)
    return ""


def delete(model: ModelVersion, by: User) -> str:
    """Why not, or empty."""
    try:
        deleting.delete(model, by, "It learned from a broken scanner.")
    except Problem as problem:
        return str(problem.detail)
    return ""


def change_form(task: Task, *, answers: bool) -> None:
    """Its answers, so that old and new versions cannot be compared, or only how it is learned."""
    form = current_form(task)
    assert form is not None
    [kl, *others] = form.content["fields"]
    training = dict(form.content["training"])
    if answers:
        more = {**kl["grades"][-1], "value": kl["grades"][-1]["value"] + 1}
        kl = {**kl, "grades": [*kl["grades"], more]}
    else:
        training["epochs"] = training.get("epochs", 20) + 1
    content = {**form.content, "fields": [kl, *others], "training": training}
    Form.objects.create(task=task, version=form.version + 1, content=content)


def pre_annotate(version: ModelVersion, meanwhile: Callable[[], Any] = lambda: None) -> str:
    """As the job does it, also where the version is not the current one any more; `meanwhile` happens while the network
    works. Why not, or empty."""

    def answers(version: ModelVersion, found: dict[int, Any], *_: Any, **__: Any) -> predict.Said:
        meanwhile()
        return predict.Said({case: proposal(version.number % 5) for case in found})

    waiting = Case.objects.filter(task=version.task_id, state=Case.State.WAITING)
    loading.forget()
    with patch.object(predict, "answers", answers):
        try:
            predict.predict(version, list(waiting.values_list("pk", flat=True)), lambda *_: None)
        except weights.BadWeights as problem:
            return str(problem)
    return ""


def read(task: Task, reader: User, value: int) -> Read | None:
    """The reader's next case, with what he may see of the model; None where none is left."""
    draft = next_case(task, reader)
    if draft is None:
        return None
    shown = arms.draw(task, draft)
    submit(draft.pk, reader, Save(draft.version, grade(value)), key=f"life-{next(_numbers)}")
    return Read(grade(value), shown)


def kept(task: Task) -> list[Any]:
    """All that people answered and were shown."""
    reads = Annotation.objects.filter(case__task=task, state=Annotation.State.SUBMITTED)
    told = ("pk", "answers", "version", "showing__arm", "showing__model", "showing__slots")
    return list(reads.order_by("pk").values_list(*told))


def live(task: Task) -> Sequence[TrainingRun]:
    return list(runs.runs(task).filter(job__state__in=runs.LIVE))


def _without_pause(run: TrainingRun) -> None:
    """What is tried again after a while is due at once."""
    make_due(job_of(run))


def grades_of(form: Form | None) -> list[int]:
    assert form is not None
    return [one["value"] for one in form.content["fields"][0]["grades"]]


def store_model(form: Form) -> str:
    """Weights that no other version has; heads alone, of no encoder."""
    outputs = len(grades_of(form)) - 1
    head = Head(
        np.full((outputs, 1), next(_numbers), np.float32), np.zeros(outputs, np.float32), {}
    )
    model = Model(
        form.content["fields"],
        {"kl": head},
        encoder_name="none",
        encoder_sha256="e" * 64,
        size=64,
    )
    return model.save(weights.folder())[1]
