"""What heads read beside the images: the same columns in both runs, kept with the model."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from annotation.covariates import COVARIATES
from tests.training.engine_cases import FRACTURE, KL, answered, images_of
from training.engine.batches import Images
from training.engine.covariates import OPTIONS, Covariates
from training.engine.encoder import Encoder
from training.engine.evaluate import evaluate
from training.engine.examples import Example
from training.engine.fast import fit_fast
from training.engine.full import Settings, train_full
from training.engine.model import Model
from training.engine.pooling import Bags
from training.networks.resnet import resnet18

ENCODER = ("efficientnet_lite0", "a" * 64)
BONE_AGE: dict[str, Any] = {
    "key": "age",
    "kind": "number",
    "label": "Bone age",
    "unit": "months",
    "minimum": 0,
    "maximum": 240,
    "step": 1,
    "sites": [],
}
NAMES = ["sex", "age"]


def children(n: int, split: str, seed: int = 0) -> tuple[list[Example], NDArray[np.float32]]:
    """Bone ages that follow a feature of the embedding, and are half a year further in girls. Of some nothing is known."""
    rng = np.random.default_rng(seed)
    embedded = rng.normal(size=(n, 64)).astype(np.float32)
    found = []
    for number in range(n):
        sex, age = "FM"[number % 2], float(rng.uniform(2, 18))
        months = 100 + 10 * float(embedded[number, 0]) + (24 if sex == "F" else 0)
        beside = {} if number % 10 == 9 else {"sex": sex, "age": age}
        answers = {"age": answered(months)}
        name = f"{split}-{number}"
        found.append(Example(name, name, split, answers, "R", beside=beside))
    return found, embedded


def fitted(examples: list[Example], embedded: NDArray[np.float32], names: list[str]) -> Model:
    return fit_fast(
        [BONE_AGE],
        examples,
        embedded,
        encoder=ENCODER,
        seed=0,
        report=lambda _: None,
        covariates=names,
    )


def test_there_are_those_that_the_archive_tells() -> None:
    assert {name: of.options for name, of in COVARIATES.items()} == OPTIONS


def test_numbers_are_standardised_on_train_and_what_is_not_known_is_the_mean_and_says_so() -> None:
    told: list[dict[str, Any]] = [{"age": 10.0, "sex": "F"}, {"age": 30.0}, {"sex": "O"}]
    examples = [Example(str(n), str(n), "train", {}, "", beside=one) for n, one in enumerate(told)]
    examples.append(Example("test", "test", "test", {}, "", beside={"age": 90.0}))

    columns = Covariates.fitted(NAMES, examples).columns([one.beside for one in examples])

    assert columns is not None
    assert columns.tolist() == [
        [1, 0, 0, 0, -1, 0],
        [0, 0, 0, 1, 1, 0],
        [0, 0, 1, 0, 0, 1],
        [0, 0, 0, 1, 7, 0],
    ]


@pytest.mark.parametrize("ages", [[], [40.0, 40.0]])
def test_an_age_that_nobody_or_everybody_has_is_no_number_that_explodes(ages: list[float]) -> None:
    told = [{"age": age} for age in ages] or [{}]
    examples = [Example(str(n), str(n), "train", {}, "", beside=one) for n, one in enumerate(told)]

    columns = Covariates.fitted(["age"], examples).columns([{"age": 41.0}])

    assert columns is not None
    assert np.isfinite(columns).all()


def test_one_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no covariate 'weight'; known are sex, age"):
        Covariates.fitted(["weight"], [])


def test_the_fast_run_learns_what_the_images_do_not_show() -> None:
    (train, rows), (test, held) = children(200, "train"), children(100, "test", seed=1)
    told = [one.beside for one in test]

    with_them, without = fitted(train, rows, NAMES), fitted(train, rows, [])
    said = with_them.predict_embeddings(Bags(held, np.arange(101), told))
    known = [n for n, one in enumerate(test) if one.beside]

    def error(said: list[dict[str, Any]]) -> float:
        each = [abs(said[n]["age"]["value"] - test[n].answers["age"]["value"]) for n in known]
        return float(np.mean(each))

    assert error(said) < 0.6 * error(without.predict_embeddings(held))


def test_columns_are_held_back_little_however_many_features_the_embedding_has() -> None:
    train, rows = children(400, "train")
    model = fitted(train, np.tile(rows, (1, 10)), NAMES)

    girls, boys = model.heads["age"].weight[0, 640:642]

    assert girls - boys == pytest.approx(24, rel=0.2)


def test_a_saved_model_says_the_same_and_asks_for_what_it_reads(tmp_path: Path) -> None:
    train, rows = children(60, "train")
    bags = Bags(rows, np.arange(61), [one.beside for one in train])
    model = fitted(train, rows, NAMES)

    again = Model.load(*model.save(tmp_path))

    assert again.covariates == model.covariates
    assert again.predict_embeddings(bags) == model.predict_embeddings(bags)
    assert again.without([]).covariates == model.covariates
    with pytest.raises(ValueError, match="reads sex and age beside the images"):
        again.predict_embeddings(rows)


def test_a_case_is_told_the_same_in_any_company() -> None:
    train, rows = children(60, "train")
    model = fitted(train, rows, NAMES)
    told = [one.beside for one in train]

    together = model.predict_embeddings(Bags(rows, np.arange(61), told))
    alone = model.predict_embeddings(Bags(rows[7:8], np.arange(2), told[7:8]))

    assert alone == [together[7]]


def test_a_model_that_reads_none_is_as_it_was_whatever_is_told(tmp_path: Path) -> None:
    train, rows = children(60, "train")
    bare = [replace(one, beside={}) for one in train]

    model, before = fitted(train, rows, []), fitted(bare, rows, [])

    assert model.save(tmp_path) == before.save(tmp_path)
    assert "covariates" not in model.metadata()
    told = Bags(rows, np.arange(61), [one.beside for one in train])
    assert model.predict_embeddings(told) == model.predict_embeddings(rows)


def patients(n: int, split: str, start: int) -> list[Example]:
    """Grades, of which the pictures say nothing, and which go with the age."""
    grades = np.random.default_rng(start).integers(0, 3, n).tolist()
    return [
        Example(
            f"case-{start + k}",
            f"patient-{start + k}",
            split,
            {"kl": answered(grade), "fracture": answered("present" if grade else "absent")},
            "R",
            beside={"age": 40.0 + 15 * grade} if k % 8 else {},
        )
        for k, grade in enumerate(grades)
    ]


@pytest.mark.parametrize("images", ["first", "all"])
def test_a_full_run_reads_the_same_columns(tmp_path: Path, images: str) -> None:
    examples = patients(48, "train", 0) + patients(24, "tune", 100)
    blank = np.repeat(images_of(examples[:1]), len(examples), axis=0)
    settings = Settings(
        size=32, epochs=8, batch=8, lr=2e-3, threads=1, images=images, covariates=["age"]
    )
    torch.manual_seed(0)

    model = train_full(
        [KL, FRACTURE],
        examples,
        Images.single(blank, np.arange(len(blank))),
        settings,
        folder=tmp_path,
        report=lambda _: None,
        encoder=Encoder(resnet18(), "resnet18"),
    )

    assert model.covariates == Covariates.fitted(["age"], examples)
    rows = model.embed(blank)
    told = [one.beside for one in examples]
    said = model.predict_embeddings(Bags(rows, np.arange(len(rows) + 1), told))
    assert evaluate([KL], examples, said)["kl"]["qwk"]["value"] > 0.5
    again = Model.load(*model.save(tmp_path))
    assert again.predict_embeddings(Bags(rows, np.arange(len(rows) + 1), told)) == said
