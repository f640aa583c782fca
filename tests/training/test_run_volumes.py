"""Whole trainings of a form that reads volumes: from nothing to predictions, fast and full."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from django.core.files.storage import storages
from numpy.typing import NDArray
from PIL import Image

from accounts.errors import Problem
from annotation.models import Task
from archive.models import Instance
from inference import keep_current
from inference.models import HeatMap, Prediction
from inference.retraining import retrain
from jobs.models import Job
from tests.factories.accounts import client_of
from tests.factories.annotation import make_reader
from tests.factories.encoders import file_of
from tests.factories.jobs import run, run_due
from tests.factories.volumes import SIDE, add_volumes, make_volume_task, read_volumes
from tests.inference.test_outside import make_admin, result, send
from tests.training.test_encoders import give
from training import consider, encoders, loading, pretraining, promotion, runs
from training.models import ModelVersion

pytestmark = pytest.mark.django_db(transaction=True)
SIDES = {"train": 26, "tune": 8, "test": 12}


def make_read_task(sides: Mapping[str, int] = SIDES, **training: Any) -> Task:
    task, truth = make_volume_task(sides, **training)
    read_volumes(task, make_reader(task), truth)
    return task


def train(task: Task, speed: str) -> ModelVersion:
    started = retrain(task, speed, "A test", None)
    job = run(started.job)
    assert (job.state, job.error) == ("done", "")
    model = runs.model_of(runs.runs(task).get(pk=started.pk))
    assert model is not None
    return model


def files_of(case: int) -> list[bytes]:
    found = []
    for instance in Instance.objects.filter(series__cases=case):
        with storages["originals"].open(instance.file) as file:
            found.append(file.read())
    return found


def test_from_nothing_to_predictions_of_open_cases_and_of_outside_files() -> None:
    task = make_read_task(epochs=12, lr=3e-3, covariates=["sex"])
    admin = make_admin(task)

    full = train(task, "full")
    promotion.promote(full, admin)
    new = sorted(add_volumes(task, {"train": 2}))
    keep_current.keep(task)
    run_due()

    assert full.metrics["tear"]["n"] == SIDES["test"]
    said = {one.case_id: one for one in Prediction.objects.filter(model=full)}
    assert sorted(said) == new
    client = client_of(admin)
    outside = result(send(client, task, *files_of(new[0]), laterality="R"))
    assert outside["slots"] == said[new[0]].slots
    [one, *_] = files_of(new[0])
    answer = send(client, task, one, laterality="R")
    job = run(Job.objects.get(pk=answer.json()["job"]["id"]))
    assert (job.state, job.error[:38]) == ("failed", "What was sent has one slice only: it i")
    card = client.get(f"/api/models/{full.pk}/card/").json()
    assert card["start"] == {"name": encoders.NOTHING, "network": "volume1"}
    assert card["settings"]["volume"]["shape"] == [6, 24, 24]

    fast = train(task, "fast")

    assert fast.encoder == full.encoder
    assert loading.load(fast).encoder_name == "volume1"


def test_a_reader_sees_where_it_looked_on_every_slice_of_the_volume_and_on_no_other() -> None:
    task = make_read_task(epochs=2)
    Task.objects.filter(pk=task.pk).update(unassisted_share=0.0)
    full = train(task, "full")
    promotion.promote(full, make_admin(task))
    [case] = add_volumes(task, {"train": 1})
    keep_current.keep(task)
    run_due()
    client = client_of(make_reader(task))

    got = client.post(f"/api/tasks/{task.pk}/next/", content_type="application/json").json()
    told = got["prediction"]["heatmaps"]["tear"]
    series = Instance.objects.filter(series__cases=case)
    slices = set(series.values_list("sop_instance_uid", flat=True))
    assert got["case"]["id"] == case
    assert (told["image"] in slices, told["frame"], told["any_view"]) == (True, 1, True)
    assert {told["series"]} == set(series.values_list("series__series_instance_uid", flat=True))
    # the slice that is told is drawn with the prediction, the others at once when one is asked for
    [drawn] = HeatMap.objects.all()
    assert client.get(told["url"]).content == bytes(drawn.png)
    other = min(slices - {told["image"]})
    waited = client.get(told["url"], {"image": other})
    assert waited.status_code == 202
    run(Job.objects.get(pk=waited.json()["id"]))
    assert set(HeatMap.objects.values_list("image", flat=True)) == slices
    assert client.get(told["url"], {"image": other}).status_code == 200
    strongest = max(HeatMap.objects.all(), key=lambda one: levels(bytes(one.png)).max())
    assert levels(bytes(strongest.png)).max() == levels(bytes(drawn.png)).max()
    assert levels(bytes(drawn.png)).shape == (SIDE, SIDE)
    elsewhere = Instance.objects.exclude(series__cases=case)[0].sop_instance_uid
    assert client.get(told["url"], {"image": elsewhere}).status_code == 404


def levels(png: bytes) -> NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(png)))


def test_a_fast_run_is_refused_before_a_full_one_made_a_network() -> None:
    task = make_read_task({"train": 12})

    with pytest.raises(Problem, match="start a full run"):
        retrain(task, "fast", "A test", None)

    task.retrain_every = 12
    task.save()
    decision = consider.consider(task)
    assert decision.started, decision.reason
    assert runs.runs(task).get().speed == "full"


def test_no_weights_are_for_it_and_the_page_says_from_what_it_starts() -> None:
    task, _ = make_volume_task({})
    admin = make_admin(task)

    shown = client_of(admin).get(f"/api/tasks/{task.pk}/encoders/").json()
    refused = give(admin, task, file_of())

    published = shown["published"]
    assert (published["network"], published["name"]) == ("volume1", encoders.NOTHING)
    assert published["name_said"]["code"] == "starts_from_nothing"
    assert (shown["missing"], shown["takes_weights"]) == ("", False)
    assert (refused.status_code, refused.json()["detail"]) == (400, encoders.NO_WEIGHTS)
    with pytest.raises(Problem, match="no weights are for it"):
        pretraining.start(task, admin)
