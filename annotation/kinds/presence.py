"""Is a finding there? The value is "absent" or "present", or "indeterminate" where the field allows it."""

from collections.abc import Sequence

from accounts.said import Said
from annotation.agreement import kappa
from annotation.kinds.kind import Field, Figures

LEAST = 0.5  # sensitivity that may be asked of a model
VALUES = ("absent", "present", "indeterminate")


def definition_problems(field: Field) -> list[str]:
    if field.get("values") not in (list(VALUES[:2]), list(VALUES)):
        return [
            'its values must be "absent", "present" and, if wanted, "indeterminate", in this order.'
        ]
    wanted = field.get("sensitivity", LEAST)
    if isinstance(wanted, bool) or not isinstance(wanted, int | float) or not LEAST <= wanted < 1:
        return [
            f"its sensitivity, which its models are to reach, must be a number from {LEAST} to below 1."
        ]
    return []


def value_problem(field: Field, value: object, complete: bool = False) -> str | None:
    if isinstance(value, str) and value in field["values"]:
        return None
    *others, last = field["values"]
    sentence = f"Choose {', '.join(others)} or {last}."
    return Said(sentence, "choose_presence", values=[*others, last])


def value_of(field: Field, text: str) -> str:
    value = {"0": "absent", "1": "present"}.get(text, text.lower())
    if problem := value_problem(field, value):
        raise ValueError(f"{text!r} says nothing of presence. {problem}")
    return value


def choices(field: Field) -> list[str]:
    """The values; a model's probabilities stand in this order."""
    return list(field["values"])


def columns(slot: str, field: Field) -> list[str]:
    return [slot]


def cells(field: Field, value: str) -> list[str]:
    return [value]


def agreement(field: Field, first: Sequence[str], second: Sequence[str]) -> Figures:
    """Cohen's kappa and Gwet's AC1."""
    values = choices(field)
    return {"kappa": kappa.cohen(first, second), "ac1": kappa.ac1(first, second, len(values))}
