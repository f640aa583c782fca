"""A model before the locked test: its figures, and the gate's word against the current version."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from training.engine.evaluate import evaluate
from training.engine.examples import AnySlot, Example, Field, references, slots
from training.engine.gate import compare
from training.engine.subgroups import Group, said_of, worse_groups

Prediction = Mapping[str, Mapping[str, Any]]  # by slot
Verdict = dict[str, Any]
NOT_EVALUATED = (
    "No reference of a test patient is there to judge it by; read some cases of the locked test."
)


def figures(
    fields: Sequence[Field], test: Sequence[Example], predicted: Sequence[Prediction], *, seed: int
) -> dict[str, dict[str, Any]]:
    """Metrics by slot; slots without a single answered test case are left out. The gate's seed gives its intervals."""
    found = evaluate(fields, test, predicted, seed=seed)
    return {slot: of for slot, of in found.items() if of["n"]}


def verdict(
    fields: Sequence[Field],
    test: Sequence[Example],
    new: Sequence[Prediction],
    current: Sequence[Prediction] | None,
    groups: Sequence[Group] = (),
    other: Collection[str] = (),
    *,
    seed: int,
) -> Verdict:
    """{"passed", "provisional", "reason", "slots", "left_out", "other_answers"}: every slot that either version answers must pass; none
    at all is a no.

    "left_out": slots that do not pass and that the current version does not answer. They hold nothing back as long as a
    slot of a required field passes (or any, where none is learned); the new version must not answer them.

    groups: those of each test case, in which the new version must not be shown to be worse (engine/subgroups.py).
    other: slots with other answers than those that the current version learned, which it therefore does not answer.
    """
    found = {slot.name: _of_slot(slot, test, new, current, groups, seed) for slot in slots(fields)}
    judged = {
        name: _without_comparison(of) if name in other else of
        for name, of in found.items()
        if of is not None
    }
    left_out = _left_out(fields, judged, current)
    judged = {name: of for name, of in judged.items() if name not in left_out}
    if not judged or not test:
        return {
            "passed": False,
            "provisional": False,
            "reason": NOT_EVALUATED,
            "code": "gate_not_evaluated",
            "slots": judged,
        }
    failed = [of["reason"] for of in judged.values() if not of["passed"]]
    reasons = failed or [of["reason"] for of in judged.values()]
    provisional = not failed and any(of["provisional"] for of in judged.values())
    return {
        "passed": not failed,
        "provisional": provisional,
        "reason": " ".join(reasons),
        "slots": judged,
        "left_out": left_out,
        "other_answers": sorted(other),
    }


def _without_comparison(of: Verdict) -> Verdict:
    """Of a slot with other answers than before."""
    if not of["passed"]:
        return of
    reason = (
        "It has other answers now than those that the current version learned, so the two cannot be compared:"
        " an admin decides."
    )
    return {**of, "reason": f"{of['reason']} {reason}", "code": "gate_other_answers"}


def _left_out(
    fields: Sequence[Field], judged: Mapping[str, Verdict], current: Sequence[Prediction] | None
) -> list[str]:
    required = {slot.name for slot in slots(fields) if slot.field.get("required")} & judged.keys()
    unproven = [
        name
        for name, of in judged.items()
        if not of["passed"] and not any(name in one for one in current or [])
    ]
    if (required or set(judged)) - set(unproven):
        return unproven
    return [name for name in unproven if name not in required] if required else []


def _of_slot(
    slot: AnySlot,
    test: Sequence[Example],
    new: Sequence[Prediction],
    current: Sequence[Prediction] | None,
    groups: Sequence[Group],
    seed: int,
) -> Verdict | None:
    """The gate's verdict on one slot; None where neither version has learned it."""
    answers = references(slot, test)
    rows = np.flatnonzero(slot.recipe.target(slot.field, answers)[1]).tolist()
    new_has = any(slot.name in one for one in new)
    current_has = any(slot.name in one for one in current or [])
    if not new_has:
        lost = f"The new version does not answer {slot.name}, which the current one does."
        found = {"passed": False, "provisional": False, "reason": lost, "code": "gate_lost"}
        return found if current_has else None
    champion = current if current_has else None
    truth = [(answers[row] or {})["value"] for row in rows]
    ours = [new[row][slot.name] for row in rows]
    theirs = [champion[row][slot.name] for row in rows] if champion is not None else None
    patients = [test[row].patient for row in rows]
    found = compare(
        slot.field,
        truth,
        ours,
        theirs,
        patients,
        seed=seed,
        keys=[test[row].key for row in rows],
    )
    if not found["passed"] or theirs is None or not groups:
        return found
    worse = worse_groups(
        slot, truth, ours, theirs, patients, [groups[row] for row in rows], seed=seed
    )
    if not worse:
        return found
    return {
        **found,
        "passed": False,
        "provisional": False,
        "reason": said_of(slot, worse),
        "code": "gate_worse_groups",
        "parameters": {"groups": [one._asdict() for one in worse]},
    }
