"""What would not be asked if a model's own answers were a reader's."""

from collections.abc import Mapping, Sequence
from typing import Any

from annotation.when import closed

Slots = Mapping[str, Mapping[str, Any]]


def _shut(fields: Sequence[Mapping[str, Any]], slots: Slots) -> dict[str, Mapping[str, Any]]:
    """The slots that these answers leave closed, each with the field that closes it."""
    answers = {name: {"state": "answered", "value": of["value"]} for name, of in slots.items()}
    return closed(fields, answers)


def not_asked(fields: Sequence[Mapping[str, Any]], slots: Slots) -> list[str]:
    """The slots of which something is said and that would not be asked; not those of which nothing is said of the
    question before."""
    shut, said = _shut(fields, slots), {name.split("@")[0] for name in slots}
    return [name for name in slots if name in shut and shut[name]["key"] in said]


def asked(fields: Sequence[Mapping[str, Any]], slots: Slots) -> Slots:
    """What is said of the slots that would be."""
    shut = set(not_asked(fields, slots))
    return {name: of for name, of in slots.items() if name not in shut}
