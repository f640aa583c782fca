"""One or many of named options. The value is an option's value, or the list of those chosen in the options' order."""

import re
from collections.abc import Sequence
from typing import Any

from accounts.said import Said
from annotation.agreement import kappa
from annotation.kinds.kind import Field, Figures

NAME = re.compile(r"[a-z0-9][a-z0-9_]{0,39}")


def definition_problems(field: Field) -> list[str]:
    options = field.get("options")
    if not isinstance(options, list) or len(options) < 2:
        return ["it needs two or more options."]
    problems = []
    values = [str(option.get("value")) for option in options]
    if len(set(values)) != len(values) or not all(NAME.fullmatch(value) for value in values):
        problems.append("its options' values must be distinct names in lower case.")
    if any(not option.get("label") for option in options):
        problems.append("each option needs a label.")
    if field.get("may_be_empty") and not field.get("many"):
        problems.append("may_be_empty is for many = true.")
    return problems


def value_problem(field: Field, value: object, complete: bool = False) -> str | None:
    known = choices(field)
    if not field.get("many"):
        if isinstance(value, str) and value in known:
            return None
        return Said(f"Choose one of {', '.join(known)}.", "choose_one", values=known)
    if not isinstance(value, list) or value != [one for one in known if one in value]:
        sentence = f"Choose any of {', '.join(known)}, each once and in this order."
        return Said(sentence, "choose_any", values=known)
    if complete and not value and not field.get("may_be_empty"):
        return Said(f"Choose at least one of {', '.join(known)}.", "choose_some", values=known)
    return None


def value_of(field: Field, text: str) -> str | list[str]:
    """Several options stand in a cell with spaces between them, in any order."""
    words = text.lower().split()
    if unknown := [word for word in words if word not in choices(field)]:
        raise ValueError(f"{unknown[0]!r} is none of {', '.join(choices(field))}.")
    if field.get("many"):
        return [one for one in choices(field) if one in words]
    if len(words) != 1:
        raise ValueError(f"{text!r} names {len(words)} options; one is wanted.")
    return words[0]


def choices(field: Field) -> list[str]:
    """The options' values; a model's probabilities stand in this order."""
    return [option["value"] for option in field["options"]]


def columns(slot: str, field: Field) -> list[str]:
    """Where many may be chosen, each option has a column of its own as well."""
    return [slot, *(f"{slot}:{one}" for one in choices(field) if field.get("many"))]


def cells(field: Field, value: Any) -> list[Any]:
    """Of each option 1 or 0."""
    if not field.get("many"):
        return [value]
    return [" ".join(value), *(int(one in value) for one in choices(field))]


def agreement(field: Field, first: Sequence[Any], second: Sequence[Any]) -> Figures:
    """Cohen's kappa and Gwet's AC1; where many may be chosen, their means over the options: chosen or not."""
    if not field.get("many"):
        categories = len(choices(field))
        return {"kappa": kappa.cohen(first, second), "ac1": kappa.ac1(first, second, categories)}
    each = [
        ([one in value for value in first], [one in value for value in second])
        for one in choices(field)
    ]
    return {
        "kappa": kappa.mean(kappa.cohen(*pair) for pair in each),
        "ac1": kappa.mean(kappa.ac1(*pair, 2) for pair in each),
    }
