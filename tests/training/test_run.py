"""Whole trainings on small pictures with real networks: what they make, and what broken ones leave alone."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from django.db import transaction

from annotation.models import Task
from archive.models import Instance
from inference.retraining import retrain
from jobs.claim import claim
from jobs.models import Job
from jobs.runner import Running
from tests.factories.annotation import make_reader
from tests.factories.jobs import run
from tests.factories.knees import add_knees, make_knee_task, read_knees
from training import loading, promotion, runs, weights
from training import run as body
from training.encoders import DEFAULT, Start
from training.models import ModelVersion, TrainingRun
from training.pictures import embedding_cache, pictures

pytestmark = pytest.mark.django_db(transaction=True)
SIDES = {"train": 25, "tune": 5, "test": 15}


def make_read_task(sides: Mapping[str, int] = SIDES, **training: Any) -> Task:
    """A task whose knees were all read; `training` changes the form's training settings."""
    task, truth = make_knee_task(sides, **training)
    read_knees(task, make_reader(task), truth)
    return task


def train(task: Task, speed: str = "fast", handler: Any = None) -> TrainingRun:
    started = retrain(task, speed, "A test", None)
    run(started.job, handler)
    return runs.runs(task).get(pk=started.pk)


def make_current(task: Task) -> ModelVersion:
    train(task)
    current = promotion.current(task)
    assert current is not None
    return current


def test_it_makes_the_first_model_and_promotes_it() -> None:
    task = make_read_task()

    done = train(task)

    assert (done.job.state, done.job.error) == ("done", "")
    model = promotion.current(task)
    assert model is not None
    assert runs.model_of(done) == model
    assert runs.state(done) == "done"
    assert (model.number, model.state, model.promoted_by) == (1, "current", None)
    assert model.gate["passed"] is True
    assert model.metrics["kl"]["n"] == 15
    assert weights.checked(model.weights).is_file()
    assert done.references == 30


def test_the_gate_and_the_figures_agree_and_each_use_of_the_test_is_counted() -> None:
    task = make_read_task()
    first = make_current(task)
    second = runs.model_of(train(task))
    assert second is not None

    figure = first.metrics["kl"]["qwk"]
    # of a test without an error all resamples say the same, and the card has no interval
    low = figure["value"] if figure["low"] is None else figure["low"]
    assert f"{figure['value']:.2f} (95 % interval {low:.2f}" in first.gate["reason"]
    assert [first.gate["test_uses"], second.gate["test_uses"]] == [1, 2]


def test_a_full_run_gives_the_task_an_encoder_of_its_own_for_the_fast_ones() -> None:
    task = make_read_task(epochs=2)
    first = make_current(task)

    full = train(task, "full")

    assert (full.job.state, full.job.error) == ("done", "")
    assert [point["epoch"] for point in full.job.detail["curve"]] == [1, 2]
    assert not body.folder_of(full).exists()
    model = runs.model_of(full)
    assert model is not None
    assert model.encoder != first.encoder
    assert loading.load(model).encoder_sha256 == model.encoder


def test_the_two_halves_of_a_knee_are_learned_by_one_network() -> None:
    task = make_read_task(size=128, halves=True, epochs=2)
    first = make_current(task)
    encoders = [loading.load(first).encoder]

    for speed in ("full", "fast"):
        model = runs.model_of(train(task, speed))
        assert model is not None
        assert model.metrics["kl"]["n"] == SIDES["test"]
        assert model.card["model"]["halves"] is True
        encoders.append(loading.load(model).encoder)

    assert [one.halves for one in encoders if one] == [True] * 3
    assert {one.width for one in encoders if one} == {2 * 1280}
    assert first.metrics["kl"]["qwk"]["value"] > 0.5
    # the start stays what it is for everybody
    assert not loading.started(Start(DEFAULT)).halves


def dying(at: int) -> Callable[..., Any]:
    """A worker that is killed at the n-th word of a training."""

    def handler(running: Running, *, run_id: int) -> Any:
        told, say = 0, running.progress

        def progress(*words: Any) -> None:
            nonlocal told
            told += 1
            if told == at:
                raise SystemExit
            say(*words)

        running.progress = progress  # type: ignore[method-assign,assignment]
        return body.train(running, run_id)

    return handler


def test_a_killed_full_run_goes_on_from_its_checkpoint() -> None:
    task = make_read_task(epochs=3, report_seconds=0.0)
    started = retrain(task, "full", "A test", None)
    with pytest.raises(SystemExit):
        run(started.job, dying(at=7))
    assert runs.live(task) == started
    assert (body.folder_of(started) / "checkpoint.pt").is_file()

    epochs = []

    def handler(running: Running, *, run_id: int) -> Any:
        say = running.progress

        def progress(share: float, text: str, detail: Any = None) -> None:
            epochs.append((detail or {}).get("epoch"))
            say(share, text, detail)

        running.progress = progress  # type: ignore[method-assign,assignment]
        return body.train(running, run_id)

    run(started.job, handler)

    told = [epoch for epoch in epochs if epoch is not None]
    assert told[0] > 1
    assert told[-1] == 3
    started.job.refresh_from_db()
    assert started.job.state == "done"


def test_a_killed_fast_run_leaves_the_current_model_and_is_done_again() -> None:
    task = make_read_task()
    current = make_current(task)
    started = retrain(task, "fast", "A test", None)

    with pytest.raises(SystemExit):
        run(started.job, dying(at=1))

    assert promotion.current(task) == current
    assert ModelVersion.objects.count() == 1
    assert run(started.job).state == "done"
    assert ModelVersion.objects.count() == 2


def test_a_cancelled_run_leaves_the_current_model() -> None:
    task = make_read_task()
    current = make_current(task)

    def handler(running: Running, *, run_id: int) -> Any:
        running.cancel_asked.set()
        return body.train(running, run_id)

    cancelled = train(task, handler=handler)

    assert runs.state(cancelled) == "cancelled"
    assert promotion.current(task) == current


def refused_by_the_job(task: Task, speed: str = "fast") -> str:
    """The sentence with which a training ended at its first attempt."""
    current = promotion.current(task)
    failed = train(task, speed)
    assert (failed.job.state, failed.job.attempts) == ("failed", 1)
    assert promotion.current(task) == current
    assert runs.model_of(failed) is None
    return failed.job.error


def test_a_loss_that_is_no_number_ends_the_run() -> None:
    task = make_read_task(epochs=2, lr=1e30)
    make_current(task)

    assert "The loss became" in refused_by_the_job(task, "full")


def test_an_embedding_that_is_no_number_ends_the_run() -> None:
    task = make_read_task()
    current = make_current(task)
    truth = add_knees(task, {"train": 1})
    read_knees(task, make_reader(task), truth)
    [[picture]] = pictures(truth, {"size": 64, "mirror": "L"}).values()
    cache = embedding_cache(loading.encoder_of(current, Start(DEFAULT)))
    cache.put([picture.key], np.full((1, 1280), np.nan, np.float32))

    assert "not finite" in refused_by_the_job(task)


@pytest.mark.parametrize(
    "damage", [lambda b: b[: len(b) // 2], lambda b: b[:-1] + bytes([b[-1] ^ 1])]
)
def test_damaged_weights_of_the_current_model_end_the_run(
    damage: Callable[[bytes], bytes],
) -> None:
    task = make_read_task()
    path = weights.path_of(make_current(task).weights)
    path.write_bytes(damage(path.read_bytes()))
    loading.forget()

    assert "was changed after it was stored" in refused_by_the_job(task)


def test_a_patient_on_both_sides_ends_the_run() -> None:
    task = make_read_task()
    make_current(task)
    truth = add_knees(task, {"train": 1, "test": 1}, same_picture=True)
    read_knees(task, make_reader(task), truth)

    assert "figures on the test would mean nothing" in refused_by_the_job(task)


def test_pixels_that_changed_since_the_snapshot_end_the_run() -> None:
    task = make_read_task()
    make_current(task)
    started = retrain(task, "fast", "A test", None)
    Instance.objects.update(pixel_hash="0" * 64)

    run(started.job)

    started.job.refresh_from_db()
    assert "are not those that snapshot 1 froze" in started.job.error


def refused_by_the_gate(task: Task) -> str:
    current = promotion.current(task)
    done = train(task)
    assert runs.state(done) == "refused"
    model = runs.model_of(done)
    assert model is not None
    assert model.state == "refused"
    assert promotion.current(task) == current
    return str(model.gate["reason"])


def test_without_test_references_no_model_becomes_current() -> None:
    task = make_read_task({"train": 25, "tune": 5})

    assert "No reference of a test patient" in refused_by_the_gate(task)


def test_too_few_test_patients_are_no_evaluation() -> None:
    task = make_read_task({"train": 25, "tune": 5, "test": 4})

    assert "too few patients" in refused_by_the_gate(task)


def test_a_model_that_is_worse_than_the_current_one_is_refused() -> None:
    task = make_read_task()
    make_current(task)
    truth = add_knees(task, {"train": 60})
    read_knees(task, make_reader(task), {case: 4 - value for case, value in truth.items()})

    assert "Worse: " in refused_by_the_gate(task)


def test_a_model_stays_a_candidate_when_another_became_current_meanwhile() -> None:
    task = make_read_task()
    first = make_current(task)
    train(task)
    second = promotion.current(task)
    assert second is not None
    assert second != first
    started = retrain(task, "fast", "A test", None)
    claimed = claim(started.job.pk, "test")
    assert claimed is not None
    finish = body.train(Running(claimed), started.pk)
    promotion.promote(first, None)

    with transaction.atomic():  # the job's finishing one
        result = finish()

    assert result["state"] == "candidate"
    assert promotion.current(task) == first


def test_a_second_training_of_the_task_is_not_started() -> None:
    task = make_read_task()
    started = retrain(task, "fast", "A test", None)

    with pytest.raises(Exception, match=f"Run {started.pk} is still under way"):
        retrain(task, "full", "A test", None)

    assert Job.objects.count() == 1
