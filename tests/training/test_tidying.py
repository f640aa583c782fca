"""Which caches go: those that no version, start or form asks for, once nobody can be filling them."""

import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from annotation.models import Form
from tests.factories.annotation import make_task
from tests.factories.training import make_model
from training import tidying, weights
from training.engine.cache import ArrayCache
from training.engine.images import PREPARATION
from training.models import StartingWeights
from training.networks.weights import POINTER

pytestmark = pytest.mark.django_db
ROW = np.zeros((1, 4), dtype=np.float32)
LONG_AGO = 2 * tidying.OLD


@pytest.fixture
def caches(settings: Any, tmp_path: Path) -> Path:
    settings.CACHE_FOLDER = tmp_path / "cache"
    return tmp_path / "cache"


def cache(folder: Path, name: str, age: float = LONG_AGO) -> str:
    ArrayCache(folder, name, (4,), np.float32).put(["a"], ROW)
    at = time.time() - age
    for path in folder.glob(f"{name}.*"):
        os.utime(path, (at, at))
    return name


def names(folder: Path) -> set[str]:
    return {path.stem for path in folder.iterdir() if path.suffix != ".lock"}


def embeddings(folder: Path, letter: str, **options: Any) -> str:
    return cache(folder, f"embeddings-{letter * 64}", **options)


def test_what_versions_and_starts_look_with_stays_and_the_rest_goes(caches: Path) -> None:
    task = make_task()
    make_model(task, "retired", encoder="1" * 64)
    make_model(task, "current", encoder="2" * 64)
    make_model(task, "candidate", encoder="3" * 64)
    make_model(task, "refused", encoder="4" * 64)
    make_model(task, "deleted", encoder="5" * 64)
    StartingWeights.objects.create(task=task, name="A", network="resnet18", sha256="6" * 64)
    kept = {embeddings(caches, letter) for letter in "1236"}
    kept.add(cache(caches, f"maps-{'2' * 64}-{'f' * 64}-224"))
    gone = {embeddings(caches, letter) for letter in "45"}
    gone.add(cache(caches, f"maps-{'4' * 64}-{'f' * 64}-224"))
    size = sum(path.stat().st_size for path in caches.iterdir() if path.stem in gone)

    freed = tidying.tidy()

    assert names(caches) == kept
    assert freed == size > 0


def test_of_retired_versions_only_the_last_keeps_its_own(caches: Path) -> None:
    task = make_task()
    for number, letter in enumerate("12"):
        make_model(
            task, "retired", encoder=letter * 64, promoted_at=f"2026-01-0{number + 1}T00:00Z"
        )
    embeddings(caches, "1")
    last = embeddings(caches, "2")

    tidying.tidy()

    assert names(caches) == {last}


def test_what_looks_at_crops_and_the_published_start_stay(caches: Path) -> None:
    inner = {"model": {"staged": {"model": {"encoder_sha256": "7" * 64}}}}
    make_model(make_task(), "current", card=inner)
    weights.folder().mkdir(parents=True, exist_ok=True)
    (weights.folder() / POINTER).write_text("8" * 64)
    kept = {embeddings(caches, letter) for letter in "78"}

    tidying.tidy()

    assert names(caches) == kept


def test_pictures_stay_while_a_form_asks_for_their_size(caches: Path) -> None:
    task = make_task()
    form = task.forms.get()
    volume = {"images": "volume", "volume": {"spacing_mm": [3, 1, 1], "shape": [4, 8, 8]}}
    Form.objects.create(task=task, version=2, content={**form.content, "training": volume})
    crop = {**form.content["fields"][0], "crop": {"field": "where", "size": 96}}
    Form.objects.create(task=task, version=3, content={**form.content, "fields": [crop]})
    size = form.content["training"]["size"]
    kept = {cache(caches, f"images-{PREPARATION}-{one}") for one in (size, 96)}
    kept.add(cache(caches, "volumes-volume1-4x8x8-3x1x1"))
    cache(caches, f"images-{PREPARATION}-{size + 1}")
    cache(caches, f"images-v0-{size}")
    cache(caches, "volumes-volume1-4x8x9-3x1x1")

    tidying.tidy()

    assert names(caches) == kept


def test_what_a_run_may_be_filling_stays(caches: Path) -> None:
    fresh = embeddings(caches, "9", age=tidying.OLD / 2)

    assert tidying.tidy() == 0
    assert names(caches) == {fresh}


def test_what_is_none_of_these_stays(caches: Path) -> None:
    other = cache(caches, "thumbnails-of-old")

    tidying.tidy()

    assert names(caches) == {other}


def test_who_opens_a_removed_cache_begins_it_anew(caches: Path) -> None:
    name = embeddings(caches, "9")

    tidying.tidy()

    assert ArrayCache(caches, name, (4,), np.float32).missing(["a"]) == ["a"]
