from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.training.engine_cases import FRACTURE, KL, answered, embeddings_of, graded, grades
from training.engine.encoder import Encoder
from training.engine.evaluate import evaluate
from training.engine.examples import Example
from training.engine.fast import fit_fast
from training.engine.model import Model
from training.networks import NETWORKS
from training.networks.efficientnet_lite import HEAD_CHANNELS

OPTIONS = ["anterior", "body", "posterior"]
PART: dict[str, Any] = {
    "key": "part",
    "kind": "choice",
    "label": "Part",
    "options": [{"value": name} for name in OPTIONS],
}
ENCODER = ("efficientnet_lite0", "a" * 64)


def fit(
    examples: list[Example], embeddings: np.ndarray, fields: list[dict[str, Any]] | None = None
) -> Model:
    return fit_fast(
        fields or [KL], examples, embeddings, encoder=ENCODER, seed=0, report=lambda _: None
    )


def test_heads_learn_grades_of_unseen_patients() -> None:
    train = graded(grades(200))
    test = graded(grades(100, seed=1), "test", start=1000)

    model = fit(train, embeddings_of(train))
    found = evaluate([KL], test, model.predict_embeddings(embeddings_of(test, seed=1)))

    assert found["kl"]["qwk"]["value"] > 0.8
    assert model.encoder_sha256 == "a" * 64


def test_calibrated_chances_are_as_good_as_they_say() -> None:
    train = graded(grades(400))
    test = graded(grades(400, seed=1), "test", start=1000)

    predictions = fit(train, embeddings_of(train)).predict_embeddings(embeddings_of(test, seed=1))

    sure = np.array([max(one["kl"]["probabilities"]) for one in predictions])
    right = [
        int(np.argmax(one["kl"]["probabilities"])) == case.answers["kl"]["value"]
        for one, case in zip(predictions, test, strict=True)
    ]
    assert sure.mean() == pytest.approx(np.mean(right), abs=0.08)


def test_the_same_seed_gives_the_same_heads() -> None:
    examples = graded(grades(60))
    embeddings = embeddings_of(examples)

    one, two = fit(examples, embeddings), fit(examples, embeddings)

    assert (one.heads["kl"].weight == two.heads["kl"].weight).all()
    assert one.heads["kl"].calibration == two.heads["kl"].calibration


@pytest.mark.parametrize("values", [[0, 4] * 5, [0, 0, 0, 0, 0, 0, 0, 0, 0, 3]])
def test_ten_labels_and_missing_grades_suffice(values: list[int]) -> None:
    examples = graded(values)

    predictions = fit(examples, embeddings_of(examples)).predict_embeddings(
        embeddings_of(examples, seed=2)
    )

    assert all(np.isfinite(one["kl"]["probabilities"]).all() for one in predictions)


def test_too_little_to_learn_from_is_said() -> None:
    same, few = graded([2] * 20), graded([0, 1, 2])

    with pytest.raises(ValueError, match="two different answers"):
        fit(same, embeddings_of(same))
    with pytest.raises(ValueError, match="Fewer than 10"):
        fit(few, embeddings_of(few))


def test_a_large_tune_split_alone_calibrates() -> None:
    train, tune = graded(grades(100)), graded(grades(120, seed=3), "tune", start=500)
    # As after a full run: the encoder knows the training cases by heart and overstates how sure one may be.
    embeddings = np.concatenate([embeddings_of(train, 0.3), embeddings_of(tune, 3)])

    model = fit(train + tune, embeddings)

    by_heart = fit(train, embeddings[:100]).heads["kl"].calibration["temperature"]
    assert model.heads["kl"].calibration["temperature"] > 1.5 * by_heart


def test_what_the_encoder_knows_by_heart_calibrates_nothing() -> None:
    train, tune = graded(grades(100)), graded(grades(60, seed=3), "tune", start=500)
    embeddings = np.concatenate([embeddings_of(train, 0.3), embeddings_of(tune, 3)])

    def temperature(*, by_heart: bool) -> float:
        told: dict[str, Any] = {"encoder": ("none", "e" * 64), "report": lambda _: None, "seed": 0}
        model = fit_fast([KL], train + tune, embeddings, by_heart=by_heart, **told)
        return float(model.heads["kl"].calibration["temperature"])

    assert temperature(by_heart=True) > 1.2 * temperature(by_heart=False)


def test_of_embeddings_without_sides_no_sides_are_learned() -> None:
    examples, sides = graded(grades(40)), ["jsn@medial", "jsn@lateral"]
    encoder = Encoder(NETWORKS["efficientnet_lite0"](), both_ways=True)
    sided = {**KL, "key": "jsn", "sites": ["medial", "lateral"]}
    examples = [
        replace(one, answers={**one.answers, **dict.fromkeys(sides, one.answers["kl"])})
        for one in examples
    ]

    def learned(encoder: Any) -> list[str]:
        told: dict[str, Any] = {"report": lambda _: None, "seed": 0}
        return [
            *fit_fast([KL, sided], examples, embeddings_of(examples), encoder=encoder, **told).heads
        ]

    assert learned(encoder) == ["kl"]
    assert learned(("none", "e" * 64)) == ["kl", *sides]


def test_test_cases_change_nothing() -> None:
    train, test = graded(grades(40)), graded(grades(40, seed=1), "test", start=500)
    embeddings = embeddings_of(train + test)

    with_test, without = fit(train + test, embeddings), fit(train, embeddings[:40])

    assert (with_test.heads["kl"].weight == without.heads["kl"].weight).all()


def test_presence_is_learned_beside_the_grade() -> None:
    examples = [
        Example(
            e.key,
            e.patient,
            e.split,
            {**e.answers, "fracture": answered(("absent", "present")[n % 2])},
            "R",
        )
        for n, e in enumerate(graded(grades(80)))
    ]
    embeddings = embeddings_of(examples)
    embeddings[1::2, 100:120] += 2

    model = fit(examples, embeddings, [KL, FRACTURE])
    found = evaluate([KL, FRACTURE], examples, model.predict_embeddings(embeddings))

    assert found["fracture"]["auc"]["value"] > 0.95


def test_rows_that_do_not_fit_are_refused() -> None:
    examples = graded(grades(20))

    with pytest.raises(ValueError, match="as many embeddings"):
        fit(examples, np.zeros((19, HEAD_CHANNELS), dtype=np.float32))
    with pytest.raises(ValueError, match="not finite"):
        fit(examples, np.full((20, HEAD_CHANNELS), np.nan, dtype=np.float32))


def of_kind(field: dict[str, Any], values: list[Any], split: str, start: int) -> list[Example]:
    return [
        Example(f"case-{n}", f"patient-{n}", split, {field["key"]: answered(value)}, "")
        for n, value in enumerate(values, start)
    ]


def signals(numbers: np.ndarray, seed: int) -> np.ndarray:
    """(N, width): noise, in which a few features of each column of `numbers` (N, K) rise with it."""
    found = np.random.default_rng(seed).normal(size=(len(numbers), HEAD_CHANNELS))
    for k in range(numbers.shape[1]):
        found[:, 20 * k : 20 * (k + 1)] += numbers[:, k : k + 1]
    return found.astype(np.float32)


def test_options_without_an_order_are_learned() -> None:
    drawn = np.random.default_rng(0).integers(0, 3, 400)
    cases = [OPTIONS[k] for k in drawn]
    train, test = of_kind(PART, cases[:250], "train", 0), of_kind(PART, cases[250:], "test", 250)
    embeddings = signals(2 * np.eye(3)[drawn], 0)

    model = fit(train, embeddings[:250], [PART])
    found = evaluate([PART], test, model.predict_embeddings(embeddings[250:]))

    assert found["part"]["auc"]["value"] > 0.9
    assert found["part"]["macro_f1"]["value"] > 0.7


def test_any_of_several_options_are_learned() -> None:
    chosen = np.random.default_rng(0).random((400, 3)) < 0.4
    cases = [[OPTIONS[k] for k in np.flatnonzero(row)] for row in chosen]
    field = {**PART, "many": True, "may_be_empty": True}
    train, test = of_kind(field, cases[:250], "train", 0), of_kind(field, cases[250:], "test", 250)
    embeddings = signals(2.0 * chosen, 0)

    model = fit(train, embeddings[:250], [field])
    found = evaluate([field], test, model.predict_embeddings(embeddings[250:]))

    assert found["part"]["auc"]["value"] > 0.9


@pytest.mark.parametrize("scale", [1, 100])
def test_numbers_are_learned_whatever_their_unit(scale: int) -> None:
    drawn = np.random.default_rng(0).integers(0, 11, 400)
    field = {
        "key": "space",
        "kind": "number",
        "minimum": 0,
        "maximum": 10 * scale,
        "step": scale,
        "label": "Space",
        "unit": "mm",
    }
    cases = (drawn * scale).tolist()
    train, test = of_kind(field, cases[:250], "train", 0), of_kind(field, cases[250:], "test", 250)
    embeddings = signals(drawn[:, None] / 3, 0)

    model = fit(train, embeddings[:250], [field])
    found = evaluate([field], test, model.predict_embeddings(embeddings[250:]))

    assert found["space"]["r2"]["value"] > 0.7
    assert found["space"]["coverage"]["value"] == pytest.approx(0.9, abs=0.08)
