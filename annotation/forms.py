"""What a form asks: its fields, their slots, and whether answers fit.

A form's content is its template's data (annotation/templates). A field has one slot a site, or one of its own key
where it has no sites: "kl", or "jsn@medial" and "jsn@lateral". Answers are `{slot: {"state", "value"}}`. A field may be
asked only while an earlier one is answered as its `when` says: until then its slots are closed.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from accounts.said import Said
from annotation import when
from annotation.kinds import KINDS, REGIONS
from annotation.kinds.regions import Images

Content = Mapping[str, Any]
Answers = dict[str, dict[str, Any]]

ANSWERED, NOT_ASSESSABLE, NOT_ASKED = "answered", "not_assessable", "not_asked"
STATES = (ANSWERED, NOT_ASSESSABLE, NOT_ASKED)
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
UID = re.compile(r"[0-9.]{1,64}")


class Slot(NamedTuple):
    slot: str
    field: Mapping[str, Any]
    site: str | None


def slots(content: Content) -> list[Slot]:
    """The slots of a form in the order of its fields and their sites."""
    return [
        Slot(when.slot_of(field, site), field, site)
        for field in content["fields"]
        for site in field.get("sites") or [None]
    ]


def problems(content: Content) -> list[str]:
    """What is wrong with a form's content, a sentence each; empty when it may be published."""
    found = [
        f"The form has no {part}." for part in ("slug", "name", "fields") if not content.get(part)
    ]
    if found:
        return found
    keys = [field.get("key") for field in content["fields"]]
    found += [
        f"Two fields have the key {key!r}."
        for key in sorted({k for k in keys if keys.count(k) > 1}, key=str)
    ]
    for field in content["fields"]:
        found += [f"Field {field.get('key')!r}: {problem}" for problem in _field_problems(field)]
    return found or when.problems(content["fields"]) or _column_problems(content)


def columns(content: Content) -> dict[str, str]:
    """The columns of an export, each with what stands in it where a slot was not asked."""
    return dict(_columns(content))


def _columns(content: Content) -> Iterator[tuple[str, str]]:
    for slot, field, _ in slots(content):
        for name in KINDS[field["kind"]].columns(slot, field):
            yield name, ""
        yield f"{slot}_state", NOT_ASKED


def _column_problems(content: Content) -> list[str]:
    names = [name for name, _ in _columns(content)]
    twice = sorted({name for name in names if names.count(name) > 1})
    return [f"Two columns of an export would be named {name}; rename a field." for name in twice]


def clashes(old: Content, new: Content) -> list[str]:
    """Where a new form would mix its answers with those to an older one: same key, other meaning; a sentence each."""
    before = {field["key"]: field for field in old["fields"]}
    return [
        f"Field {field['key']!r} was of another {part} before; give it another key."
        for field in new["fields"]
        for part in ("kind", "scale", "unit", "many")
        if field["key"] in before and _meant(before[field["key"]], part) != _meant(field, part)
    ]


def _meant(field: Mapping[str, Any], part: str) -> Any:
    scale = field.get("scale") or {}
    return (scale.get("name"), scale.get("version")) if part == "scale" else field.get(part)


def _field_problems(field: Mapping[str, Any]) -> Iterator[str]:
    if not NAME.fullmatch(str(field.get("key"))):
        yield "its key must be lower-case letters, digits and underscores, a letter first."
    if not field.get("label"):
        yield "it needs a label."
    sites = field.get("sites", [])
    if len(set(sites)) != len(sites) or not all(NAME.fullmatch(str(site)) for site in sites):
        yield "its sites must be distinct names in lower case."
    if unknown := set(field.get("site_labels", {})) - set(sites):
        yield f"its site_labels name {', '.join(sorted(unknown))}, which are none of its sites."
    kind = KINDS.get(str(field.get("kind")))
    if kind is None:
        yield f"its kind must be one of {', '.join(KINDS)}."
    else:
        yield from kind.definition_problems(field)


def validate(
    content: Content, answers: object, complete: bool, images: Images | None = None
) -> dict[str, str]:
    """What is wrong with answers: `{slot: sentence}`, empty when they may be saved.

    A draft may leave slots out and keep answers in closed ones; a `complete` answer has every required open slot answered
    or not assessable. images: those of the case that `images_named` names; None leaves out whether regions fit them.
    """
    if not isinstance(answers, dict):
        return {"": "Answers must be an object with one entry a slot."}
    known = {slot: field for slot, field, _ in slots(content)}
    found: dict[str, str] = {
        str(slot): Said("The form has no such slot.", "no_such_slot")
        for slot in answers
        if slot not in known
    }
    closed = when.closed(content["fields"], answers) if complete else {}
    for slot, field in known.items():
        answer = answers.get(slot)
        if slot in closed:
            problem = _closed_problem(answer, closed[slot])
        else:
            problem = _slot_problem(field, answer, slot in answers, complete, images)
        if problem:
            found[slot] = problem
    return found


def _closed_problem(answer: object, parent: Mapping[str, Any]) -> str | None:
    if isinstance(answer, dict) and answer.get("state") == ANSWERED:
        label = parent["label"]
        sentence = f"This is not asked while {label} is answered as it is; take the answer out."
        return Said(sentence, "closed", field=parent["key"])
    return None


def _slot_problem(
    field: Mapping[str, Any], answer: Any, given: bool, complete: bool, images: Images | None
) -> str | None:
    problem = _answer_problem(field, answer, complete, images) if given else None
    if problem is None and complete and _is_open(field, answer):
        sentence = f"{field['label']}: answer it or mark it not assessable."
        problem = Said(sentence, "not_answered")
    return problem


def _answer_problem(
    field: Mapping[str, Any], answer: Any, complete: bool, images: Images | None
) -> str | None:
    if not isinstance(answer, dict) or set(answer) - {"state", "value"}:
        return "An answer is an object with a state and a value."
    state: Any = answer.get("state")
    value: Any = answer.get("value")
    if state not in STATES:
        return f"The state must be one of {', '.join(STATES)}."
    if state != ANSWERED:
        return None if value is None else f"An answer that is {_said(state)} has no value."
    kind = field["kind"]
    problem = KINDS[kind].value_problem(field, value, complete)
    if problem is None and images is not None and kind in REGIONS:
        problem = REGIONS[kind].image_problem(field, value, images)
    return problem


def _said(state: str) -> str:
    return state.replace("_", " ")


def _is_open(field: Mapping[str, Any], answer: dict[str, Any] | None) -> bool:
    return bool(field.get("required")) and (answer or {}).get("state") not in (
        ANSWERED,
        NOT_ASSESSABLE,
    )


def images_named(content: Content, answers: Mapping[str, Any]) -> set[str]:
    """The SOP Instance UIDs that the regions of answers name, sound or not; empty for most forms."""
    regions = [slot for slot in slots(content) if slot.field["kind"] in REGIONS]
    return {
        uid
        for slot in regions
        if isinstance(answer := answers.get(slot.slot), dict)
        for named in _named(answer.get("value"))
        if UID.fullmatch(uid := str(named.get("image")))
    }


def _named(value: object) -> Iterator[Mapping[str, Any]]:
    """Whatever names an image in a region's value: each item and the ends of its extent."""
    for item in value if isinstance(value, list) else ():
        if isinstance(item, Mapping):
            yield item
            extent = item.get("extent")
            ends = extent.values() if isinstance(extent, Mapping) else ()
            yield from (end for end in ends if isinstance(end, Mapping))


def completed(content: Content, answers: Answers) -> Answers:
    """Valid answers with every slot named: a closed slot and one that was left out were not asked."""
    closed = when.closed(content["fields"], answers)
    not_asked = {"state": NOT_ASKED}
    return {
        slot: not_asked if slot in closed else answers.get(slot, not_asked)
        for slot, _, _ in slots(content)
    }
