"""A prediction's interval or set is shown where it kept its promise on patients that the model never saw, and only there.

Kept: on LEAST_PATIENTS or more, the measured coverage is at least the promised one less a standard error of a share so large
among so many patients. A promise that is just kept is measured below that by luck once in six times; without any slack it
would be every second time.
"""

from collections.abc import Mapping
from math import sqrt
from typing import Any

PROMISE = ("low", "high", "level")
LEVEL = 0.9  # that of the recipes (recipes/sets.py), which the web process does not load
LEAST_PATIENTS = 30

Slots = Mapping[str, Mapping[str, Any]]


def honest(metrics: Mapping[str, Mapping[str, Any]], slots: Slots) -> dict[str, dict[str, Any]]:
    """Predictions by slot, without the promises that did not hold; `metrics`: the version's, by slot."""
    return {
        slot: dict(of) if held(metrics.get(slot), of.get("level")) else _bare(of)
        for slot, of in slots.items()
    }


def held(measured: Mapping[str, Any] | None, level: float | None) -> bool:
    """Whether the coverage measured on the locked test's patients is the promised one."""
    figure = (measured or {}).get("coverage")
    if measured is None or level is None or not figure or figure["value"] is None:
        return False
    patients: int = measured.get("n_patients", 0)
    return patients >= LEAST_PATIENTS and bool(figure["value"] >= needed(level, patients))


def needed(level: float, patients: int) -> float:
    """The least coverage that is measured of a promise that is kept."""
    return level - sqrt(level * (1 - level) / patients)


def told(measured: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """For a card: is what the version promises of a slot shown, and what that takes; None where it promises nothing."""
    if not (measured or {}).get("coverage"):
        return None
    assert measured is not None
    patients = measured["n_patients"]
    return {
        "shown": held(measured, LEVEL),
        "level": LEVEL,
        "patients": patients,
        "least_patients": LEAST_PATIENTS,
        "needed": needed(LEVEL, patients) if patients else None,
    }


def _bare(of: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in of.items() if name not in PROMISE}
