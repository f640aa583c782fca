from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from tests.training.engine_cases import (
    FRACTURE,
    KL,
    answered,
    grade_prediction,
    graded,
    presence_prediction,
)
from training.engine.examples import Example, check_no_leak
from training.engine.gate import LIKELY, MARGIN, compare, judge_difference
from training.recipes import RECIPES
from training.recipes.placed import Placed
from training.recipes.statistics import Floats

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


def with_errors(count: int) -> list[dict[str, Any]]:
    """Predictions for 2,000 cases with grades 0 to 4 in turn; the first `count` are off by one grade."""
    off = [1 if n < count else 0 for n in range(2000)]
    return [grade_prediction(abs(n % 5 - wrong)) for n, wrong in enumerate(off)]


@pytest.mark.parametrize(("errors", "passed"), [(100, True), (160, False)])
def test_on_a_large_test_a_version_may_be_worse_by_the_margin_at_the_most(
    errors: int, passed: bool
) -> None:
    truth, patients = [n % 5 for n in range(2000)], [str(n) for n in range(2000)]

    verdict = ask(with_errors(errors), with_errors(0), y_true=truth, patients=patients)

    # QWK -0.0125, at the worst -0.015; and QWK -0.0200, at the worst -0.023
    assert verdict["delta"]["value"] == pytest.approx(-errors / 8000, rel=0.02)
    assert (verdict["passed"], verdict["provisional"]) == (passed, False)


def spread(delta: float, error: float) -> Floats:
    """What a bootstrap gives for a difference with this standard error."""
    rounds: Floats = norm.ppf((np.arange(2000) + 0.5) / 2000, delta, error)
    return rounds


@pytest.mark.parametrize(
    ("delta", "error", "passed", "provisional"),
    [
        (-0.009, 0.005, True, False),  # a large test: lower bound -0.019
        (-0.012, 0.005, False, False),  # -0.022: not worse is not shown
        (0.001, 0.010, True, False),  # half the width just below the margin
        (-0.001, 0.010, False, False),
        (0.001, 0.011, True, True),  # and just above it: the two rules meet
        (-0.001, 0.011, False, False),
        (0.023, 0.050, True, True),  # a small test: 20 % of the resamples beyond the margin
        (0.020, 0.050, False, False),
        (0.030, 0.100, False, False),  # better, but what the test says is mostly chance
        (0.066, 0.100, True, True),
        (0.200, 0.100, True, False),  # clearly better, however small the test
        (-0.005, 0.050, False, False),  # never provisionally worse
        (-0.245, 0.100, False, False),  # worse, however small the test
    ],
)
def test_a_small_test_lets_pass_only_what_is_probably_within_the_margin(
    delta: float, error: float, passed: bool, provisional: bool
) -> None:
    verdict = judge_difference("QWK", delta, spread(delta, error), 200)

    assert verdict.get("passed", False) is passed
    assert verdict.get("provisional", False) is provisional
    if provisional:
        assert "too small" in verdict["reason"]
    assert verdict["reason"].startswith("Worse: ") is (verdict["delta"]["high"] < 0)
    assert "QWK" in verdict["reason"]
    told = verdict["parameters"]
    assert {name: told[name] for name in ("value", "low", "high")} == verdict["delta"]
    assert f"QWK {told['value']:+.3f}" in verdict["reason"]


@pytest.mark.parametrize(("patients", "provisional"), [(10, True), (149, True), (150, False)])
def test_versions_that_answer_a_small_test_alike_are_not_shown_to_be_alike(
    patients: int, provisional: bool
) -> None:
    truth, of = (TRUTH * 2)[:patients], [f"patient-{n}" for n in range(patients)]
    said = (reader(0.2, 1) * 2)[:patients]

    verdict = ask(said, said, y_true=truth, patients=of)

    assert verdict["delta"] == {"value": 0, "low": 0, "high": 0}
    assert (verdict["passed"], verdict["provisional"]) == (True, provisional)
    assert ("too small" in verdict["reason"]) is provisional


def test_the_rule_is_the_one_that_the_documents_name() -> None:
    assert (MARGIN, LIKELY) == (0.02, 0.8)


def test_the_gate_and_the_model_card_say_the_same_interval() -> None:
    predicted = reader(0.5, 1)

    gate = ask(predicted, None, seed=3)
    card = RECIPES["grade"].metrics(TRUTH, predicted, PATIENTS, 3, field=KL)["qwk"]

    said = f"QWK {card['value']:.2f} (95 % interval {card['low']:.2f} to {card['high']:.2f})"
    assert said in gate["reason"]


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
    assert (verdict["code"], verdict["parameters"]) == ("gate_few", {"patients": 3})


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


OUTLINE = {"key": "cyst", "kind": "polygon", "label": "Cyst", "sites": []}
CASES = [f"p{n}" for n in range(20)]


def area(
    left: float, right: float, segment: str = "", score: float | None = None
) -> dict[str, Any]:
    points = [[left, 0.0], [right, 0.0], [right, 50.0], [left, 50.0]]
    columns, rows = int(left), range(50)
    runs = [part for row in rows for part in (row * 100 + columns, int(right - left))]
    shape = {"segment": segment, "rows": 50, "columns": 100, "runs": runs}
    item = {"image": "a", "frame": 1, **(shape if segment else {"points": points})}
    return item if score is None else {**item, "score": score}


def found(kind: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"kind": kind, "value": list(items), "pixels": {"a": 100 * 50}}


def test_whoever_marks_the_whole_picture_has_not_learned_where() -> None:
    """Each finding takes two fifths of it, so that all of it has a Dice of 0.57."""
    truth = [[area(n, 38 + 2 * n)] for n in range(20)]
    whole = [found("polygon", area(0, 100, score=0.9)) for _ in truth]
    near = [found("polygon", area(n + 2, 40 + 2 * n, score=0.9)) for n in range(20)]

    refused, passed = (compare(OUTLINE, truth, said, None, CASES, seed=0) for said in (whole, near))

    assert (refused["code"], passed["code"]) == ("gate_first_unproven", "gate_first")
    assert refused["parameters"]["low"] > 0.5


def test_nor_who_marks_all_of_it_as_the_segment_that_is_nearly_everywhere() -> None:
    segments = [{"value": name, "label": name} for name in "abcd"]
    field = {**OUTLINE, "kind": "mask", "segments": segments}
    truth = [
        [area(0, 60 + n % 3, "a"), *(area(90 + at, 91 + at, of) for at, of in enumerate("bcd"))]
        for n in range(20)
    ]
    said = [found("mask", area(0, 100, "a", 0.9)) for _ in truth]

    verdict = compare(field, truth, said, None, CASES, seed=0)

    assert verdict["code"] == "gate_first_unproven"


def test_a_case_in_which_nothing_is_marked_is_one_that_marking_everything_gets_wrong() -> None:
    truth = [[area(0, 38 + n % 5)] if n % 2 else [] for n in range(20)]
    said = [found("polygon", area(0, 100, score=0.9)) for _ in truth]
    recipe = RECIPES["polygon"]
    assert isinstance(recipe, Placed)

    chance = recipe.chance(OUTLINE, truth, said)

    assert chance == pytest.approx(recipe.metrics(truth, said, CASES)["dice"]["value"])
    unread = [{**one, "pixels": {}} for one in said]
    assert recipe.chance(OUTLINE, truth, unread) == 0


def test_equal_areas_prove_as_much_as_there_are_patients_with_one() -> None:
    """Of 160 patients 12: those without say nothing of the Dice."""
    truth = [[area(0, 40)] if n < 12 else [] for n in range(160)]
    said = [found("polygon", *([area(0, 30, score=0.9)] if one else [])) for one in truth]

    verdict = compare(OUTLINE, truth, said, said, [f"p{n}" for n in range(160)], seed=0)

    assert (verdict["passed"], verdict["provisional"]) == (True, True)
