"""Answers as arrays: what the runs learn from, slot by slot."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.engine.examples import AnySlot, Example, Field, Slot, answers_of, whole_slots
from training.engine.trouble import Trouble
from training.recipes.recipe import Recipe, Targets

LEAST_CASES = 10


@dataclass
class Labels:
    """One slot's targets over all examples and the part of them that is known."""

    slot: Slot[Recipe]
    targets: Targets
    known: NDArray[np.bool_]
    outputs: slice
    weights: Tensor
    start_bias: NDArray[np.float64]


class Learned(Protocol):
    """What a run learns, of whole cases or of places: of which examples it is known."""

    @property
    def slot(self) -> AnySlot: ...
    @property
    def known(self) -> NDArray[np.bool_]: ...


def collect(
    fields: Sequence[Field],
    examples: Sequence[Example],
    splits: Collection[str],
    *,
    alone: bool = True,
) -> list[Labels]:
    """Labels of every slot with two different answers in `splits` and enough cases; ValueError if no slot has and it is
    `alone`: nothing else is learned.

    A slot that only few cases answer, as optional ones are, is left out: it would be learned badly, and by its site forbid
    the others to be mirrored.
    """
    found: list[Labels] = []
    at = 0
    learning = np.array([example.split in splits for example in examples], dtype=bool)
    teaching = np.array([example.split != "test" for example in examples], dtype=bool)
    few = False
    for slot in whole_slots(fields):
        targets, known = slot.recipe.target(slot.field, answers_of(slot, examples))
        seen = targets[known & learning]
        if differing(seen) < 2:
            continue
        if (known & teaching).sum() < LEAST_CASES:
            few = True
            continue
        outputs = slice(at, at + slot.recipe.head_size(slot.field))
        weights = torch.from_numpy(slot.recipe.loss_weights(slot.field, seen)).float()
        found.append(
            Labels(slot, targets, known, outputs, weights, slot.recipe.start_bias(slot.field, seen))
        )
        at = outputs.stop
    if found or not alone:
        return found
    if few:
        raise Trouble(
            f"Fewer than {LEAST_CASES} cases are labelled in any field; read more cases before training.",
            "few_labelled",
            least=LEAST_CASES,
        )
    raise Trouble(
        "No field has two different answers among the cases to learn from; read more cases first.",
        "one_answer_only",
    )


def differing(targets: Targets) -> int:
    """How many different targets there are."""
    return len(np.unique(targets, axis=0))


def rows_of_split(
    examples: Sequence[Example], split: str, labels: Sequence[Learned]
) -> NDArray[np.int64]:
    """Rows of a split in which at least one slot is known."""
    known = np.any([one.known for one in labels], axis=0)
    return np.flatnonzero(known & np.array([example.split == split for example in examples]))


def may_mirror(labels: Sequence[Learned]) -> bool:
    """A mirrored image answers as the original does unless a field tells sides apart."""
    return not any(one.slot.field.get("sites") for one in labels)


def same_mirrored(labels: Sequence[Learned], examples: Sequence[Example]) -> bool:
    """Whether every picture answers as its mirror image does: of a sagittal one front and back change places."""
    return may_mirror(labels) and not any(p.sagittal for one in examples for p in one.places)
