"""Whole trainings in two stages: stripes that only a crop shows, cut about what the model itself finds."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from accounts.roles import Role
from annotation.models import Task
from inference.models import Prediction
from inference.predict import predict_open_cases
from inference.retraining import retrain
from jobs.runner import Running
from tests.factories.accounts import token_client
from tests.factories.annotation import make_reader
from tests.factories.crops import PATTERN, add_striped, make_cropped_task, publish, read_striped
from tests.factories.jobs import run
from tests.inference.test_outside import result, send, stored
from tests.training.test_engine_staged import two_stages
from training import crops, dataset, loading, runs
from training import run as body
from training.api.card import card_json
from training.engine.examples import Example
from training.engine.images import PREPARATION, Crop
from training.markdown import card as markdown
from training.models import ModelVersion, TrainingRun
from training.pictures import Picture
from training.recipes.place import Place

pytestmark = pytest.mark.django_db(transaction=True)
SIDES = {"train": 64, "tune": 16, "test": 24}
FULL: dict[str, Any] = {"epochs": 12, "batch": 8, "lr": 2e-3, "small_share": 0.0, "images": "first"}


def make_read_task(sides: dict[str, int] = SIDES, **settings: Any) -> Task:
    task, truth = make_cropped_task(sides, **{**FULL, **settings})
    read_striped(task, make_reader(task), truth)
    return task


def train(task: Task, speed: str) -> tuple[TrainingRun, ModelVersion]:
    started = retrain(task, speed, "A test", None)
    run(started.job)
    done = runs.runs(task).get(pk=started.pk)
    assert (done.job.state, done.job.error) == ("done", "")
    model = runs.model_of(done)
    assert model is not None
    return done, model


def figure(model: ModelVersion) -> float:
    return float(model.metrics["pattern"]["qwk"]["value"])


def right_of_waiting(task: Task, model: ModelVersion, cases: int = 24) -> float:
    """The share of new cases, on which nobody has marked anything, that are answered rightly."""
    truth = add_striped(task, {"train": cases})
    predict_open_cases(model, lambda *_: None)
    slots = {one.case_id: one.slots for one in Prediction.objects.filter(case__in=truth)}
    said = {case: (of or {})["pattern"]["value"] for case, of in slots.items()}
    return float(np.mean([said[case] == truth[case][0] for case in truth]))


def without_boxes(example: Example) -> Example:
    kept = {name: of for name, of in example.answers.items() if name != "fractures"}
    return replace(example, answers=kept)


def test_what_only_a_crop_shows_is_learned_and_answered_by_the_models_own_boxes() -> None:
    task = make_read_task()

    done, full = train(task, "full")

    assert full.state == "current", full.gate["reason"]
    assert figure(full) > 0.5
    assert right_of_waiting(task, full) >= 0.75
    kept = Prediction.objects.filter(model=full).latest("case")
    admin = token_client(make_reader(task, Role.ADMIN))
    answer = result(send(admin, task, stored(kept.case_id), laterality="R"))
    assert answer["slots"]["pattern"] == (kept.slots or {})["pattern"]
    # of the readers' boxes the locked test knows nothing
    data = dataset.load(done.snapshot, {**FULL, "size": 64, "mirror": "L"}).of("test")
    blind = replace(data, examples=[without_boxes(one) for one in data.examples])
    model = loading.load(full)
    said = [body.predict(model, of, lambda *_: None) for of in (data, blind)]
    assert [one["pattern"] for one in said[0]] == [one["pattern"] for one in said[1]]

    _, fast = train(task, "fast")

    assert figure(fast) > 0.6
    assert right_of_waiting(task, fast) >= 0.75
    staged = [loading.load(one).staged for one in (full, fast)]
    assert len({one.inner.encoder_sha256 for one in staged if one}) == 1
    shown = card_json(fast, names=False)
    assert "Pattern: answered from the part of the image" in shown["purpose"]["is"]
    assert "never about what a reader marked" in markdown(shown)

    publish(task, {key: of for key, of in PATTERN.items() if key != "crop"})
    _, whole = train(task, "fast")
    assert figure(whole) < 0.5


def test_of_a_stack_each_site_is_cut_from_the_slice_that_shows_it() -> None:
    staged = two_stages(shared=True).staged
    assert staged is not None
    places = [Place("1.2", frame, 200, 300, stack="a") for frame in (1, 2, 3)]
    bag = tuple(
        Picture(7, 70, "f" * 64, True, 224, place, number) for number, place in enumerate(places)
    )
    hit = {"image": "1.2", "frame": 3, "box": [100, 50, 140, 70], "score": 0.4}

    medial, lateral = crops.cut(staged, bag, {"where@medial": {"hits": [hit]}})

    assert (medial.frame, medial.crop, medial.size) == (2, Crop(80, 20, 80), 64)
    # where nothing was found the whole of the first is read
    assert (lateral.frame, lateral.crop, lateral.size) == (0, None, 64)
    assert medial.key == f"{'f' * 64}-frame2-crop80,20,80-mirrored-{PREPARATION}-64"
    assert lateral.key == replace(bag[0], size=64).key


def test_a_run_that_is_killed_in_its_second_stage_goes_on_there() -> None:
    task = make_read_task({"train": 24, "tune": 8, "test": 12}, epochs=2, report_seconds=0.0)
    started = retrain(task, "full", "A test", None)
    words: list[str] = []

    def listening(running: Running, *, run_id: int, last: bool) -> Any:
        say = running.progress

        def progress(share: float, text: str, detail: Any = None) -> None:
            words.append(text)
            assert 0 <= share <= 1
            if not last and text == "Stage 2 of 2: Epoch 2 of 2":
                raise SystemExit
            say(share, text, detail)

        running.progress = progress  # type: ignore[method-assign,assignment]
        return body.train(running, run_id)

    with pytest.raises(SystemExit):
        run(started.job, lambda running, run_id: listening(running, run_id=run_id, last=False))
    assert "Stage 1 of 2: Epoch 2 of 2" in words
    assert (body.folder_of(started) / "crops" / "checkpoint.pt").is_file()
    words.clear()
    run(started.job, lambda running, run_id: listening(running, run_id=run_id, last=True))

    started.job.refresh_from_db()
    assert (started.job.state, started.job.error) == ("done", "")
    assert {text for text in words if "Epoch" in text} == {"Stage 2 of 2: Epoch 2 of 2"}
    assert not body.folder_of(started).exists()


def test_where_nobody_marks_anything_the_rest_is_learned_and_the_log_says_why() -> None:
    task, truth = make_cropped_task({"train": 24, "tune": 6, "test": 12}, **FULL)
    read_striped(task, make_reader(task), truth, boxes=False)

    done, model = train(task, "fast")

    assert loading.load(model).staged is None
    assert "pattern" not in model.metrics
    assert "fracture" in model.metrics
    log = [line["line"] for line in done.job.detail["log"]]
    assert any("too few cases show where (fractures)" in line for line in log)
