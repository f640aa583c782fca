"""Figures of a model on examples whose answers are known."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from training.engine.examples import Example, Field, references, slots


def evaluate(
    fields: Sequence[Field],
    examples: Sequence[Example],
    predictions: Sequence[Mapping[str, Mapping[str, Any]]],
    *,
    seed: int = 0,
) -> dict[str, dict[str, Any]]:
    """Metrics by slot over the examples given, whatever their split; prediction n is that of example n.

    Cases without a gradable answer do not count. ValueError if lengths differ or a case was predicted for one slot not at all.
    """
    if len(examples) != len(predictions):
        raise ValueError(f"{len(examples)} cases need as many predictions, not {len(predictions)}.")
    found = {}
    for slot in slots(fields):
        predicted = [slot.name in one for one in predictions]
        if predicted and not any(predicted):
            continue  # the model learned no head for it yet
        answers = references(slot, examples)
        rows: list[int] = np.flatnonzero(slot.recipe.target(slot.field, answers)[1]).tolist()
        if not all(predicted[row] for row in rows):
            raise ValueError(
                f"Some cases have no prediction for {slot.name}; predict all of them first."
            )
        found[slot.name] = slot.recipe.metrics(
            [(answers[row] or {})["value"] for row in rows],
            [predictions[row][slot.name] for row in rows],
            [examples[row].patient for row in rows],
            seed,
            field=slot.field,
        )
    return found
