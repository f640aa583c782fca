"""A grade on an ordered scale: Kellgren-Lawrence 0 to 4, Pfirrmann 1 to 5. The value is the grade's integer."""

from collections.abc import Mapping, Sequence

from accounts.said import Said
from annotation.agreement import kappa
from annotation.kinds.kind import Field, Figures

REQUIRED = ("name", "version", "code")


def definition_problems(field: Field) -> list[str]:
    problems = []
    scale = field.get("scale")
    if not isinstance(scale, Mapping) or any(not scale.get(key) for key in REQUIRED):
        problems.append("its scale needs a name, a version and a code.")
    grades = field.get("grades")
    if not isinstance(grades, list) or len(grades) < 2:
        return [*problems, "it needs two or more grades."]
    values = [grade.get("value") for grade in grades]
    if any(type(value) is not int for value in values):
        problems.append("each grade's value must be an integer.")
    elif values != list(range(values[0], values[0] + len(values))):
        problems.append("its grades must rise by one, lowest first.")
    if any(not grade.get("label") for grade in grades):
        problems.append("each grade needs a label.")
    return problems


def value_problem(field: Field, value: object, complete: bool = False) -> str | None:
    """True is no grade, although Python calls it 1."""
    values = choices(field)
    if type(value) is int and value in values:
        return None
    low, high = values[0], values[-1]
    return Said(f"Choose a grade from {low} to {high}.", "choose_grade", low=low, high=high)


def value_of(field: Field, text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no grade.") from None
    if problem := value_problem(field, value):
        raise ValueError(f"{text!r} is no grade. {problem}")
    return value


def choices(field: Field) -> list[int]:
    """The grades, lowest first; a model's probabilities stand in this order."""
    return [grade["value"] for grade in field["grades"]]


def columns(slot: str, field: Field) -> list[str]:
    return [slot]


def cells(field: Field, value: int) -> list[int]:
    return [value]


def agreement(field: Field, first: Sequence[int], second: Sequence[int]) -> Figures:
    """Kappa with quadratic weights: two grades apart count four times as much as one."""
    return {"qwk": kappa.quadratic(first, second)}
