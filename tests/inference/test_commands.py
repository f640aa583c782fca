"""`manage.py retrain` and `manage.py preannotate`, as an admin's shell sees them."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.roles import Role
from annotation.models import Task
from inference.management.commands.retrain import Command as Retrain
from inference.models import Prediction
from jobs.models import Job
from tests.factories.annotation import make_reader, make_task
from tests.factories.jobs import run
from tests.factories.knees import add_knees, make_knee_task, read_knees
from tests.factories.training import make_model
from training import runs

pytestmark = pytest.mark.django_db(transaction=True)


def call(name: str, task: int, **options: Any) -> str:
    out = StringIO()
    call_command(name, str(task), stdout=out, **options)
    return out.getvalue()


def make_read_task(waiting: int = 0) -> Task:
    task, truth = make_knee_task({"train": 25, "tune": 5, "test": 15})
    read_knees(task, make_reader(task, Role.READER), truth)
    add_knees(task, {"train": waiting})
    return task


def test_retrain_starts_a_training_and_tells_what_came_of_it() -> None:
    task = make_read_task()

    said = call("retrain", task.pk, speed="fast")

    started = task.runs.get()
    assert said == f"Run {started.pk} (fast) on 30 references is job {started.job_id}.\n"
    assert (started.trigger, started.by) == ("Started from a shell", None)
    run(started.job)
    out = StringIO()
    Retrain(stdout=out).tell(runs.runs(task).get())
    assert out.getvalue().startswith("Model 1 is current: First version: QWK ")


def test_retrain_says_why_a_training_failed() -> None:
    task = make_read_task()
    call("retrain", task.pk)
    Job.objects.update(state=Job.State.FAILED, error="The loss became nan.")

    with pytest.raises(CommandError, match=r"Run \d+ failed: The loss became nan."):
        Retrain(stdout=StringIO()).tell(runs.runs(task).get())


def test_retrain_says_why_it_does_not_start() -> None:
    with pytest.raises(CommandError, match="There is no task 0"):
        call("retrain", 0)
    with pytest.raises(CommandError, match="at least 10 answered cases"):
        call("retrain", make_task().pk)
    assert not Job.objects.exists()


def test_preannotate_predicts_what_waits() -> None:
    task = make_read_task(waiting=3)
    call("retrain", task.pk)
    run(task.runs.get().job)

    said = call("preannotate", task.pk, inline=True)

    assert said == "3 cases predicted with model 1, 0 cases could not be read.\n"
    assert Prediction.objects.count() == 3


def test_preannotate_says_why_it_cannot() -> None:
    with pytest.raises(CommandError, match="There is no task 0"):
        call("preannotate", 0, inline=True)
    task = make_task()
    with pytest.raises(CommandError, match=f"no model yet; run `manage.py retrain {task.pk}`"):
        call("preannotate", task.pk, inline=True)
    make_model(task, "current")  # its weights are no network's
    with pytest.raises(CommandError, match="The weights cannot be used"):
        call("preannotate", task.pk, inline=True)
