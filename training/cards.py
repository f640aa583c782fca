"""What a model card shows beyond the metrics: calibration and subgroups, slot by slot, on the locked test.

What differs by kind is one line in EVENTS. A kind without a line has no calibration plot; its subgroups come from its
recipe's main metric as those of any other.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from training.engine.examples import AnySlot, Example, Field, references, slots
from training.engine.subgroups import LEAST_PATIENTS, Group
from training.recipes.statistics import (
    BOOTSTRAP_ROUNDS,
    Floats,
    Interval,
    divide,
    draw,
    interval,
    patient_numbers,
    wilson,
)

Prediction = Mapping[str, Any]
BINS = 10


class Event(NamedTuple):
    """What a calibration plot is of: a chance for each case, and whether what it is the chance of was so."""

    name: str
    of: Callable[[Field, Any, Prediction], tuple[float, bool]]


class Judged(NamedTuple):
    """The test cases of one slot that have an answer: all lists in the same order."""

    slot: AnySlot
    truth: list[Any]
    predicted: list[Prediction]
    patients: list[str]
    groups: list[Group]


def card(
    fields: Sequence[Field],
    test: Sequence[Example],
    predicted: Sequence[Mapping[str, Prediction]],
    groups: Sequence[Group],
    *,
    seed: int,
) -> dict[str, dict[str, Any]]:
    """By slot: {"calibration": see `calibration`, or None; "subgroups": see `subgroups`}.

    The three lists are in one order. Slots that the model did not learn or that no test case answers are left out.
    """
    found = {}
    for slot in slots(fields):
        judged = _judged(slot, test, predicted, groups)
        if judged.truth:
            found[slot.name] = {
                "calibration": calibration(judged, seed),
                "subgroups": subgroups(judged, seed),
            }
    return found


def _judged(
    slot: AnySlot,
    test: Sequence[Example],
    predicted: Sequence[Mapping[str, Prediction]],
    groups: Sequence[Group],
) -> Judged:
    answers = references(slot, test)
    known = np.flatnonzero(slot.recipe.target(slot.field, answers)[1]).tolist() if test else []
    rows = [row for row in known if slot.name in predicted[row]]
    return Judged(
        slot,
        [(answers[row] or {})["value"] for row in rows],
        [predicted[row][slot.name] for row in rows],
        [test[row].patient for row in rows],
        [groups[row] for row in rows],
    )


def calibration(judged: Judged, seed: int) -> dict[str, Any] | None:
    """Reliability in ten bins of equal width, and the expected calibration error (Guo et al., ICML 2017, section 2).

    {"event", "ece": interval, "n", "n_patients", "bins": [{"from", "to", "n", "chance", "share": interval}]}; empty bins
    are left out. The error's interval is by bootstrap over patients; a bin's by Wilson's score with its patients as the
    sample, since resamples of a bin that holds one case would all say the same. None for a kind without chances,
    and for a choice of many, which has one for each option.
    """
    field = judged.slot.field
    event = EVENTS.get(field["kind"])
    if event is None or field.get("many"):
        return None
    pairs = [
        event.of(field, value, one)
        for value, one in zip(judged.truth, judged.predicted, strict=True)
    ]
    sums = _sums(
        np.array([chance for chance, _ in pairs], dtype=np.float64),
        np.array([so for _, so in pairs], dtype=np.float64),
        judged.patients,
    )
    return {
        "event": event.name,
        "n": len(pairs),
        "n_patients": len(sums.cases),
        "ece": _error(sums, seed),
        "bins": _bins(sums),
    }


class Sums(NamedTuple):
    """Of each patient in each bin (P, BINS): a resample is then one product, however many cases there are."""

    cases: Floats
    chances: Floats
    happened: Floats


def _sums(chances: Floats, happened: Floats, of: Sequence[str]) -> Sums:
    numbers, patients = patient_numbers(of)
    bins = np.minimum((chances * BINS).astype(np.int64), BINS - 1)
    found = Sums(*(np.zeros((patients, BINS)) for _ in range(3)))
    for sums, values in zip(found, (np.ones(len(chances)), chances, happened), strict=True):
        np.add.at(sums, (numbers, bins), values)
    return found


def _error(sums: Sums, seed: int) -> Interval:
    """How far chance and share lie apart, averaged over the cases."""
    drawn = draw(len(sums.cases), BOOTSTRAP_ROUNDS, seed)

    def error(cases: Floats, chances: Floats, happened: Floats) -> Floats:
        return divide(np.abs(chances - happened).sum(-1), cases.sum(-1))

    return interval(float(error(*(of.sum(0) for of in sums))), error(*(drawn @ of for of in sums)))


def _bins(sums: Sums) -> list[dict[str, Any]]:
    n, seen = sums.cases.sum(0), (sums.cases > 0).sum(0)
    mean, share = divide(sums.chances.sum(0), n), divide(sums.happened.sum(0), n)
    return [
        {
            "from": at / BINS,
            "to": (at + 1) / BINS,
            "n": int(n[at]),
            "chance": float(mean[at]),
            "share": _share(float(share[at]), int(seen[at])),
        }
        for at in range(BINS)
        if n[at]
    ]


def _share(value: float, sample: int) -> Interval:
    low, high = wilson(value, sample)
    return {"value": value, "low": low, "high": high}


def subgroups(judged: Judged, seed: int) -> list[dict[str, Any]]:
    """[{"by", "value", "n", "n_patients", "metric", "figure": interval, or None where there are too few patients}],
    by attribute and largest first; the main metric of the slot."""
    found = []
    for by in sorted({attribute for group in judged.groups for attribute in group}):
        values = [group.get(by, "") for group in judged.groups]
        rows = {
            value: [row for row, other in enumerate(values) if other == value]
            for value in set(values)
        }
        for value in sorted(rows, key=lambda value: (-len(rows[value]), value)):
            found.append({"by": by, "value": value, **_figure(judged, rows[value], seed)})
    return found


def _figure(judged: Judged, rows: Sequence[int], seed: int) -> dict[str, Any]:
    recipe = judged.slot.recipe
    patients = [judged.patients[row] for row in rows]
    enough = len(set(patients)) >= LEAST_PATIENTS
    truth, said = ([of[row] for row in rows] for of in (judged.truth, judged.predicted))
    figures = recipe.metrics(truth, said, patients, seed, field=judged.slot.field) if enough else {}
    return {
        "n": len(rows),
        "n_patients": len(set(patients)),
        "metric": recipe.MAIN_METRIC,
        "figure": figures.get(recipe.MAIN_METRIC),
    }


def _of_grade(field: Field, truth: Any, one: Prediction) -> tuple[float, bool]:
    grades = sorted(int(grade["value"]) for grade in field["grades"])
    return one["probabilities"][grades.index(one["value"])], one["value"] == truth


def _of_choice(field: Field, truth: Any, one: Prediction) -> tuple[float, bool]:
    options = [option["value"] for option in field["options"]]
    return one["probabilities"][options.index(one["value"])], one["value"] == truth


def _of_presence(field: Field, truth: Any, one: Prediction) -> tuple[float, bool]:
    return one["probabilities"][1], truth == "present"


EVENTS: dict[str, Event] = {
    "grade": Event("decided", _of_grade),
    "choice": Event("decided", _of_choice),
    "presence": Event("present", _of_presence),
}
