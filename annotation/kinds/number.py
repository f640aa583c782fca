"""A number with its unit (UCUM): a joint space of 2.5 mm, a skeletal age of 96 months. The value is on the field's grid."""

from collections.abc import Sequence
from typing import TypeGuard

from accounts.said import Said
from annotation.agreement import icc
from annotation.kinds.kind import Field, Figures

LARGEST = 1e9
NEAR = 1e-6  # of a step: 0.1 has no exact binary form


def definition_problems(field: Field) -> list[str]:
    if not field.get("unit"):
        return ['it needs a unit of UCUM, such as "mm"; "1" where it has none.']
    limits = [field.get(name) for name in ("minimum", "maximum", "step")]
    if not all(is_number(limit) for limit in limits):
        return ["its minimum, maximum and step must be numbers."]
    if field["step"] <= 0 or field["maximum"] <= field["minimum"]:
        return ["its step must be above 0 and its maximum above its minimum."]
    if not _on_grid(field, field["maximum"]):
        return ["its maximum must be whole steps away from its minimum."]
    return []


def value_problem(field: Field, value: object, complete: bool = False) -> str | None:
    if is_number(value) and field["minimum"] <= value <= field["maximum"]:
        if _on_grid(field, value):
            return None
        step, least = field["step"], field["minimum"]
        return Said(
            f"Give it in steps of {step} from {least}.", "number_step", step=step, minimum=least
        )
    least, most = field["minimum"], field["maximum"]
    sentence = f"Give a number from {least} to {most}."
    return Said(sentence, "number_range", minimum=least, maximum=most)


def value_of(field: Field, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ValueError(f"{text!r} is no number.") from None
    if problem := value_problem(field, value):
        raise ValueError(f"{text!r} does not fit. {problem}")
    return int(value) if value.is_integer() else value


def is_number(value: object) -> TypeGuard[float]:
    """Neither True nor what is not finite."""
    return type(value) in (int, float) and -LARGEST < value < LARGEST  # type: ignore[operator]


def columns(slot: str, field: Field) -> list[str]:
    return [slot]


def cells(field: Field, value: float) -> list[float]:
    return [value]


def agreement(field: Field, first: Sequence[float], second: Sequence[float]) -> Figures:
    """ICC(2,1), and by how much the second reader's numbers are larger on average."""
    return {"icc": icc.icc(first, second), "mean_difference": icc.mean_difference(first, second)}


def _on_grid(field: Field, value: float) -> bool:
    steps: float = (value - field["minimum"]) / field["step"]
    return abs(steps - round(steps)) < NEAR
