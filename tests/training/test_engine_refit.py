"""Heads fitted anew at the end of a full run."""

import numpy as np
import pytest

from tests.training.engine_cases import KL, graded, grades, images_of
from training.engine.batches import Images
from training.engine.encoder import Encoder
from training.engine.examples import Example
from training.engine.fast import LARGE_TUNE
from training.engine.labels import collect
from training.engine.model import Head, Model
from training.engine.pooling import Attention
from training.engine.refit import refitted

EXAMPLES = (
    graded(grades(60, classes=3))
    + graded(grades(LARGE_TUNE, seed=1, classes=3), "tune", start=100)
    + graded(grades(8, seed=2, classes=3), "test", start=400)
)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return Encoder.imagenet(tmp_path_factory.mktemp("weights"))


def same_of_all(encoder: Encoder, pooling: Attention | None = None) -> Model:
    """A model that gives every knee the same grade."""
    head = Head(np.zeros((4, encoder.width), np.float32), np.zeros(4, np.float32), {})
    return Model([KL], {"kl": head}, encoder=encoder, size=32, pooling=pooling)


def refit(model: Model, examples: list[Example] = EXAMPLES) -> dict[str, Head]:
    images = Images.single(images_of(examples), np.arange(len(examples)))
    labels = collect([KL], examples, {"train"})
    return refitted(model, labels, examples, images, lambda: None)


def test_heads_that_answer_better_take_the_place_of_the_models_own(encoder: Encoder) -> None:
    model = same_of_all(encoder)
    found = refit(model)

    assert found.keys() == {"kl"}
    model.heads.update(found)
    assert refit(model) == {}  # what is as good stays


def test_without_enough_cases_to_choose_by_nothing_changes(encoder: Encoder) -> None:
    few = [one for one in EXAMPLES if one.key != "case-100"]

    assert refit(same_of_all(encoder), few) == {}


def test_of_pictures_that_the_model_weighs_nothing_changes(encoder: Encoder) -> None:
    none = np.zeros((2, encoder.width), np.float32)

    assert refit(same_of_all(encoder, Attention(["kl"], none, none, none[:, :2]))) == {}
