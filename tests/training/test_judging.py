from dataclasses import replace
from typing import Any

from tests.training.engine_cases import KL, answered, grade_prediction, graded, grades
from training.engine.examples import Example
from training.judging import verdict

REQUIRED: dict[str, Any] = {**KL, "required": True}
JSN: dict[str, Any] = {**KL, "key": "jsn", "sites": ["medial"]}
FIELDS = [REQUIRED, JSN]


def judged(count: int) -> tuple[list[Example], list[dict[str, Any]]]:
    """Forty test patients whose grade is predicted well; so many of them also have their joint space graded."""
    examples = graded(grades(80), "test")
    examples = [
        replace(one, answers={**one.answers, "jsn@medial": answered(n % 2)}) if n < count else one
        for n, one in enumerate(examples)
    ]
    predicted = [
        {"kl": grade_prediction(one.answers["kl"]["value"]), "jsn@medial": grade_prediction(n % 5)}
        for n, one in enumerate(examples)
    ]
    return examples, predicted


def test_an_optional_field_that_the_test_cannot_judge_holds_nothing_back_and_is_left_out() -> None:
    examples, predicted = judged(4)

    found = verdict(FIELDS, examples, predicted, None, seed=0)

    assert found["passed"]
    assert found["left_out"] == ["jsn@medial"]
    assert set(found["slots"]) == {"kl"}


def test_what_the_current_version_answers_must_not_get_lost() -> None:
    examples, predicted = judged(4)

    found = verdict(FIELDS, examples, predicted, predicted, seed=0)

    assert not found["passed"]
    assert found["left_out"] == []


def test_what_is_not_proven_holds_nothing_back_that_is_and_is_not_answered() -> None:
    examples, predicted = judged(80)
    fields = [REQUIRED, {**JSN, "required": True}]
    for n, one in enumerate(predicted):
        one["jsn@medial"] = grade_prediction(n % 3)
    before = [{"kl": one["kl"]} for one in predicted]

    first, next_one, worse = (
        verdict(fields, examples, predicted, current, seed=0)
        for current in (None, before, [{**one} for one in predicted])
    )

    assert (first["passed"], first["left_out"]) == (True, ["jsn@medial"])
    assert (next_one["passed"], next_one["left_out"]) == (True, ["jsn@medial"])
    assert worse["left_out"] == []  # the current one answers it


def test_a_required_field_that_does_not_pass_is_not_made_up_for_by_an_optional_one() -> None:
    examples, predicted = judged(80)
    for n, (one, example) in enumerate(zip(predicted, examples, strict=True)):
        one["kl"] = grade_prediction(n % 5)
        one["jsn@medial"] = grade_prediction(example.answers["jsn@medial"]["value"])

    found = verdict(FIELDS, examples, predicted, None, seed=0)

    assert not found["passed"]
    assert found["left_out"] == []
    assert found["slots"]["jsn@medial"]["passed"]


def test_an_optional_field_alone_is_judged_like_any_other() -> None:
    examples, predicted = judged(4)
    alone = [{"jsn@medial": one["jsn@medial"]} for one in predicted]

    found = verdict([JSN], examples, alone, None, seed=0)

    assert not found["passed"]
    assert set(found["slots"]) == {"jsn@medial"}
