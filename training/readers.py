"""What the readers are called whose references a version was judged by: by name for admins; by a number for others, whose
work it is to judge images and not each other. Kept of them are their ids."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from accounts.models import User
from training.models import ModelVersion

Gate = Mapping[str, Any]
WITHIN = re.compile(r"\breader (\d+) \(")  # a sentence, as engine/subgroups.py says it


def called(model: ModelVersion, *, names: bool) -> dict[str, str]:
    """By id. The numbers go over all readers of the version's test, and so are the same on card and in gate."""
    ids = sorted({*_of_card(model.card), *_of_gate(model.gate)}, key=int)
    if names:
        known = User.objects.in_bulk([int(reader) for reader in ids])
        return {reader: known[int(reader)].display_name for reader in ids if int(reader) in known}
    return {reader: f"reader {number}" for number, reader in enumerate(ids, start=1)}


def gate_of(model: ModelVersion, *, names: bool) -> Gate:
    """The version's gate with its readers called so, in the sentences and in what they are made of."""
    gate: Gate = model.gate
    if not any(_of_gate(gate)):
        return gate
    known = called(model, names=names)
    slots = {slot: _verdict(of, known) for slot, of in gate["slots"].items()}
    return {**_verdict(gate, known), "slots": slots}


def sentence(said: str, model: ModelVersion, *, names: bool) -> str:
    """A sentence of the version's gate that was kept elsewhere."""
    if not any(_of_gate(model.gate)):
        return said
    return _renamed(said, called(model, names=names))


def group(of: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, Any]:
    """One of the groups that a test was split into."""
    return {**of, "value": known.get(of["value"], of["value"])} if of["by"] == "reader" else {**of}


def _of_card(card: Mapping[str, Any]) -> Iterator[str]:
    for of in (card.get("slots") or {}).values():
        yield from (one["value"] for one in of["subgroups"] if one["by"] == "reader")


def _of_gate(gate: Gate) -> Iterator[str]:
    for of in (gate.get("slots") or {}).values():
        groups = of.get("parameters", {}).get("groups", [])
        yield from (one["value"] for one in groups if one["by"] == "reader")


def _verdict(of: Gate, known: Mapping[str, str]) -> Gate:
    told = {**of, "reason": _renamed(of["reason"], known)}
    if groups := of.get("parameters", {}).get("groups"):
        told["parameters"] = {**of["parameters"], "groups": [group(one, known) for one in groups]}
    return told


def _renamed(said: str, known: Mapping[str, str]) -> str:
    """In one pass: a number may be the id of another reader."""
    return WITHIN.sub(lambda found: f"{known.get(found[1], found[0][:-2])} (", said)
