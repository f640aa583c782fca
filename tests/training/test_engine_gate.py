from typing import Any

import numpy as np
import pytest

from tests.training.engine_cases import (
    FRACTURE,
    KL,
    answered,
    grade_prediction,
    graded,
    presence_prediction,
)
from training.engine.examples import Example, check_no_leak
from training.engine.gate import compare

TRUTH = np.random.default_rng(0).integers(0, 5, 200).tolist()
PATIENTS = [f"patient-{n // 2}" for n in range(200)]


def reader(error: float, seed: int) -> list[dict[str, Any]]:
    """Predictions that are off by one grade in a share of the cases."""
    generator = np.random.default_rng(seed)
    off = (generator.random(200) < error) * generator.choice([-1, 1], 200)
    return [grade_prediction(int(v)) for v in np.clip(np.array(TRUTH) + off, 0, 4)]


def ask(challenger: Any, champion: Any, **more: Any) -> dict[str, Any]:
    given = {"y_true": TRUTH, "patients": PATIENTS, "seed": 0} | more
    return compare(KL, given.pop("y_true"), challenger, champion, given.pop("patients"), **given)


def test_a_better_version_passes_and_a_worse_one_does_not() -> None:
    good, poor = reader(0.2, 1), reader(0.9, 2)

    better, worse = ask(good, poor), ask(poor, good)

    assert better["passed"]
    assert better["delta"]["low"] > 0
    assert better["metric"] == "qwk"
    assert (better["n"], better["n_patients"]) == (200, 100)
    assert not worse["passed"]
    assert worse["delta"]["high"] < 0
    assert "current version stays" in worse["reason"]


def test_the_same_predictions_pass_as_not_worse() -> None:
    same = reader(0.4, 1)

    verdict = ask(same, same)

    assert verdict["passed"]
    assert verdict["delta"] == {"value": 0, "low": 0, "high": 0}


def test_the_verdict_is_the_same_for_the_same_seed() -> None:
    assert ask(reader(0.3, 1), reader(0.4, 2)) == ask(reader(0.3, 1), reader(0.4, 2))


def test_a_first_version_must_be_above_chance() -> None:
    generator = np.random.default_rng(3)
    guessing = [grade_prediction(int(v)) for v in generator.integers(0, 5, 200)]

    assert ask(reader(0.5, 1), None)["passed"]
    assert not ask(guessing, None)["passed"]


def test_a_small_test_never_passes_and_says_how_many_are_lacking() -> None:
    verdict = ask(reader(0, 1)[:14], None, y_true=TRUTH[:14], patients=PATIENTS[:14])

    assert not verdict["passed"]
    assert "3 more" in verdict["reason"]


def test_presence_is_judged_by_auc() -> None:
    truth = ["present" if n % 3 == 0 else "absent" for n in range(60)]
    good = [presence_prediction(0.8 if one == "present" else 0.3) for one in truth]
    patients = [str(n) for n in range(60)]

    verdict = compare(FRACTURE, truth, good, None, patients, seed=0)

    assert verdict["passed"]
    assert verdict["metric"] == "auc"


def broken(change: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**reader(0, 1)[0], **change}, *reader(0, 1)[1:]]


@pytest.mark.parametrize(
    "challenger",
    [
        broken({"probabilities": [float("nan")] * 5}),
        broken({"probabilities": [0.5, 0.5]}),
        broken({"probabilities": [0.9, 0.9, 0.9, 0.9, 0.9]}),
        broken({"value": 9}),
        broken({"value": None}),
        broken({"kind": "presence"}),
        reader(0, 1)[:-1],
        [],
        [{}] * 200,
    ],
)
def test_damaged_predictions_never_pass(challenger: list[dict[str, Any]]) -> None:
    for champion in (None, reader(0.9, 2)):
        verdict = ask(challenger, champion)
        assert verdict["passed"] is False
        assert verdict["reason"].endswith(".")


def test_nothing_labelled_one_answer_or_a_case_counted_twice_never_passes() -> None:
    perfect = reader(0, 1)

    assert not ask([], None, y_true=[], patients=[])["passed"]
    assert not ask([grade_prediction(2)] * 200, None, y_true=[2] * 200)["passed"]
    assert not ask(perfect, None, keys=["same"] * 200)["passed"]
    assert not ask(perfect, None, y_true=[None] * 200)["passed"]
    assert ask(perfect, None, keys=[str(n) for n in range(200)])["passed"]


def test_a_test_patient_among_the_training_cases_is_a_leak() -> None:
    train, test = graded([1, 2, 3]), graded([1, 2], "test", start=10)
    check_no_leak(train + test)
    leaked = Example("another", train[0].patient, "test", {"kl": answered(1)}, "L")

    with pytest.raises(ValueError, match="must be in one split"):
        check_no_leak([*train, leaked])
    with pytest.raises(ValueError, match="stands twice"):
        check_no_leak([*train, train[0]])
