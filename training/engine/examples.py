"""Labelled cases as the engine sees them, and the slots of a form that networks learn."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from training.engine.trouble import Trouble
from training.recipes import DENSE, RECIPES, WHOLE
from training.recipes.dense import DenseRecipe
from training.recipes.judged import Judged
from training.recipes.place import Place
from training.recipes.recipe import Recipe
from training.recipes.stacks import told_of

Field = Mapping[str, Any]
SPLITS = ("train", "tune", "test")


@dataclass(frozen=True)
class Example:
    """One case: its cache key, patient, split (train, tune, test), answers by slot and side (L, R or empty).

    places: of each of its pictures, in their order; who learns no places needs none.
    beside: what is known of its patient that is read beside the pictures (covariates.py).
    """

    key: str
    patient: str
    split: str
    answers: Mapping[str, Mapping[str, Any]]
    laterality: str
    places: tuple[Place, ...] = ()
    beside: Mapping[str, Any] = dataclasses.field(default_factory=dict)


How_co = TypeVar("How_co", bound=Judged, covariant=True)
How = TypeVar("How", bound=Judged)


@dataclass(frozen=True)
class Slot(Generic[How_co]):
    """A field at one of its sites (or the field itself, where it has none), and the recipe that learns it.

    opener: the slot whose answer decides whether this one is asked at all.
    """

    name: str
    field: Field
    recipe: How_co
    opener: "AnySlot | None" = None


AnySlot = Slot[Judged]


def slots(fields: Sequence[Field]) -> list[AnySlot]:
    """Every slot that a recipe exists for. ValueError if there is none."""
    found = _slots(fields, RECIPES)
    if not found:
        raise Trouble(
            f"This form has no field that can be learned; kinds that can are {', '.join(RECIPES)}.",
            "no_field_learnable",
            kinds=list(RECIPES),
        )
    return found


def whole_slots(fields: Sequence[Field]) -> list[Slot[Recipe]]:
    """Those that are learned from whole cases; what is learned from crops is the second stage's (staged.py)."""
    return _slots([field for field in fields if "crop" not in field], WHOLE)


def dense_slots(fields: Sequence[Field]) -> list[Slot[DenseRecipe]]:
    """Those whose answers are places on images."""
    return _slots(fields, DENSE)


def answers_of(slot: AnySlot, examples: Sequence[Example]) -> list[Mapping[str, Any] | None]:
    """The answers to learn from and to judge by. No place was asked of where the question before said that there is
    nothing: that is an answer as well. It is none where that one opened the field and the reader passed over it."""
    found = [example.answers.get(slot.name) for example in examples]
    if slot.recipe.UNASKED is None or slot.opener is None:
        return found
    nothing = {"state": "answered", "value": slot.recipe.UNASKED}
    return [
        nothing if own is not None and own.get("state") == "not_asked" and shut else own
        for own, shut in zip(found, _closed(slot, examples), strict=True)
    ]


def references(slot: AnySlot, examples: Sequence[Example]) -> list[Mapping[str, Any] | None]:
    """The answers to judge by: places also say of which pictures they tell."""
    found = answers_of(slot, examples)
    if slot.field["kind"] not in DENSE:
        return found
    return [
        {**answer, "value": told_of(answer["value"], example.places)}
        if answer is not None and isinstance(answer.get("value"), list)
        else answer
        for answer, example in zip(found, examples, strict=True)
    ]


def _closed(slot: AnySlot, examples: Sequence[Example]) -> list[bool]:
    """Whether the question before, or one before that, has an answer at which this one is not asked."""
    if slot.opener is None:
        return [False] * len(examples)
    before = [example.answers.get(slot.opener.name) for example in examples]
    known = slot.opener.recipe.target(slot.opener.field, before)[1]
    return [
        shut or (bool(told) and not _opens(slot, one))
        for one, told, shut in zip(before, known, _closed(slot.opener, examples), strict=True)
    ]


def _opens(slot: AnySlot, before: Mapping[str, Any] | None) -> bool:
    """Whether the answer before is one at which the field is asked."""
    value = (before or {}).get("value")
    every = value if isinstance(value, list) else [value]
    return any(one in slot.field["when"]["is"] for one in every)


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
            twice = f"Case {example.key} stands twice in the data; keep it once."
            raise Trouble(twice, "case_twice", case=example.key)
        keys.add(example.key)
        other = split_of.setdefault(example.patient, example.split)
        if other != example.split:
            raise Trouble(
                f"Patient {example.patient} stands both in {other} and in {example.split}; "
                "all cases of a patient must be in one split.",
                "patient_in_two_splits",
                patient=example.patient,
                other=other,
                split=example.split,
            )


def _slots(fields: Sequence[Field], recipes: Mapping[str, How]) -> list[Slot[How]]:
    by_key = {field["key"]: field for field in fields}
    return [
        slot
        for field in fields
        if field["kind"] in recipes
        for slot in _of_field(field, recipes[field["kind"]], by_key)
    ]


def _of_field(field: Field, recipe: How, by_key: Mapping[str, Field]) -> Iterator[Slot[How]]:
    parent = by_key.get(field.get("when", {}).get("field"))
    for site in field.get("sites") or [None]:
        name = site["key"] if isinstance(site, Mapping) else site
        opener = None
        if parent is not None and parent["kind"] in RECIPES:
            asked = _name(parent, name if parent.get("sites") else None)
            above = _of_field(parent, RECIPES[parent["kind"]], by_key)
            opener = next((slot for slot in above if slot.name == asked), None)
        yield Slot(_name(field, name), field, recipe, opener)


def _name(field: Field, site: str | None) -> str:
    return str(field["key"]) if site is None else f"{field['key']}@{site}"
