"""Two versions side by side on the cases of the locked test that both were measured on: what a worker works out."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from annotation.models import SnapshotCase
from training.engine.asked import as_asked
from training.engine.examples import AnySlot, Example, Field, references, slots
from training.inputs import pictures
from training.models import Measured, ModelVersion
from training.pictures import Bag
from training.reading import form_of
from training.recipes.statistics import BOOTSTRAP_ROUNDS, interval

Predictions = Sequence[Mapping[str, Mapping[str, Any]]]  # by slot, case by case


def compared(older: ModelVersion, newer: ModelVersion) -> dict[str, Any]:
    """{"n", "n_patients", "slots": see `side_by_side`}; against the references that the newer one was judged by, and as
    answers to the form that it learned."""
    before, fields = (_fields(version) for version in (older, newer))
    said = {
        version.pk: dict(Measured.objects.filter(model=version).values_list("case_id", "slots"))
        for version in (older, newer)
    }
    rows = SnapshotCase.objects.filter(
        snapshot=newer.run.snapshot_id,
        split="test",
        case__in=said[older.pk].keys() & said[newer.pk].keys(),
    ).order_by("case_id")
    cases = [row.case_id for row in rows]
    form = form_of(newer)
    read = pictures(cases, form.content["training"]) if form else {}
    test = [_example(row, read.get(row.case_id, ())) for row in rows]
    earlier = [said[older.pk][case] for case in cases]
    if before and fields:
        earlier, _ = as_asked(before, fields, earlier)
    return {
        "n": len(test),
        "n_patients": len({one.patient for one in test}),
        "slots": side_by_side(
            fields,
            test,
            earlier,
            [said[newer.pk][case] for case in cases],
            seed=newer.run.seed,
        ),
    }


def _example(row: SnapshotCase, bag: Bag) -> Example:
    places = tuple(picture.place for picture in bag)
    return Example(str(row.case_id), row.patient, "test", row.answers, "", places)


def _fields(version: ModelVersion) -> list[Field]:
    form = form_of(version)
    return form.content["fields"] if form else []


def side_by_side(
    fields: Sequence[Field],
    test: Sequence[Example],
    older: Predictions,
    newer: Predictions,
    *,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """By slot that both answer: {"kind", "metric", "older": metrics, "newer": metrics, "difference": interval of newer
    minus older by paired bootstrap over patients, "disagree": [{"case", "reference", "older", "newer"}]}."""
    found = {}
    for slot in slots(fields) if fields else []:
        answers = references(slot, test)
        known = np.flatnonzero(slot.recipe.target(slot.field, answers)[1]).tolist() if test else []
        rows = [row for row in known if slot.name in older[row] and slot.name in newer[row]]
        if rows:
            found[slot.name] = _slot(
                slot,
                [test[row] for row in rows],
                [(answers[row] or {})["value"] for row in rows],
                [older[row][slot.name] for row in rows],
                [newer[row][slot.name] for row in rows],
                seed,
            )
    return found


def _slot(
    slot: AnySlot,
    test: Sequence[Example],
    truth: Sequence[Any],
    older: Sequence[Mapping[str, Any]],
    newer: Sequence[Mapping[str, Any]],
    seed: int,
) -> dict[str, Any]:
    recipe, patients = slot.recipe, [one.patient for one in test]

    def resampled(said: Sequence[Mapping[str, Any]]) -> Any:
        return recipe.resampled_main(slot.field, truth, said, patients, BOOTSTRAP_ROUNDS, seed)

    (old, old_rounds), (new, new_rounds) = resampled(older), resampled(newer)
    return {
        "kind": slot.field["kind"],
        "metric": recipe.MAIN_METRIC,
        "older": recipe.metrics(truth, older, patients, seed, field=slot.field),
        "newer": recipe.metrics(truth, newer, patients, seed, field=slot.field),
        "difference": interval(new - old, new_rounds - old_rounds),
        "disagree": [
            {
                "case": int(one.key),
                "reference": one.answers[slot.name].get("value", recipe.UNASKED),
                "older": before["value"],
                "newer": after["value"],
            }
            for one, before, after in zip(test, older, newer, strict=True)
            if _told_apart(before["value"], after["value"])
        ],
    }


def _told_apart(before: Any, after: Any) -> bool:
    """Lists of items lie a little otherwise in every version: they disagree where one finds more of them."""
    if isinstance(before, list) and any(isinstance(item, Mapping) for item in [*before, *after]):
        return len(before) != len(after)
    return bool(before != after)
