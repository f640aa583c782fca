"""A version that is better for most and worse for some does not pass."""

from typing import Any

import numpy as np

from tests.training.engine_cases import KL, answered, grade_prediction
from training.engine.examples import Example, slots
from training.engine.subgroups import LEAST_PATIENTS, worse_groups
from training.judging import verdict

[SLOT] = slots([KL])


def cases(n: int) -> tuple[list[int], list[str], list[dict[str, str]]]:
    truth = np.random.default_rng(0).integers(0, 5, n).tolist()
    groups = [{"sex": "F" if k % 4 == 0 else "M", "reader": "7"} for k in range(n)]
    return truth, [f"patient-{k}" for k in range(n)], groups


def predictions(truth: list[int], wrong: set[int]) -> list[dict[str, Any]]:
    return [
        grade_prediction((value + 2) % 5 if k in wrong else value) for k, value in enumerate(truth)
    ]


def test_a_group_that_lost_is_named_with_its_difference() -> None:
    truth, patients, groups = cases(200)
    women = set(range(0, 200, 4))
    before = predictions(truth, {k for k in range(200) if k % 4 == 1})  # a third of the men wrong
    new = predictions(truth, set(sorted(women)[:25]))

    [worse] = worse_groups(SLOT, truth, new, before, patients, groups, seed=0)

    assert (worse.by, worse.value, worse.patients) == ("sex", "F", 50)
    assert worse.difference < worse.highest < 0


def test_equal_models_are_worse_nowhere() -> None:
    truth, patients, groups = cases(200)
    same = predictions(truth, set(range(0, 200, 7)))

    assert worse_groups(SLOT, truth, same, same, patients, groups, seed=0) == []


def test_small_groups_and_the_group_of_all_do_not_count() -> None:
    truth, patients, groups = cases(4 * (LEAST_PATIENTS - 1))
    women = set(range(0, len(truth), 4))
    new, before = predictions(truth, women), predictions(truth, set())

    assert worse_groups(SLOT, truth, new, before, patients, groups, seed=0) == []


def test_the_verdict_holds_it_back_though_it_is_better_overall() -> None:
    truth, patients, groups = cases(200)
    before = predictions(truth, {k for k in range(200) if k % 4 in (1, 2)})
    new = predictions(truth, set(range(0, 100, 4)))
    test = [
        Example(f"case-{k}", patients[k], "test", {"kl": answered(value)}, "R")
        for k, value in enumerate(truth)
    ]
    ours, theirs = [{"kl": one} for one in new], [{"kl": one} for one in before]

    overall = verdict([KL], test, ours, theirs, seed=0)
    by_group = verdict([KL], test, ours, theirs, groups, seed=0)

    assert overall["passed"]
    assert not by_group["passed"]
    assert "sex F (50 patients)" in by_group["reason"]
