"""A kept verdict of the gate for people: what decided, answer by answer."""

from collections.abc import Mapping
from typing import Any


def reasons(gate: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What decided, slot by slot: what did not pass, or else all. `code` and `parameters` say it in another language;
    versions from before they were kept have none."""
    slots: Mapping[str, Mapping[str, Any]] = gate.get("slots") or {"": gate}
    failed = {slot: of for slot, of in slots.items() if not of["passed"]}
    return [
        {
            "slot": slot,
            "reason": of["reason"],
            "code": of.get("code", ""),
            "parameters": {"metric": of.get("metric", ""), **of.get("parameters", {})},
        }
        for slot, of in (failed or slots).items()
    ]
