"""Is a finding there? The value is "absent" or "present", or "indeterminate" where the field allows it."""

from collections.abc import Mapping
from typing import Any

VALUES = ("absent", "present", "indeterminate")


def definition_problems(field: Mapping[str, Any]) -> list[str]:
    """What is wrong with the definition of a field of this kind; empty when nothing is."""
    if field.get("values") not in (list(VALUES[:2]), list(VALUES)):
        return [
            'its values must be "absent", "present" and, if wanted, "indeterminate", in this order.'
        ]
    return []


def value_problem(field: Mapping[str, Any], value: object) -> str | None:
    """Why `value` is no answer to this field, or None."""
    if isinstance(value, str) and value in field["values"]:
        return None
    return f"Choose {', '.join(field['values'][:-1])} or {field['values'][-1]}."


def value_of(field: Mapping[str, Any], text: str) -> str:
    """The value written in a cell of a table; ValueError with a sentence when it is none."""
    value = {"0": "absent", "1": "present"}.get(text, text.lower())
    if problem := value_problem(field, value):
        raise ValueError(f"{text!r} says nothing of presence. {problem}")
    return value


def choices(field: Mapping[str, Any]) -> list[str]:
    """The values; a model's probabilities stand in this order."""
    return list(field["values"])
