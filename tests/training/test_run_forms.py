"""A form that changed after the current version was trained: each model reads and answers as it learned to."""

from typing import Any

import pytest

from annotation.catalogue import current_form
from annotation.models import Annotation, Form, Task
from archive.models import Instance
from inference.retraining import retrain
from tests.factories.jobs import run
from tests.training.test_run import make_current, make_read_task, train
from training import loading, promotion, reading, runs
from training.engine.model import Model
from training.models import ModelVersion

pytestmark = pytest.mark.django_db(transaction=True)


def publish(task: Task, training: dict[str, Any], **more: Any) -> None:
    form = current_form(task)
    assert form is not None
    told = {**form.content["training"], **training}
    content = {**form.content, "training": told, **more}
    Form.objects.create(task=task, version=form.version + 1, content=content)


def test_a_good_model_of_another_size_keeps_its_place() -> None:
    task = make_read_task()
    current = make_current(task)
    publish(task, {"size": 32, "mirror": "R"})
    for read in Annotation.objects.filter(case__task=task, case__patient__splits__split="train"):
        value = 4 - read.answers["kl"]["value"]
        answers = {"kl": {"state": "answered", "value": value}}
        Annotation.objects.filter(pk=read.pk).update(answers={**read.answers, **answers})

    done = train(task)

    assert (done.job.state, runs.state(done)) == ("done", "refused")
    assert promotion.current(task) == current
    assert reading.training_of(current) == {"size": 64, "mirror": "L"}
    assert {"size", "reading"} <= current.card["model"].keys()
    new = runs.model_of(done)
    assert new is not None
    assert reading.training_of(new) == {"size": 32, "mirror": "R"}


def test_a_model_that_keeps_no_reading_reads_by_the_form_that_it_was_trained_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    task = make_read_task()
    current = make_current(task)
    publish(task, {"size": 32, "mirror": "R", "images": "all"})
    old = loading.load(current)
    monkeypatch.setattr(old, "reading", None)

    assert isinstance(old, Model)
    assert reading.training_of(current) == {"size": 64, "mirror": "L"}
    current.card = {}
    assert reading.training_of(current) == {"size": 64, "mirror": "L"}


def test_other_grades_than_those_of_the_current_model_are_left_to_an_admin() -> None:
    task = make_read_task()
    current = make_current(task)
    form = current_form(task)
    assert form is not None
    [kl, *others] = form.content["fields"]
    more = {**kl, "grades": [*kl["grades"], {**kl["grades"][-1], "value": 5}]}
    publish(task, {}, fields=[more, *others])

    new = runs.model_of(train(task))

    assert new is not None
    assert (new.state, new.gate["other_answers"]) == ("candidate", ["kl"])
    assert "an admin decides" in new.gate["reason"]
    assert new.gate["slots"]["kl"]["code"] == "gate_other_answers"
    assert promotion.current(task) == current
    promotion.promote(new, None)
    assert promotion.current(task) == new


def test_a_run_keeps_the_form_that_it_began_with() -> None:
    task = make_read_task()
    started = retrain(task, "fast", "A test", None)
    began = current_form(task)
    publish(task, {"size": 32, "encoder": "resnet18"})

    run(started.job)

    model = ModelVersion.objects.get(run=started)
    assert began is not None
    assert (model.card["form"], model.card["settings"]["size"]) == (began.version, 64)
    assert model.card["start"]["network"] == "efficientnet_lite0"
    assert loading.load(model).size == 64


def test_a_test_case_that_cannot_be_read_is_told_beside_the_verdict() -> None:
    task = make_read_task()
    tested = Instance.objects.filter(series__cases__patient__splits__split="test")
    Instance.objects.filter(pk=tested.earliest("pk").pk).update(file="aa/bb/gone.dcm")

    done = train(task)

    model = runs.model_of(done)
    assert model is not None
    assert (model.metrics["kl"]["n"], model.gate["not_judged"]) == (14, 1)
    assert model.card["missing"]["unread"] == {"train": 0, "tune": 0, "test": 1}
    told = [one["line"] for one in done.job.detail["log"]]
    assert "Cases that cannot be read and are left out: 1, 1 of them of the locked test." in told
