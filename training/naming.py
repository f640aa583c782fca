"""What a card calls figures and classes where no page does: English, the words of the page (frontend/src/texts/en)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Field = Mapping[str, Any]

FIGURES = {
    "qwk": "QWK",
    "accuracy": "Accuracy",
    "mae": "Mean absolute error",
    "auc": "AUC",
    "macro_f1": "Macro F1",
    "r2": "R²",
    "rmse": "Root mean square error",
    "coverage": "Coverage",
    "set_size": "Grades in a set",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "map50": "mAP50",
    "average_precision": "Average precision",
    "sensitivity_05": "Sensitivity at 0.5 false marks a case",
    "sensitivity_05_image": "Sensitivity at 0.5 false marks an image",
    "dice": "Dice",
    "surface_mm": "Distance of the outlines (mm)",
    "surface_pixels": "Distance of the outlines (pixels)",
    # columns of what is measured grade by grade, option by option, threshold by threshold
    "grade": "Grade",
    "option": "Option",
    "false_per_case": "False marks a case",
    "false_per_image": "False marks an image",
}


IN_UNIT = ("mae", "rmse")  # figures that are in the unit of what was asked


def figure_name(metric: str, field: Field | None = None) -> str:
    """With its unit where it has one: "Mean absolute error (mm)"."""
    name = FIGURES.get(metric, metric)
    unit = unit_of(field) if field and metric in IN_UNIT else ""
    return f"{name} ({unit})" if unit else name


def unit_of(field: Field) -> str:
    """What the values of a field are counted in; empty where that says nothing."""
    if field.get("kind") == "grade":
        return "grades"
    unit = str(field.get("unit", ""))
    return unit if unit != "1" else ""


def class_names(field: Field, count: int) -> Sequence[str]:
    """What the rows of a table of so many classes are called, in its order; numbers for a kind without a line."""
    of = CLASSES.get(field.get("kind", ""))
    return of(field) if of else [str(number) for number in range(count)]


def option_name(field: Field, value: Any) -> str:
    options = {option["value"]: option["label"] for option in field.get("options", [])}
    return str(options.get(value, value))


def _grades(field: Field) -> list[str]:
    return [str(grade["value"]) for grade in field["grades"]]


def _options(field: Field) -> list[str]:
    return [option["label"] for option in field["options"]]


def _presence(field: Field) -> list[str]:
    return ["absent", "present"]


CLASSES: dict[str, Callable[[Field], Sequence[str]]] = {
    "grade": _grades,
    "choice": _options,
    "presence": _presence,
}
