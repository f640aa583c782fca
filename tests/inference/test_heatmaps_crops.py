"""The heat map of an answer from a crop lies on the whole image, strongest where the crop says so."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from annotation.models import Task
from inference import keep_current
from inference.models import HeatMap, Prediction
from inference.retraining import retrain
from tests.factories.accounts import client_of
from tests.factories.annotation import make_reader
from tests.factories.crops import (
    COLUMNS,
    CROP,
    PATTERN,
    ROWS,
    Truth,
    add_striped,
    make_cropped_task,
    publish,
    read_striped,
)
from tests.factories.jobs import run, run_due
from training import loading, promotion

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = 32


def make_predicted_task() -> tuple[Task, dict[int, Truth]]:
    """Of each box a quarter alone is striped; the cases that wait, with their predictions and maps."""
    task, _ = make_cropped_task({}, images="first")
    publish(task, {**PATTERN, "crop": {**CROP, "size": 160}})
    truth = add_striped(task, {"train": 60, "tune": 12, "test": 20}, quarter=True)
    read_striped(task, make_reader(task), truth)
    Task.objects.filter(pk=task.pk).update(unassisted_share=0.0)
    run(retrain(task, "fast", "A test", None).job)
    waiting = add_striped(task, {"train": WAITING}, quarter=True)
    keep_current.keep(task)
    run_due()
    return task, waiting


def quarters(png: bytes, box: list[int]) -> dict[tuple[int, int], float]:
    """How bright a map is on each quarter of a box, by its first column and row."""
    grey = Image.open(BytesIO(png)).resize((COLUMNS, ROWS), Image.Resampling.BILINEAR)
    left, top, right, bottom = box
    width, height = (right - left) // 2, (bottom - top) // 2
    corners = [(x, y) for x in (left, left + width) for y in (top, top + height)]
    found = np.asarray(grey, np.float64)
    return {(x, y): float(found[y : y + height, x : x + width].mean()) for x, y in corners}


def test_it_is_strongest_on_the_part_of_the_box_that_shows_it() -> None:
    task, truth = make_predicted_task()
    model = promotion.current(task)
    assert model is not None
    assert loading.load(model).staged is not None

    maps = {
        one.prediction.case_id: bytes(one.png)
        for one in HeatMap.objects.filter(slot="pattern").select_related("prediction")
    }

    assert maps.keys() == truth.keys()
    across = [case for case, of in truth.items() if of.value == 1]
    hits = 0
    for case in across:
        bright = quarters(maps[case], truth[case].box)
        hits += max(bright, key=lambda corner: bright[corner]) == tuple(truth[case].striped[:2])
    assert hits > len(across) * 0.55, (hits, len(across))  # by chance a quarter
    # beside the crop there is nothing
    grey = np.asarray(Image.open(BytesIO(maps[across[0]])))
    assert (grey == 0).mean() > 0.4

    client = client_of(make_reader(task))
    got = client.post(f"/api/tasks/{task.pk}/next/", content_type="application/json").json()
    told = got["prediction"]["heatmaps"]["pattern"]
    said = Prediction.objects.get(case=got["case"]["id"])
    assert (told["image"], told["frame"]) == (said.slots["fractures"]["hits"][0]["image"], 1)
    assert not told["any_view"]
    assert client.get(told["url"]).content == maps[got["case"]["id"]]
