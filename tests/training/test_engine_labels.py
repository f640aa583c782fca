from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.engine_cases import FRACTURE, KL, answered, graded, grades
from training.engine.examples import Example
from training.engine.labels import LEAST_CASES, collect, may_mirror, same_mirrored
from training.engine.network import known_in, loss_of
from training.recipes.place import Place

JSN: dict[str, Any] = {**KL, "key": "jsn", "sites": ["medial", "lateral"]}
BOXES: dict[str, Any] = {"key": "where", "kind": "boxes", "sites": []}


def with_narrowing(examples: list[Example], count: int) -> list[Example]:
    """The first so many also say how narrow the joint is, 0 and 1 in turn."""
    return [
        replace(one, answers={**one.answers, "jsn@medial": answered(n % 2)}) if n < count else one
        for n, one in enumerate(examples)
    ]


def names(examples: list[Example]) -> list[str]:
    return [one.slot.name for one in collect([KL, BOXES, JSN], examples, {"train"})]


def test_optional_sites_that_few_answer_are_not_learned_and_leave_mirroring_alone() -> None:
    examples = with_narrowing(graded(grades(40)), LEAST_CASES - 1)
    labels = collect([KL, BOXES, JSN], examples, {"train"})
    assert [one.slot.name for one in labels] == ["kl"]
    assert may_mirror(labels)


def test_sites_that_are_learned_tell_sides_apart() -> None:
    labels = collect([KL, JSN], with_narrowing(graded(grades(40)), LEAST_CASES), {"train"})
    assert [one.slot.name for one in labels] == ["kl", "jsn@medial"]
    assert not may_mirror(labels)


def test_a_picture_is_not_its_mirror_image_where_an_answer_has_a_side_or_it_is_sagittal() -> None:
    examples = with_narrowing(graded(grades(40)), LEAST_CASES)
    slice_ = Place("1.2", 1, 64, 64, sagittal=True)
    labels = collect([KL], examples, {"train"})

    assert same_mirrored(labels, examples)
    assert not same_mirrored(labels, [*examples, replace(examples[0], places=(slice_,))])
    assert not same_mirrored(collect([KL, JSN], examples, {"train"}), examples)


def test_closed_slots_and_kinds_without_a_recipe_are_left_out() -> None:
    examples = [
        replace(
            one,
            answers={**one.answers, "jsn@medial": {"state": "not_asked"}, "where": answered([])},
        )
        for one in graded(grades(40))
    ]
    assert names(examples) == ["kl"]


def test_it_says_when_too_few_cases_answer_any_field() -> None:
    with pytest.raises(ValueError, match="Fewer than 10 cases are labelled in any field"):
        collect([KL, FRACTURE], graded(grades(9)), {"train"})


def test_a_missing_answer_teaches_nothing() -> None:
    """Nor does it weigh in what the others teach."""
    given = graded(grades(12))
    examples = [*given, *(replace(one, answers={}) for one in graded(grades(4), start=50))]
    labels = collect([KL], examples, {"train"})
    logits = torch.randn(16, 4, generator=torch.Generator().manual_seed(0), requires_grad=True)

    loss = loss_of(logits, labels, np.arange(16), known_in(labels, np.arange(16)))
    loss.backward()  # type: ignore[no-untyped-call]

    assert logits.grad is not None
    assert logits.grad[12:].abs().max() == 0
    assert logits.grad[:12].abs().min() > 0
    alone = loss_of(logits[:12], labels, np.arange(12), [12])
    assert loss.item() == pytest.approx(alone.item())
