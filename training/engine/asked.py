"""A model answers the form that it learned. What of that answers the form as it is asked now?

A prediction's value is an answer's, but its probabilities stand in the order of its field's options. Where a field has
other answers than before, it is another question: what the model says of it is no answer to that.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from training.engine.examples import AnySlot, Field, slots

Prediction = Mapping[str, Mapping[str, Any]]  # by slot


def as_asked(
    learned: Sequence[Field], now: Sequence[Field], predictions: Sequence[Prediction]
) -> tuple[list[dict[str, Mapping[str, Any]]], list[str]]:
    """The predictions of a model that learned these fields, as answers to those: its probabilities in the order of now,
    without the slots that have other answers; and the names of those."""
    before = {slot.name: slot for slot in slots(learned)}
    wanted = [slot for slot in slots(now) if slot.name in before]
    other = [slot.name for slot in wanted if not _alike(before[slot.name], slot)]
    turned = {slot.name: slot for slot in wanted if slot.name not in other}
    found = [
        {
            name: _in_order(before[name].field, turned[name].field, of)
            for name, of in one.items()
            if name in turned
        }
        for one in predictions
    ]
    answered = {name for one in predictions for name in one}
    return found, [name for name in other if name in answered]


def _alike(before: AnySlot, now: AnySlot) -> bool:
    return bool(answers_to(before.field) == answers_to(now.field))


def answers_to(field: Field) -> Any:
    """What may be answered, whatever the order: a field is the same question only while this is the same."""
    named = ("options", "grades", "segments")
    return (
        *(field.get(part) for part in ("kind", "many", "unit", "minimum", "maximum")),
        *(sorted(str(one["value"]) for one in field.get(part, [])) for part in named),
    )


def _in_order(before: Field, now: Field, said: Mapping[str, Any]) -> Mapping[str, Any]:
    if now["kind"] != "choice":
        return said
    old, new = ([one["value"] for one in field["options"]] for field in (before, now))
    if old == new:
        return said
    value, chances = said["value"], dict(zip(old, said["probabilities"], strict=True))
    if isinstance(value, list):
        value = [one for one in new if one in value]
    return {
        **said,
        "value": value,
        "probabilities": [chances[one] for one in new],
        "options": new,
    }
