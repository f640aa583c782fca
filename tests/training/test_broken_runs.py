"""Runs that break, each in its own way and at its own place: after every one the current model is as it was.

What each does to the task is undone after it, so that all of them meet the same task with the same current model.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch

from annotation.catalogue import current_form
from annotation.models import Annotation, Form, PatientSplit, Task
from archive.models import Instance
from inference.retraining import retrain
from jobs.models import Job
from jobs.runner import Running
from tests.factories.annotation import make_reader
from tests.factories.jobs import expire, run
from tests.factories.knees import add_knees, make_knee_task, read_knees
from training import history, judging, loading, promotion, runs, weights
from training import run as body
from training.encoders import DEFAULT, Start
from training.engine.model import Model
from training.models import ModelVersion, TrainingRun

pytestmark = pytest.mark.django_db(transaction=True)
SIDES = {"train": 25, "tune": 5, "test": 15}


class Killed(BaseException):
    """As SIGKILL: nothing of the runner's may tidy up after it."""


def start(task: Task, speed: str = "fast") -> TrainingRun:
    return retrain(task, speed, "A test", None)


def set_training(task: Task, **settings: Any) -> None:
    form = current_form(task)
    assert form is not None
    training = {**form.content["training"], **settings}
    content = {**form.content, "training": training}
    Form.objects.create(task=task, version=form.version + 1, content=content)


def killed_at(text: str) -> Callable[..., Any]:
    """A worker that is killed when its training says this."""

    def handler(running: Running, *, run_id: int) -> Any:
        say = running.progress

        def progress(share: float, told: str, detail: Any = None) -> None:
            if text in told:
                raise Killed
            say(share, told, detail)

        running.progress = progress  # type: ignore[method-assign,assignment]
        return body.train(running, run_id)

    return handler


def killed(task: Task, handler: Any = None, speed: str = "fast") -> str:
    started = start(task, speed)
    with pytest.raises(Killed):
        run(started.job, handler)
    started.job.refresh_from_db()
    return started.job.state


def ended(started: TrainingRun, handler: Any = None) -> str:
    """How it ended and what was said of it, by its job or by the gate."""
    job = run(started.job, handler)
    model = ModelVersion.objects.filter(run=started).first()
    ending = runs.state(runs.runs(started.task).get(pk=started.pk))
    return f"{ending}: {job.error}{model.gate['reason'] if model else ''}"


def dies(*_: Any, **__: Any) -> Any:
    raise Killed


def passed(*_: Any, **__: Any) -> judging.Verdict:
    return {"passed": True, "provisional": False, "reason": "", "slots": {}, "left_out": []}


def deemed_good(patch: pytest.MonkeyPatch) -> None:
    """Let the gate pass whatever comes, where two alike would meet in a close race and what breaks lies behind it."""
    patch.setattr(judging, "verdict", passed)


def damaged(damage: Callable[[bytes], bytes], patch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """A training whose weights are damaged between its judgement and its promotion."""
    deemed_good(patch)

    def handler(running: Running, *, run_id: int) -> Any:
        finish = body.train(running, run_id)
        in_use = {model.weights for model in ModelVersion.objects.all()}
        for path in weights.folder().glob("*.safetensors"):
            if path.stem not in in_use | {loading.started(Start(DEFAULT)).sha256}:
                path.write_bytes(damage(path.read_bytes()))
        return finish

    return handler


def nan_loss(task: Task, patch: pytest.MonkeyPatch) -> str:
    set_training(task, epochs=2, lr=1e30)
    return ended(start(task, "full"))


def killed_at_an_epoch(task: Task, patch: pytest.MonkeyPatch) -> str:
    set_training(task, epochs=2, report_seconds=0.0)
    return killed(task, killed_at("Epoch 2"), "full")


def killed_in_checkpoint_save(task: Task, patch: pytest.MonkeyPatch) -> str:
    set_training(task, epochs=1)
    patch.setattr(os, "fsync", dies)
    return killed(task, None, "full")


def killed_before_evaluation(task: Task, patch: pytest.MonkeyPatch) -> str:
    return killed(task, killed_at("Fitting"))


def killed_in_evaluation(task: Task, patch: pytest.MonkeyPatch) -> str:
    return killed(task, killed_at("Judged on the locked test"))


def killed_in_promote(task: Task, patch: pytest.MonkeyPatch) -> str:
    patch.setattr(history, "promoted", dies)
    deemed_good(patch)
    return killed(task)


def checkpoint_without_optimizer(task: Task, patch: pytest.MonkeyPatch) -> str:
    set_training(task, epochs=2, report_seconds=0.0)
    started = start(task, "full")
    with pytest.raises(Killed):
        run(started.job, killed_at("Epoch 2"))
    path = body.folder_of(started) / "checkpoint.pt"
    kept = torch.load(path, weights_only=True)
    del kept["state"]["optimizer"]
    torch.save(kept, path)
    expire(started.job)
    return ended(started)


def truncated_weights(task: Task, patch: pytest.MonkeyPatch) -> str:
    return ended(start(task), damaged(lambda content: content[: len(content) // 2], patch))


def bit_flipped_weights(task: Task, patch: pytest.MonkeyPatch) -> str:
    flip = damaged(lambda content: content[:-1] + bytes(one ^ 1 for one in content[-1:]), patch)
    return ended(start(task), flip)


def weights_of_another_hash(task: Task, patch: pytest.MonkeyPatch) -> str:
    return ended(start(task), damaged(lambda content: b"other weights", patch))


def metrics_missing(task: Task, patch: pytest.MonkeyPatch) -> str:
    deemed_good(patch)
    patch.setattr(judging, "figures", lambda *_, **__: {})
    return ended(start(task))


def empty_test(task: Task, patch: pytest.MonkeyPatch) -> str:
    of_side(task, "test").update(state=Annotation.State.SKIPPED)
    return ended(start(task))


def worse_than_current(task: Task, patch: pytest.MonkeyPatch) -> str:
    for read in of_side(task, "train") | of_side(task, "tune"):
        value = 4 - read.answers["kl"]["value"]
        answers = {**read.answers, "kl": {"state": "answered", "value": value}}
        Annotation.objects.filter(pk=read.pk).update(answers=answers)
    return ended(start(task))


def class_map_changed(task: Task, patch: pytest.MonkeyPatch) -> str:
    form = current_form(task)
    assert form is not None
    [kl, *others] = form.content["fields"]
    more = {**kl, "grades": [*kl["grades"], {**kl["grades"][-1], "value": 5}]}
    content = {**form.content, "fields": [more, *others]}
    Form.objects.create(task=task, version=form.version + 1, content=content)
    return ended(start(task))


def patient_on_both_sides(task: Task, patch: pytest.MonkeyPatch) -> str:
    truth = add_knees(task, {"train": 1, "test": 1}, same_picture=True)
    read_knees(task, make_reader(task), truth)
    return ended(start(task))


def stale_snapshot(task: Task, patch: pytest.MonkeyPatch) -> str:
    started = start(task)
    Instance.objects.update(pixel_hash="0" * 64)
    return ended(started)


def weights_that_cannot_be_loaded(task: Task, patch: pytest.MonkeyPatch) -> str:
    def broken(*_: Any, **__: Any) -> Any:
        raise ValueError("no such head")

    patch.setattr(Model, "load", broken)
    return ended(start(task))


def cancelled(task: Task, patch: pytest.MonkeyPatch) -> str:
    def handler(running: Running, *, run_id: int) -> Any:
        running.cancel_asked.set()
        return body.train(running, run_id)

    return ended(start(task), handler)


def of_side(task: Task, side: str) -> Any:
    patients = PatientSplit.objects.filter(task=task, split=side).values("patient")
    return Annotation.objects.filter(case__task=task, case__patient__in=patients)


# How each run breaks, and a part of how it ends. The fourteen of the promise, and four more; tests/benchmarks/jobs.py
# counts them.
BROKEN: dict[Callable[[Task, pytest.MonkeyPatch], str], str] = {
    nan_loss: "failed: The loss became",
    killed_at_an_epoch: "running",
    killed_in_checkpoint_save: "running",
    killed_before_evaluation: "running",
    killed_in_evaluation: "running",
    killed_in_promote: "running",
    checkpoint_without_optimizer: "lacks its optimizer: this run cannot go on",
    truncated_weights: "was changed after it was stored",
    bit_flipped_weights: "was changed after it was stored",
    weights_of_another_hash: "was changed after it was stored",
    metrics_missing: "never evaluated",
    empty_test: "refused: No reference of a test patient",
    worse_than_current: "refused: Worse: ",
    class_map_changed: "done: First version",
    patient_on_both_sides: "failed: The image of case",
    stale_snapshot: "failed: The images of case",
    weights_that_cannot_be_loaded: "failed: The stored weights cannot be used",
    cancelled: "cancelled",
}


@contextmanager
def undone(task: Task) -> Iterator[pytest.MonkeyPatch]:
    """What happens inside leaves no patch, no changed answer or image, no new form or reference, and no live job."""
    reads = {read.pk: read for read in Annotation.objects.filter(case__task=task)}
    hashes = dict(Instance.objects.values_list("pk", "pixel_hash"))
    version = Form.objects.filter(task=task).count()
    with pytest.MonkeyPatch.context() as patch:
        yield patch
    for read in Annotation.objects.filter(case__task=task):
        old = reads.get(read.pk)
        state, answers = (old.state, old.answers) if old else ("skipped", read.answers)
        if (state, answers) != (read.state, read.answers):
            Annotation.objects.filter(pk=read.pk).update(state=state, answers=answers)
    for pk, pixel_hash in hashes.items():
        Instance.objects.filter(pk=pk).update(pixel_hash=pixel_hash)
    new_forms = Form.objects.filter(task=task, version__gt=version)
    TrainingRun.objects.filter(form__in=new_forms).update(form=None)
    new_forms.delete()
    Job.objects.filter(state__in=runs.LIVE).update(state=Job.State.CANCELLED)


def state_of(task: Task) -> list[Any]:
    """All that the current model is, and that its weights are whole."""
    rows = ModelVersion.objects.filter(task=task, state=ModelVersion.State.CURRENT)
    return [(row.pk, weights.checked(row.weights), row.promoted_at) for row in rows]


def test_no_broken_run_touches_the_current_model_and_good_ones_replace_it(
    record_property: Callable[[str, object], None],
) -> None:
    task, truth = make_knee_task(SIDES)
    read_knees(task, make_reader(task), truth)
    assert ended(start(task)).startswith("done: First version")
    before = state_of(task)
    [(first, _, _)] = before
    more = add_knees(task, {"train": 5})  # else a new version would be made of the same weights
    read_knees(task, make_reader(task), more)

    wrong = []
    for break_it, says in BROKEN.items():
        with undone(task) as patch:
            said = break_it(task, patch)
            if says not in said or state_of(task) != before:
                wrong.append((break_it.__name__, said))
    record_property("broken_runs", len(BROKEN))
    record_property("bad_promotions", len(wrong))
    assert wrong == []

    for _ in range(3):
        good = start(task)
        with pytest.MonkeyPatch.context() as patch:
            deemed_good(patch)
            assert ended(good).startswith("done: ")
        [(current, _, _)] = state_of(task)
        assert current == ModelVersion.objects.get(run=good).pk

    began = time.monotonic()
    back = promotion.promote(ModelVersion.objects.get(pk=first), None)
    record_property("rollback_seconds", time.monotonic() - began)
    assert (back.pk, back.state) == (first, "current")
