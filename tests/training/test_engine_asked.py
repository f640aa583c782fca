"""What a model says by the form that it learned, as answers to the form of now."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from tests.training.engine_cases import KL, grade_prediction
from training.engine.asked import as_asked
from training.engine.gate import compare

CASES = 60
PATIENTS = [str(number) for number in range(CASES)]


def choice(*values: str, **more: Any) -> dict[str, Any]:
    options = [{"value": value, "label": value} for value in values]
    return {"key": "kind", "kind": "choice", "label": "Kind", "options": options, **more}


def sure_of(field: dict[str, Any], truth: Sequence[str]) -> list[dict[str, Any]]:
    """Predictions by the order of this field's options."""
    rng, names = np.random.default_rng(0), [one["value"] for one in field["options"]]
    found = []
    for value in truth:
        chances = rng.uniform(0, 0.1, len(names))
        chances[names.index(value)] += 3
        chances /= chances.sum()
        said = {"kind": "choice", "value": value, "probabilities": chances.tolist()}
        found.append({"kind": {**said, "uncertainty": 0.1}})
    return found


def test_a_choice_is_judged_by_its_options_whatever_their_order() -> None:
    before, now = choice("a", "b", "c"), choice("c", "a", "b")
    truth = ["abc"[number % 3] for number in range(CASES)]
    wrong = ["bca"[number % 3] for number in range(CASES)]

    said, other = as_asked([before], [now], sure_of(before, truth))

    assert other == []
    champion = [one["kind"] for one in said]
    challenger = [one["kind"] for one in sure_of(now, wrong)]
    found = compare(now, truth, challenger, champion, PATIENTS, seed=0)
    assert not found["passed"]
    assert found["code"] == "gate_worse"
    assert [one["probabilities"] for one in champion] == [
        one["kind"]["probabilities"] for one in sure_of_in_order(before, now, truth)
    ]


def sure_of_in_order(before: Any, now: Any, truth: Sequence[str]) -> list[dict[str, Any]]:
    """As sure_of, with each option's own chance moved to its place."""
    order = [[o["value"] for o in before["options"]].index(o["value"]) for o in now["options"]]
    found = sure_of(before, truth)
    for one in found:
        one["kind"]["probabilities"] = [one["kind"]["probabilities"][at] for at in order]
    return found


def test_of_many_the_value_is_named_in_the_order_of_now() -> None:
    before, now = choice("a", "b", "c", many=True), choice("c", "a", "b", many=True)
    said = {"kind": "choice", "value": ["a", "c"], "probabilities": [0.9, 0.1, 0.8]}

    [found], _ = as_asked([before], [now], [{"kind": said}])

    assert found["kind"] == {
        **said,
        "value": ["c", "a"],
        "probabilities": [0.8, 0.9, 0.1],
        "options": ["c", "a", "b"],
    }


@pytest.mark.parametrize("more", [("a", "b"), ("a", "b", "c", "d"), ("a", "b", "d")])
def test_with_other_options_it_is_no_answer(more: tuple[str, ...]) -> None:
    before = choice("a", "b", "c")

    said, other = as_asked([before, KL], [choice(*more), KL], sure_of(before, ["a", "b"]))

    assert (said, other) == ([{}, {}], ["kind"])


def test_with_other_grades_it_is_no_answer_and_the_other_fields_stand() -> None:
    before, more = choice("a", "b"), {**KL, "grades": [*KL["grades"], {"value": 5}]}
    [of] = sure_of(before, ["a"])
    said = {**of, "kl": grade_prediction(2)}

    assert as_asked([before, KL], [before, more], [said]) == ([of], ["kl"])
    assert as_asked([before, KL], [before, KL], [said]) == ([said], [])
