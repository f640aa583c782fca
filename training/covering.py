"""A prediction's interval or set is shown where it kept its promise on patients that the model never saw, and only there."""

from collections.abc import Mapping
from typing import Any

PROMISE = ("low", "high", "level")

Slots = Mapping[str, Mapping[str, Any]]


def honest(metrics: Mapping[str, Mapping[str, Any]], slots: Slots) -> dict[str, dict[str, Any]]:
    """Predictions by slot, without the promises that did not hold; `metrics`: the version's, by slot."""
    return {
        slot: dict(of) if held(metrics.get(slot), of.get("level")) else _bare(of)
        for slot, of in slots.items()
    }


def held(measured: Mapping[str, Any] | None, level: float | None) -> bool:
    """Whether the interval of the measured coverage, over the locked test's patients, reaches the promised one."""
    figure = (measured or {}).get("coverage")
    if level is None or not figure or figure["high"] is None:
        return False
    return bool(figure["high"] >= level)


def _bare(of: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in of.items() if name not in PROMISE}
