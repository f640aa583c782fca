"""Sets of grades that hold the truth as often as they promise."""

import numpy as np
import pytest

from training.recipes import grade, sets
from training.recipes.statistics import Floats, Ints

FIELD = {"key": "kl", "kind": "grade", "grades": [{"value": n} for n in range(5)]}


def drawn(cases: int, seed: int) -> tuple[Floats, Ints]:
    """Chances of five classes and truths drawn from quite other ones: the chances are not to be trusted."""
    generator = np.random.default_rng(seed)
    chances = generator.dirichlet(np.full(5, 0.5), size=cases)
    honest = (chances + 0.4) / (chances + 0.4).sum(1, keepdims=True)
    truth = (honest.cumsum(1) < generator.random((cases, 1))).sum(1)
    return chances, truth.astype(np.int64)


@pytest.mark.parametrize("seed", range(5))
def test_the_promise_holds_although_the_chances_are_wrong(seed: int) -> None:
    held_out, classes = drawn(1000, seed)
    mass = sets.mass(held_out, classes)
    assert mass is not None
    new, truth = drawn(4000, seed + 100)

    low, high = sets.grown(new, mass)

    # Coverage of one calibration set of 1,000 varies by about a point.
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(sets.COVERAGE, abs=0.035)
    likeliest = new.argmax(1)
    assert ((low <= likeliest) & (likeliest <= high)).all()


def test_a_set_grows_to_the_likelier_neighbour() -> None:
    chances = np.array([[0.05, 0.3, 0.4, 0.2, 0.05]])

    assert [
        tuple(map(int, np.concatenate(sets.grown(chances, mass)))) for mass in (0.1, 0.4, 0.7)
    ] == [
        (2, 2),
        (1, 2),
        (1, 3),
    ]
    assert tuple(map(int, np.concatenate(sets.grown(chances, 1.0)))) == (0, 4)


def test_too_few_cases_promise_nothing() -> None:
    chances, classes = drawn(sets.LEAST - 1, 0)

    assert sets.mass(chances, classes) is None


def test_a_predicted_grade_says_its_set_and_figures_say_whether_it_held() -> None:
    generator = np.random.default_rng(0)
    classes = generator.integers(0, 5, 400)
    logits = 2.0 * (classes[:, None] - np.arange(4)[None, :] - 0.5) + generator.normal(
        0, 2, (400, 1)
    )
    calibration = grade.calibrate(FIELD, logits[:200], classes[:200])

    predictions = grade.decode(FIELD, logits[200:], calibration)

    first = predictions[0]
    assert first["low"] <= int(np.argmax(first["probabilities"])) <= first["high"]
    assert first["level"] == sets.COVERAGE
    patients = [str(n) for n in range(200)]
    figures = grade.metrics(classes[200:].tolist(), predictions, patients, field=FIELD)
    inside = [
        one["low"] <= c <= one["high"] for one, c in zip(predictions, classes[200:], strict=True)
    ]
    assert figures["coverage"]["value"] == pytest.approx(np.mean(inside))
    assert figures["coverage"]["low"] <= sets.COVERAGE <= figures["coverage"]["high"]


def test_a_set_that_leaves_its_grade_out_is_not_sound() -> None:
    good = {
        "probabilities": [0.1, 0.2, 0.5, 0.1, 0.1],
        "value": 2,
        "low": 1,
        "high": 3,
        "level": 0.9,
    }

    assert grade.sound(FIELD, good)
    assert not grade.sound(FIELD, {**good, "low": 3})
    assert not grade.sound(FIELD, {**good, "high": float("nan")})
