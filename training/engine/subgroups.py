"""Is a new version shown to be worse for some of the patients? What it gains for the many must not be paid by the few.

In a group of LEAST_PATIENTS the margin of the whole test cannot be shown to be kept, whatever the model: a group holds a
version back where it is *shown to be worse*, by the upper end of the paired difference's interval. With many groups one
of two equal models looks worse in some group by luck: the interval is the wider the more groups are looked at
(Bonferroni's correction).
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from training.engine.examples import AnySlot
from training.recipes.statistics import BOOTSTRAP_ROUNDS

Group = Mapping[str, str]  # attribute → value: {"sex": "F", "manufacturer": "…", "reader": "7"}
LEAST_PATIENTS = 30  # below that a figure says more of luck than of the model
LEVEL = 0.025  # chance that one of two equal models is held back by any of its groups


class Worse(NamedTuple):
    by: str
    value: str
    patients: int
    difference: float
    highest: float  # of its interval


def worse_groups(
    slot: AnySlot,
    truth: Sequence[Any],
    challenger: Sequence[Mapping[str, Any]],
    champion: Sequence[Mapping[str, Any]],
    patients: Sequence[str],
    groups: Sequence[Group],
    *,
    seed: int,
) -> list[Worse]:
    """The groups in which the challenger is shown to be worse than the champion; all lists are in one order."""
    large = _large(patients, groups)
    found = []
    for (by, value), rows in large.items():
        of = [patients[row] for row in rows]
        (new, resampled), (old, before) = (
            slot.recipe.resampled_main(
                slot.field,
                [truth[row] for row in rows],
                [one[row] for row in rows],
                of,
                BOOTSTRAP_ROUNDS,
                seed,
            )
            for one in (challenger, champion)
        )
        rounds = resampled - before
        defined = rounds[np.isfinite(rounds)]
        if not np.isfinite(new - old) or len(defined) < len(rounds) / 2:
            continue
        highest = float(np.quantile(defined, 1 - LEVEL / len(large)))
        if highest < 0:
            found.append(Worse(by, value, len(set(of)), float(new - old), highest))
    return found


def said_of(slot: AnySlot, worse: Sequence[Worse]) -> str:
    """Why the version is held back, as a sentence."""
    groups = "; ".join(
        f"{one.by} {one.value} ({one.patients} patients): {slot.recipe.SAID} {one.difference:+.3f}, at most"
        f" {one.highest:+.3f}"
        for one in worse
    )
    return f"Worse than the current version for some of the patients: {groups}; the current version stays."


def _large(patients: Sequence[str], groups: Sequence[Group]) -> dict[tuple[str, str], list[int]]:
    """The rows of each group with enough patients that is not everybody."""
    rows: dict[tuple[str, str], list[int]] = {}
    for row, group in enumerate(groups):
        for attribute, value in group.items():
            rows.setdefault((attribute, value), []).append(row)
    return {
        key: of
        for key, of in sorted(rows.items())
        if len({patients[row] for row in of}) >= LEAST_PATIENTS and len(of) < len(groups)
    }
