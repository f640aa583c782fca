"""A heat map is seen by who saw the prediction, at his own read, and goes with it."""

from io import BytesIO

import numpy as np
import pytest
from django.test import Client
from PIL import Image

from accounts.roles import Role
from annotation import tasks
from annotation.models import Task
from annotation.worklist import claim
from archive.models import Instance
from inference import arms, heatmaps, keep_current
from inference.models import HeatMap, Prediction
from inference.retraining import retrain
from jobs.models import Job
from tests.factories.accounts import client_of
from tests.factories.annotation import make_reader
from tests.factories.jobs import run, run_due
from tests.inference.test_predict import make_trained_task
from training.models import ModelVersion

pytestmark = pytest.mark.django_db(transaction=True)


def make_read_task(unassisted_share: float) -> tuple[Task, ModelVersion]:
    """A trained task in which two cases wait with their predictions and the heat maps of one."""
    task, model, _ = make_trained_task(waiting=2)
    Task.objects.filter(pk=task.pk).update(unassisted_share=unassisted_share)
    task.refresh_from_db()
    keep_current.keep(task)
    run_due()
    return task, model


def given(client: Client, task: Task) -> dict[str, dict[str, object]]:
    answer = client.post(f"/api/tasks/{task.pk}/next/", content_type="application/json")
    prediction = answer.json()["prediction"]
    heat: dict[str, dict[str, object]] = prediction["heatmaps"] if prediction else {}
    return heat


def test_a_reader_who_is_shown_a_prediction_is_told_where_its_map_is_and_gets_it() -> None:
    task, _ = make_read_task(unassisted_share=0.0)
    client = client_of(make_reader(task))

    [(slot, told)] = given(client, task).items()
    answer = client.get(str(told["url"]))

    assert (slot, told["frame"]) == ("kl", 1)
    assert Instance.objects.get(sop_instance_uid=told["image"]).rows == 64
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert "no-store" in answer["Cache-Control"]
    picture = np.asarray(Image.open(BytesIO(answer.content)))
    assert picture.shape == (64, 64)
    assert picture.max() > 100
    assert picture.min() < 20


def test_one_that_was_not_drawn_yet_is_drawn_by_a_job_of_the_reader_s() -> None:
    task, _ = make_read_task(unassisted_share=0.0)
    reader = make_reader(task)
    client = client_of(reader)
    before = {bytes(one.png) for one in HeatMap.objects.all()}
    HeatMap.objects.all().delete()
    [told] = given(client, task).values()

    first, second = client.get(str(told["url"])), client.get(str(told["url"]))

    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    job = Job.objects.get(pk=first.json()["id"])
    assert (job.queue, job.topic, job.owner) == ("ask", "", reader)
    run(job)
    assert client.get(str(told["url"])).content in before


def test_nobody_gets_the_map_of_a_prediction_that_was_hidden_from_him() -> None:
    task, _ = make_read_task(unassisted_share=1.0)
    reader, admin = make_reader(task), make_reader(task, Role.ADMIN)
    draft = claim(task, reader)
    assert draft is not None
    arms.draw(task, draft)
    prediction = Prediction.objects.get(case=draft.case)
    address = f"/api/predictions/{prediction.pk}/heatmaps/kl/"
    jobs = Job.objects.count()

    for user in (reader, admin, make_reader(task)):
        assert client_of(user).get(address).status_code == 404
    assert Job.objects.count() == jobs


def test_who_left_the_task_sees_none_and_a_slot_without_one_is_none() -> None:
    task, _ = make_read_task(unassisted_share=0.0)
    reader = make_reader(task)
    client = client_of(reader)
    [told] = given(client, task).values()

    assert client.get(str(told["url"]).replace("/kl/", "/other/")).status_code == 404
    tasks.remove_member(task, reader)
    assert client.get(str(told["url"])).status_code == 404


def test_the_map_of_a_replaced_prediction_goes_with_it() -> None:
    task, _ = make_read_task(unassisted_share=0.0)
    client = client_of(make_reader(task))
    [told] = given(client, task).values()
    run(retrain(task, "fast", "Again", None).job)
    keep_current.keep(task)
    run_due()

    assert client.get(str(told["url"])).status_code == 404
    [newer] = given(client, task).values()
    assert newer["url"] != told["url"]
    assert client.get(str(newer["url"])).status_code == 200


def test_the_first_cases_of_the_worklist_are_drawn_with_their_predictions(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heatmaps, "AHEAD", 1)
    make_read_task(unassisted_share=0.0)

    [drawn] = HeatMap.objects.select_related("prediction__case")
    first = max(Prediction.objects.select_related("case"), key=lambda one: one.case.priority)
    assert drawn.prediction == first
