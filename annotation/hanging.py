"""A template's [hanging] table: which images stand side by side, and how (frontend/src/reading/layout.ts hangs them)."""

from collections.abc import Iterator, Mapping
from typing import Any

from annotation.evidence.view import VIEWS

LAYOUTS = ("auto", "1x1", "1x2", "1x3", "2x2")
PLANES = ("sagittal", "coronal", "axial")
SWITCHES = ("link_scroll", "reference_lines", "lock_flip")
PARTS = ("layout", "panes", "windows", "priors", *SWITCHES)
MOST_PRIORS = 3
RULES = ("label", "view", "plane", "description", "modality")


def problems(content: Mapping[str, Any]) -> list[str]:
    """What is wrong with a template's [hanging] table, a sentence each; it may be left out."""
    table = content.get("hanging", {})
    if not isinstance(table, Mapping):
        return ["[hanging] must be a table."]
    return [f"[hanging] {problem}" for problem in _problems(table)]


def _problems(table: Mapping[str, Any]) -> Iterator[str]:
    for part in sorted(table.keys() - set(PARTS)):
        yield f"knows no {part!r}; it has {', '.join(PARTS)}."
    if table.get("layout", "auto") not in LAYOUTS:
        yield f"layout must be one of {', '.join(LAYOUTS)}."
    for switch in SWITCHES:
        if not isinstance(table.get(switch, True), bool):
            yield f"{switch} must be true or false."
    priors = table.get("priors", 0)
    if isinstance(priors, bool) or priors not in range(MOST_PRIORS + 1):
        yield f"priors must be a number of studies from 0 to {MOST_PRIORS}."
    for pane in table.get("panes", []):
        yield from _pane_problems(pane)
    for window in table.get("windows", []):
        yield from _window_problems(window)


def _pane_problems(pane: Any) -> Iterator[str]:
    if not isinstance(pane, Mapping) or not pane or pane.keys() - set(RULES):
        yield f"panes: each names some of {', '.join(RULES)}, not {pane!r}."
        return
    if not all(isinstance(value, str) for value in pane.values()):
        yield f"panes: {pane!r} must say all in words."
    if pane.get("view", "AP") not in VIEWS:
        yield f"panes: the view {pane['view']!r} must be one of {', '.join(VIEWS)}."
    if pane.get("plane", "axial") not in PLANES:
        yield f"panes: the plane {pane['plane']!r} must be one of {', '.join(PLANES)}."


def _window_problems(window: Any) -> Iterator[str]:
    numbers = (int, float)
    if (
        not isinstance(window, Mapping)
        or not isinstance(window.get("name"), str)
        or not isinstance(window.get("center"), numbers)
        or not isinstance(window.get("width"), numbers)
        or window["width"] <= 0
    ):
        yield f"windows: each needs a name, a center and a width above 0, not {window!r}."
