"""What a model says, as far as the form of now can be answered so: it may have other options than the model learned."""

from collections.abc import Mapping
from typing import Any

from annotation import forms
from annotation.kinds import KINDS, choice

Slots = dict[str, dict[str, Any]]
CLASSED = ("presence", "grade", "choice")


def offered(content: Mapping[str, Any], said: Mapping[str, Mapping[str, Any]]) -> Slots:
    """The slots whose value is an answer to this form."""
    fields = {slot: field for slot, field, _ in forms.slots(content)}
    found = {}
    for slot, of in said.items():
        field = fields.get(slot)
        if field is not None and field["kind"] == of["kind"]:
            value = _in_order(field, of["value"])
            if of["kind"] not in CLASSED or not KINDS[of["kind"]].value_problem(field, value):
                found[slot] = {**of, "value": value}
    return found


def _in_order(field: Mapping[str, Any], value: Any) -> Any:
    """Several options in the order of the form; all of them or none."""
    if field["kind"] != "choice" or not isinstance(value, list):
        return value
    known = [one for one in choice.choices(field) if one in value]
    return known if len(known) == len(value) else value
