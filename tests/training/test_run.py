"""A whole training on small pictures, with real networks: what it makes, and what a broken one leaves alone."""

import pytest

from annotation.models import Task
from inference.retraining import retrain
from tests.factories.annotation import make_reader
from tests.factories.jobs import run
from tests.factories.knees import make_knee_task, read_knees
from training import promotion, runs, weights
from training.models import TrainingRun

pytestmark = pytest.mark.django_db(transaction=True)


def make_read_task() -> Task:
    task, truth = make_knee_task({"train": 25, "tune": 5, "test": 15})
    read_knees(task, make_reader(task), truth)
    return task


def trained(task: Task, speed: str = "fast") -> TrainingRun:
    started = retrain(task, speed, "A test", None)
    run(started.job)
    return runs.runs(task).get(pk=started.pk)


def test_it_makes_the_first_model_and_promotes_it() -> None:
    task = make_read_task()

    done = trained(task)

    assert (done.job.state, done.job.error) == ("done", "")
    model = promotion.current(task)
    assert model is not None
    assert runs.model_of(done) == model
    assert runs.state(done) == "done"
    assert (model.number, model.state) == (1, "current")
    assert model.gate["passed"] is True
    assert model.metrics["kl"]["n"] == 15
    assert weights.checked(model.weights).is_file()
    assert done.references == 30
