"""Labelled cases as the engine sees them, and the slots of a form that networks learn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from training.recipes import RECIPES
from training.recipes.recipe import Recipe

Field = Mapping[str, Any]
SPLITS = ("train", "tune", "test")


@dataclass(frozen=True)
class Example:
    """One case: its cache key, patient, split (train, tune, test), answers by slot and side (L, R or empty)."""

    key: str
    patient: str
    split: str
    answers: Mapping[str, Mapping[str, Any]]
    laterality: str


@dataclass(frozen=True)
class Slot:
    """A field at one of its sites (or the field itself, where it has none), and the recipe that learns it."""

    name: str
    field: Field
    recipe: Recipe


def slots(fields: Sequence[Field]) -> list[Slot]:
    """Every slot that a recipe exists for. ValueError if there is none."""
    found = [slot for field in fields if field["kind"] in RECIPES for slot in _of_field(field)]
    if not found:
        raise ValueError(
            f"This form has no field that can be learned; kinds that can are {', '.join(RECIPES)}."
        )
    return found


def answers_of(slot: Slot, examples: Sequence[Example]) -> list[Mapping[str, Any] | None]:
    return [example.answers.get(slot.name) for example in examples]


def check_no_leak(examples: Sequence[Example]) -> None:
    """ValueError if a case stands twice, or a patient in two splits: figures on the test would then mean nothing."""
    keys: set[str] = set()
    split_of: dict[str, str] = {}
    for example in examples:
        if example.split not in SPLITS:
            raise ValueError(
                f"Case {example.key} has the split {example.split!r}; it must be one of {SPLITS}."
            )
        if example.key in keys:
            raise ValueError(f"Case {example.key} stands twice in the data; keep it once.")
        keys.add(example.key)
        other = split_of.setdefault(example.patient, example.split)
        if other != example.split:
            raise ValueError(
                f"Patient {example.patient} stands both in {other} and in {example.split}; "
                "all cases of a patient must be in one split."
            )


def _of_field(field: Field) -> Iterator[Slot]:
    recipe = RECIPES[field["kind"]]
    for site in field.get("sites") or [None]:
        name = site["key"] if isinstance(site, Mapping) else site
        yield Slot(field["key"] if name is None else f"{field['key']}@{name}", field, recipe)
