"""A model card as Markdown, of the JSON that training.api.card gives."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from accounts.said import counted, there_are
from annotation import forms
from training.naming import class_names, figure_name, option_name, unit_of

Card = Mapping[str, Any]
SPLITS = ("train", "tune", "test")
INTERVALS = (
    "by bootstrap over patients; where all resamples say the same, as of a test without an error, by Wilson's or Newcombe's"
    " method, which count patients as well"
)


def card(shown: Card) -> str:
    """The whole card, one section after the other."""
    lines = [
        f"# {shown['task']['name']}, model {shown['number']}",
        "",
        f"{shown['purpose']['is']} State: {shown['state']}.",
        "",
        "## What it is for",
        "",
        *(f"- {one}" for one in shown["purpose"]["for"]),
        "",
        "## What it is not for",
        "",
        *(f"- {one}" for one in shown["purpose"]["not_for"]),
        "",
        *_gate(shown),
        *_counts(shown),
        *_slots(shown),
        *_made(shown),
    ]
    return "\n".join(lines) + "\n"


def figure(of: Mapping[str, Any] | None) -> str:
    """ "0.64 (0.50 to 0.75)"."""
    if of is None or of.get("value") is None:
        return "not defined"
    if of.get("low") is None:
        return f"{of['value']:.2f}"
    return f"{of['value']:.2f} ({of['low']:.2f} to {of['high']:.2f})"


def _gate(shown: Card) -> Iterator[str]:
    gate = shown["gate"] or {}
    yield from ("## The gate", "", gate.get("reason") or "It was not judged.", "")
    if gate.get("against"):
        yield from (f"The current version then: model {gate['against']}.", "")
    if left_out := gate.get("left_out"):
        named = "; ".join(shown["labels"].get(slot, slot) for slot in left_out)
        yield from (f"Not answered: {named}: learned, but not yet shown to be above chance.", "")
    if cases := gate.get("not_judged"):
        unread = f"{counted(cases, 'case')} of the locked test: the images cannot be read."
        yield from (f"Not judged: {unread}", "")
    if gate.get("test_uses"):
        yield f"Uses of the locked test up to this version: {gate['test_uses']}; up to now: {shown['test_uses_now']}."
        yield ""
    if of := shown["deleted"]:
        who = f" by {of['by']}" if of["by"] else ""
        yield from (f"Its weights were deleted on {of['at']:%Y-%m-%d}{who}: {of['reason']}", "")


def _counts(shown: Card) -> Iterator[str]:
    counts, snapshot = shown["counts"], shown["snapshot"]
    yield from ("## What it learned from and was tested on", "")
    yield f"Snapshot {snapshot['number']}, SHA-256 `{snapshot['hash']}`."
    yield ""
    if not counts:
        return
    yield from _table(
        ["split", "cases", "patients"],
        [
            [split, *(counts["splits"][split][of] for of in ("cases", "patients"))]
            for split in SPLITS
        ],
    )
    yield from _missing(shown.get("missing") or {})
    for name, of in shown["beside"].items():
        unit = f" ({of['unit']})" if of["unit"] else ""
        cases = ", ".join(f"{n} of {split}" for split, n in of["not_known"].items())
        yield from (
            f"Beside the images it reads: {name}{unit}. Cases of which it is not known: {cases}.",
            "",
        )
    for slot, of in ((shown.get("model") or {}).get("evidence") or {}).items():
        places = ", ".join(shown["labels"].get(place, place) for place in of["places"])
        yield from (f"{shown['labels'][slot]} weighs also the surest mark of: {places}.", "")
    for slot, label in shown["labels"].items():
        tallies = {split: counts["splits"][split]["slots"].get(slot, {}) for split in SPLITS}
        answers = sorted({answer for tally in tallies.values() for answer in tally})
        if answers:
            yield from (f"{label}:", "")
            rows = [[a, *(tallies[split].get(a, 0) for split in SPLITS)] for a in answers]
            yield from _table(["answer", *SPLITS], rows)


def _missing(of: Mapping[str, Any]) -> Iterator[str]:
    unread = {split: n for split, n in of.get("unread", {}).items() if n}
    if unread:
        cases = ", ".join(f"{n} of {split}" for split, n in unread.items())
        yield from (
            f"Cases whose images cannot be read, neither learned from nor judged: {cases}.",
            "",
        )
    if of.get("differing"):
        yield from (
            f"Cases with the pixels of another one and other answers, left out: {of['differing']}.",
            "",
        )
    if of.get("learned_before"):
        yield (
            "Cases of the locked test left out, for an earlier version has learned from their pixels as another"
            f" patient's: {of['learned_before']}."
        )
        yield ""


def _slots(shown: Card) -> Iterator[str]:
    fields = {slot.slot: slot.field for slot in forms.slots(shown["form"])}
    for slot, of in shown["slots"].items():
        metrics, field = of["metrics"], fields.get(slot, {})
        yield from (f"## {shown['labels'].get(slot, slot)}", "")
        if not metrics:
            yield from ("Not measured: the locked test had no reference yet.", "")
            continue
        tested = (
            f"{counted(metrics['n'], 'test case')} of {counted(metrics['n_patients'], 'patient')}"
        )
        yield f"{tested}; 95 % intervals {INTERVALS}."
        yield ""
        found = [
            [figure_name(name, field), figure(value)]
            for name, value in metrics.items()
            if _is_figure(value)
        ]
        yield from _table(["figure", "value"], found)
        if "point" in metrics:
            yield (
                f"Sensitivity and specificity where it is called present from a chance of {metrics['point']:.3f} on;"
                " the point was chosen on the split tune."
            )
            yield ""
        for rows in metrics.values():
            if isinstance(rows, list) and rows and isinstance(rows[0], Mapping):
                yield from _each(rows, field)
        yield from _promise(shown["promises"].get(slot))
        yield from _agreement(metrics.get("bland_altman"), unit_of(field))
        yield from _confusion(metrics.get("confusion") or [], field)
        judged = shown["judged"].get(slot) or {}
        yield from _calibration(judged.get("calibration"))
        yield from _subgroups(judged.get("subgroups") or [])


def _each(rows: Sequence[Mapping[str, Any]], field: Mapping[str, Any]) -> Iterator[str]:
    """What a recipe measures grade by grade, option by option: its columns are its own."""

    def cell(name: str, of: Any) -> Any:
        if name == "option":
            return option_name(field, of)
        return figure(of) if _is_figure(of) else of

    cells = [[cell(name, of) for name, of in row.items()] for row in rows]
    yield from _table([figure_name(name) for name in rows[0]], cells)


def _promise(of: Mapping[str, Any] | None) -> Iterator[str]:
    if of is None:
        return
    said = f"Sets and intervals that hold the truth {of['level']:.0%} of the time are"
    shown = "shown to readers" if of["shown"] else "not shown to readers"
    if of["patients"] < of["least_patients"]:
        why = f"that is asked of {of['least_patients']} test patients, and {there_are(of['patients'])}"
    else:
        why = (
            f"of {of['patients']} patients the coverage must be at least {of['needed']:.3f}, the promise less one"
            " standard error"
        )
    yield from (f"{said} {shown}: {why}.", "")


def _agreement(of: Mapping[str, Any] | None, unit: str) -> Iterator[str]:
    """Bland and Altman's figures; the limits of old cards are plain numbers."""
    if of:
        mean, lower, upper = (
            figure(one if _is_figure(one) else {"value": one})
            for one in (of["mean"], of["lower"], of["upper"])
        )
        said = f"{mean}; limits of agreement {lower} and {upper}"
        yield f"Model less reference{f' ({unit})' if unit else ''}: mean difference {said}."
        yield ""


def _confusion(counts: Sequence[Sequence[int]], field: Mapping[str, Any]) -> Iterator[str]:
    if counts:
        names = class_names(field, len(counts))
        yield from ("Reference (rows) against model (columns):", "")
        rows = [[name, *row] for name, row in zip(names, counts, strict=True)]
        yield from _table(["", *names], rows)


def _calibration(of: Mapping[str, Any] | None) -> Iterator[str]:
    if of:
        yield f"Calibration: expected error {figure(of['ece'])}."
        yield ""
        rows = [[f"{b['chance']:.2f}", figure(b["share"]), b["n"]] for b in of["bins"]]
        yield from _table(["chance given", "share that was so", "cases"], rows)


def _subgroups(groups: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if groups:
        yield from _table(
            ["by", "group", "patients", "cases", figure_name(groups[0]["metric"])],
            [
                [
                    *(group["by"], group["value"], group["n_patients"], group["n"]),
                    figure(group["figure"]) if group["figure"] else "too few",
                ]
                for group in groups
            ],
        )
        yield "By place of origin it cannot be split: de-identification removes the institution."
        yield ""


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if at else ""


def _made(shown: Card) -> Iterator[str]:
    run, code = shown["run"], shown["code"] or {}
    facts = {
        "speed": run["speed"],
        "why it started": run["trigger"],
        "queued": _time(run["queued_at"]),
        "started": _time(run["started_at"]),
        "finished": _time(run["finished_at"]),
        "attempts": run["attempts"],
        "seed": shown["seed"],
        "weights (SHA-256)": shown["weights"],
        "encoder (SHA-256)": shown["encoder"],
        "encoder": (shown["model"] or {}).get("encoder", ""),
        **{f"started from: {name}": value for name, value in (shown["start"] or {}).items()},
        **{f"code: {name}": value for name, value in code.items()},
        **{f"setting: {name}": value for name, value in (shown["settings"] or {}).items()},
    }
    yield from ("## How it was made", "")
    yield from _table(["", ""], [[name, value] for name, value in facts.items()])


def _is_figure(value: Any) -> bool:
    return isinstance(value, Mapping) and {"value", "low", "high"} <= value.keys()


def _table(head: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Iterator[str]:
    yield _row(head)
    yield _row(["---"] * len(head))
    yield from map(_row, rows)
    yield ""


def _row(cells: Sequence[Any]) -> str:
    escaped = (str(cell).replace("|", "\\|").replace("\n", " ") for cell in cells)
    return f"| {' | '.join(escaped)} |"
