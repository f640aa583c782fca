"""May a new version become the current one? Asked of the locked test, answered with a reason, and no when in doubt.

The rule. Resample the test patients `rounds` times; in each resample score challenger and champion on the same cases.
The difference has a 95 % interval.

1. Not worse: the challenger passes when the interval's lower bound is at least -margin. Where the test can show that
   much (half the interval's width is at most the margin) there is no other way.
2. Too small a test: where half the width exceeds the margin, even an equal model would fail for ever, and the task
   would be stuck with its first one. The challenger then passes *provisionally* when it is at least as good on the test
   as it is and lies within the margin in LIKELY of the resamples: a chance of 1 in 5, at the worst, that it is worse by
   more than the margin. The verdict and its sentence say that the test was too small. The two rules meet where half the
   width equals the margin: both ask for a difference of at least 0 there. Where all resamples say the same, as of two
   versions that answer these patients alike, the interval knows nothing of the next one: there half the width is UNSEEN
   over the patients.

What never passes: fewer than LEAST_PATIENTS test patients, a damaged prediction, or a score not shown to be above chance
while there is no champion to compare with.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from training.recipes import DENSE, RECIPES
from training.recipes.judged import Judged
from training.recipes.statistics import BOOTSTRAP_ROUNDS, UNDEFINED, Floats

LEAST_PATIENTS = 10
MARGIN = 0.02
LIKELY = 0.8  # share of the resamples
# Of what happened to none of n patients, up to 3 / n may be with 95 % confidence (Hanley and Lippman-Hand, JAMA 1983;249:1743)
UNSEEN = 3.0


def compare(
    field: Mapping[str, Any],
    y_true: Sequence[Any],
    challenger: Sequence[Mapping[str, Any]],
    champion: Sequence[Mapping[str, Any]] | None,
    patients: Sequence[str],
    *,
    seed: int,
    rounds: int = BOOTSTRAP_ROUNDS,
    margin: float = MARGIN,
    keys: Sequence[str] | None = None,
) -> dict[str, Any]:
    """The verdict on one slot's predictions for the locked test; every list is in the order of `y_true`.

    y_true: graded answers only. champion: None if the task has no current version. keys: the cases, to refuse one counted twice.
    Never raises for bad data: {"passed": False, "reason": ...}. "provisional": passed by rule 2 above. "code" and
    "parameters" are what a page needs to say the reason in another language; none of what only a fault of ours brings.
    """
    recipe, places = RECIPES[field["kind"]], DENSE.get(field["kind"])
    verdict: dict[str, Any] = {
        "passed": False,
        "provisional": False,
        **_says(""),
        "delta": dict(UNDEFINED),
        "metric": recipe.MAIN_METRIC,
        "n": len(y_true),
        "n_patients": len(set(patients)),
    }
    fault = _lacking(y_true, patients)
    broken = _broken(field, y_true, challenger, champion, patients, keys) if not fault else ""
    if fault or broken:
        return verdict | (fault or _says(broken))
    new, new_rounds = recipe.resampled_main(field, y_true, challenger, patients, rounds, seed)
    if champion is None:
        said = (y_true, challenger, patients, seed)
        chance = recipe.CHANCE if places is None else places.chance(field, y_true, challenger)
        return verdict | _first(
            recipe, chance, new, new_rounds, lambda: recipe.metrics(*said, field=field)
        )
    old, old_rounds = recipe.resampled_main(field, y_true, champion, patients, rounds, seed)
    telling = len(set(patients))
    if places is not None:
        telling = places.telling(field, y_true, challenger, patients)
    return verdict | judge_difference(
        recipe.SAID, new - old, new_rounds - old_rounds, telling, margin
    )


def _first(
    recipe: Judged,
    chance: float,
    value: float,
    rounds: Floats,
    figures: Callable[[], Mapping[str, Any]],
) -> dict[str, Any]:
    """figures: those of the card, which may have bounds where all resamples say the same."""
    bounds = _bounds(value, rounds)
    if bounds is None:
        return _undefined(f"The {recipe.SAID}", value)
    low, high = bounds
    if low == high and (known := figures()[recipe.MAIN_METRIC])["low"] is not None:
        low, high = known["low"], known["high"]
    said = f"{recipe.SAID} {value:.2f} (95 % interval {low:.2f} to {high:.2f})"
    told = {"value": value, "low": low, "high": high}
    if low > chance:
        above = f"First version: {said} is above chance."
        return {"passed": True} | _says(above, "gate_first", **told)
    unproven = f"First version: {said} is not yet shown to be above chance; more labels are needed."
    return _says(unproven, "gate_first_unproven", **told)


def judge_difference(
    said: str, delta: float, rounds: Floats, patients: int, margin: float = MARGIN
) -> dict[str, Any]:
    """Rules 1 and 2 above, for a difference in the metric of that name on a test in which it tells of so many patients, and what
    it is in each resample."""
    bounds = _bounds(delta, rounds)
    if bounds is None:
        return _undefined(f"The difference in {said}", delta)
    low, high = bounds
    half = (high - low) / 2 if high > low else UNSEEN / max(1, patients)
    of = {"value": delta, "low": low, "high": high}
    figure = (
        f"{said} {delta:+.3f} against the current version (95 % interval {low:+.3f} to {high:+.3f})"
    )

    def verdict(sentence: str, code: str, **more: Any) -> dict[str, Any]:
        reason = _says(f"{sentence}.", code, margin=margin, **of)
        return {"delta": of, **more} | reason

    if low > 0:
        return verdict(f"Better: {figure}", "gate_better", passed=True)
    if low >= -margin and (high > low or half <= margin):
        return verdict(f"Not worse: {figure}", "gate_not_worse", passed=True)
    if high < 0:
        return verdict(f"Worse: {figure}; the current version stays", "gate_worse")
    not_shown = f"Not shown to be as good: {figure}"
    if half <= margin:
        return verdict(f"{not_shown}; the current version stays", "gate_not_shown")
    small = f"the test is too small to show a difference of {margin:.2f}"
    if delta >= 0 and _share_within(rounds, margin) >= LIKELY:
        likely = f"Probably not worse: {figure}; {small}, so this is provisional"
        return verdict(likely, "gate_likely", passed=True, provisional=True)
    return verdict(f"{not_shown}; {small}, and the current version stays", "gate_small")


def _says(reason: str, code: str = "", **parameters: Any) -> dict[str, Any]:
    return {"reason": reason, "code": code, "parameters": parameters}


def _undefined(what: str, value: float) -> dict[str, Any]:
    """Of a figure that its test does not give: of all cases, or, where `value` is a number, of many of its resamples."""
    if np.isfinite(value):
        rare = f"{what} cannot be told from this test: too few of its patients have one of the answers."
        return _says(rare, "gate_rare")
    return _says(
        f"{what} is not defined on this test: its cases all have one answer.", "gate_undefined"
    )


def _share_within(rounds: Floats, margin: float) -> float:
    """Of the resamples in which the difference is defined."""
    return float((rounds[np.isfinite(rounds)] >= -margin).mean())


def _bounds(value: float, rounds: Floats) -> tuple[float, float] | None:
    """95 % interval; None where the figure, or it in more than a twentieth of the resamples, is not defined."""
    defined = rounds[np.isfinite(rounds)]
    if not np.isfinite(value) or len(defined) < 0.95 * len(rounds):
        return None
    low, high = np.percentile(defined, [2.5, 97.5])
    return float(low), float(high)


def _lacking(y_true: Sequence[Any], patients: Sequence[str]) -> dict[str, Any] | None:
    """What there is too little of to say anything, if so."""
    if not len(y_true):
        none = f"No test case is labelled yet; {LEAST_PATIENTS} patients are needed."
        return _says(none, "gate_no_case", patients=LEAST_PATIENTS)
    more = LEAST_PATIENTS - len(set(patients))
    if more <= 0:
        return None
    few = f"The test holds too few patients to judge: {more} more must be read."
    return _says(few, "gate_few", patients=more)


def _broken(
    field: Mapping[str, Any],
    y_true: Sequence[Any],
    challenger: Sequence[Mapping[str, Any]],
    champion: Sequence[Mapping[str, Any]] | None,
    patients: Sequence[str],
    keys: Sequence[str] | None,
) -> str:
    """What is wrong with what is to be compared, or empty."""
    lists = [
        challenger,
        patients,
        *([] if champion is None else [champion]),
        *([] if keys is None else [keys]),
    ]
    if any(len(one) != len(y_true) for one in lists):
        return "Answers, predictions and patients are not equally many; the evaluation is broken."
    if keys is not None and len(set(keys)) != len(keys):
        return "A test case is counted twice; the evaluation is broken."
    answers = [{"state": "answered", "value": value} for value in y_true]
    try:
        known = RECIPES[field["kind"]].target(field, answers)[1]
    except (ValueError, TypeError) as error:
        return str(error)
    if not known.all():
        return "An answer of the test cannot be graded; leave it out."
    for name, predictions in (("new", challenger), ("current", champion or [])):
        if not all(_sound(field, one) for one in predictions):
            return (
                f"A prediction of the {name} version is damaged: a number is missing or not finite."
            )
    return ""


def _sound(field: Mapping[str, Any], prediction: Mapping[str, Any]) -> bool:
    """A value of this field, with numbers beside it that are some."""
    if prediction.get("kind") != field["kind"]:
        return False
    answer = {"state": "answered", "value": prediction.get("value")}
    recipe = RECIPES[field["kind"]]
    try:
        known = recipe.target(field, [answer])[1]
    except (ValueError, TypeError):
        return False
    return bool(known.all()) and recipe.sound(field, prediction)
