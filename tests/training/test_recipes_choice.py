from typing import Any

import numpy as np
import pytest
import torch
from sklearn.metrics import f1_score, roc_auc_score

from tests.training.engine_cases import answered
from training.recipes import choice

ONE: dict[str, Any] = {
    "key": "meniscus",
    "kind": "choice",
    "label": "Meniscus",
    "options": [{"value": name} for name in ("intact", "degeneration", "tear")],
}
MANY = {**ONE, "key": "zones", "many": True}
NAMES = choice.options(ONE)
PLAIN = {"temperature": 1.0}


def predicted(field: dict[str, Any], chances: np.ndarray) -> list[dict[str, Any]]:
    logits = np.log(chances / (1 - chances)) if field.get("many") else np.log(chances)
    return choice.decode(field, logits, PLAIN)


def test_targets_are_option_numbers_or_a_yes_and_no_for_each() -> None:
    one, known = choice.target(ONE, [answered("tear"), None, {"state": "not_assessable"}])
    many, _ = choice.target(MANY, [answered(["intact", "tear"]), answered([])])

    assert known.tolist() == [True, False, False]
    assert one[0] == 2
    assert many.tolist() == [[1, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize(("field", "value"), [(ONE, "torn"), (MANY, ["torn"]), (MANY, "tear")])
def test_an_answer_that_is_no_option_is_refused(field: dict[str, Any], value: Any) -> None:
    with pytest.raises(ValueError, match="none of the options"):
        choice.target(field, [answered(value)])


def test_one_option_has_shares_and_many_have_chances_of_their_own() -> None:
    logits = np.array([[2.0, 2.0, -2.0]])

    assert choice.probabilities(ONE, logits, PLAIN).sum() == pytest.approx(1)
    assert choice.probabilities(MANY, logits, PLAIN)[0, :2] == pytest.approx([0.88, 0.88], abs=0.01)


def test_of_many_the_likely_ones_are_chosen_and_one_at_least() -> None:
    logits = np.array([[2.0, 2.0, -2.0], [-2.0, -1.0, -2.0]])

    assert [one["value"] for one in choice.decode(MANY, logits, PLAIN)] == [
        ["intact", "degeneration"],
        ["degeneration"],
    ]
    assert choice.decode({**MANY, "may_be_empty": True}, logits, PLAIN)[1]["value"] == []


def test_uncertainty_goes_from_sure_to_torn() -> None:
    for field in (ONE, MANY):
        sure, torn = choice.decode(field, np.array([[20.0, -20.0, -20.0], [0, 0, 0]]), PLAIN)
        assert sure["uncertainty"] < 0.01
        assert torn["uncertainty"] == pytest.approx(1)


def test_loss_is_least_at_the_truth() -> None:
    logits, weights = torch.tensor([[3.0, -3.0, -3.0]]), torch.ones(3)

    assert choice.loss(logits, torch.tensor([0]), weights) < choice.loss(
        logits, torch.tensor([1]), weights
    )
    assert choice.loss(logits, torch.tensor([[1, 0, 0]]), weights) < choice.loss(
        logits, torch.tensor([[1, 1, 0]]), weights
    )


def test_calibration_cools_an_overconfident_head() -> None:
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 3, 400)
    logits = 8 * (np.eye(3)[targets] + generator.normal(size=(400, 3)))

    assert choice.calibrate(ONE, logits, targets)["temperature"] > 2


def test_figures_match_their_definitions() -> None:
    generator = np.random.default_rng(0)
    truth = generator.integers(0, 3, 200)
    chances = generator.dirichlet(np.ones(3), 200) + np.eye(3)[truth] * 0.4
    chances /= chances.sum(1, keepdims=True)
    values, patients = [NAMES[k] for k in truth], [str(n // 2) for n in range(200)]

    found = choice.metrics(values, predicted(ONE, chances), patients, 0, field=ONE)

    decided = chances.argmax(1)
    assert found["auc"]["value"] == pytest.approx(
        np.mean([roc_auc_score(truth == k, chances[:, k]) for k in range(3)])
    )
    assert found["auc"]["low"] < found["auc"]["value"] < found["auc"]["high"]
    assert found["macro_f1"]["value"] == pytest.approx(f1_score(truth, decided, average="macro"))
    assert found["accuracy"]["value"] == pytest.approx((truth == decided).mean())
    assert np.trace(found["confusion"]) == (truth == decided).sum()
    assert found["per_option"][2]["sensitivity"]["value"] == pytest.approx(
        (decided[truth == 2] == 2).mean()
    )
    assert (found["n"], found["n_patients"]) == (200, 100)


def test_figures_of_many_match_their_definitions() -> None:
    generator = np.random.default_rng(0)
    truth = generator.random((150, 3)) < 0.4
    chances = np.clip(generator.random((150, 3)) * 0.6 + truth * 0.3, 0.01, 0.99)
    values = [[NAMES[k] for k in np.flatnonzero(row)] for row in truth]
    field = {**MANY, "may_be_empty": True}

    found = choice.metrics(
        values, predicted(field, chances), [str(n) for n in range(150)], 0, field=field
    )

    decided = chances >= 0.5
    assert found["macro_f1"]["value"] == pytest.approx(f1_score(truth, decided, average="macro"))
    assert found["accuracy"]["value"] == pytest.approx((truth == decided).all(1).mean())
    assert found["auc"]["value"] == pytest.approx(
        np.mean([roc_auc_score(truth[:, k], chances[:, k]) for k in range(3)])
    )


def test_an_option_that_never_occurs_takes_no_part() -> None:
    chances = np.array([[0.8, 0.1, 0.1], [0.1, 0.1, 0.8]] * 5)
    values = ["intact", "tear"] * 5

    found = choice.metrics(
        values, predicted(ONE, chances), [str(n) for n in range(10)], 0, field=ONE
    )

    assert found["auc"]["value"] == 1
    assert found["macro_f1"]["value"] == 1
    assert found["per_option"][1]["sensitivity"]["value"] is None
    assert choice.metrics([], [], [], field=ONE)["n"] == 0


@pytest.mark.parametrize("field", [ONE, MANY])
@pytest.mark.parametrize(
    "broken", [None, [0.5], [0.2, 0.2, float("nan")], [2.0, -0.5, -0.5], "abc"]
)
def test_damaged_numbers_are_seen(field: dict[str, Any], broken: Any) -> None:
    good = choice.decode(field, np.array([[0.0, 1.0, 2.0]]), PLAIN)[0]

    assert choice.sound(field, good)
    assert not choice.sound(field, {**good, "probabilities": broken})
