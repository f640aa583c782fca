"""What a form asks: its fields, their slots, and whether answers fit.

A form's content is its template's data (annotation/templates). A field has one slot a site, or one of its own key
where it has no sites: "kl", or "jsn@medial" and "jsn@lateral". Answers are `{slot: {"state", "value"}}`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from annotation.kinds import KINDS

Content = Mapping[str, Any]
Answers = dict[str, dict[str, Any]]

ANSWERED, NOT_ASSESSABLE, NOT_ASKED = "answered", "not_assessable", "not_asked"
STATES = (ANSWERED, NOT_ASSESSABLE, NOT_ASKED)
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class Slot(NamedTuple):
    slot: str
    field: Mapping[str, Any]
    site: str | None


def slots(content: Content) -> list[Slot]:
    """The slots of a form in the order of its fields and their sites."""
    return [
        Slot(f"{field['key']}@{site}" if site else field["key"], field, site)
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
    return found


def _field_problems(field: Mapping[str, Any]) -> Iterator[str]:
    if not NAME.fullmatch(str(field.get("key"))):
        yield "its key must be lower-case letters, digits and underscores, a letter first."
    if not field.get("label"):
        yield "it needs a label."
    sites = field.get("sites", [])
    if len(set(sites)) != len(sites) or not all(NAME.fullmatch(str(site)) for site in sites):
        yield "its sites must be distinct names in lower case."
    kind = KINDS.get(str(field.get("kind")))
    if kind is None:
        yield f"its kind must be one of {', '.join(KINDS)}."
    else:
        yield from kind.definition_problems(field)


def validate(content: Content, answers: object, complete: bool) -> dict[str, str]:
    """What is wrong with answers: `{slot: sentence}`, empty when they may be saved.

    A draft may leave slots out; a `complete` answer has every required slot answered or not assessable.
    """
    if not isinstance(answers, dict):
        return {"": "Answers must be an object with one entry a slot."}
    known = {slot: field for slot, field, _ in slots(content)}
    found = {str(slot): "The form has no such slot." for slot in answers if slot not in known}
    for slot, field in known.items():
        answer = answers.get(slot)
        problem = _answer_problem(field, answer) if slot in answers else None
        if problem is None and complete and _is_open(field, answer):
            problem = f"{field['label']}: answer it or mark it not assessable."
        if problem:
            found[slot] = problem
    return found


def _answer_problem(field: Mapping[str, Any], answer: object) -> str | None:
    if not isinstance(answer, dict) or set(answer) - {"state", "value"}:
        return "An answer is an object with a state and a value."
    state, value = answer.get("state"), answer.get("value")
    if state not in STATES:
        return f"The state must be one of {', '.join(STATES)}."
    if state == ANSWERED:
        return KINDS[field["kind"]].value_problem(field, value)
    return None if value is None else f"An answer that is {state.replace('_', ' ')} has no value."


def _is_open(field: Mapping[str, Any], answer: dict[str, Any] | None) -> bool:
    return bool(field.get("required")) and (answer or {}).get("state") not in (
        ANSWERED,
        NOT_ASSESSABLE,
    )


def completed(content: Content, answers: Answers) -> Answers:
    """Valid answers with every slot named: what was left out of an optional field was not asked."""
    return {slot: answers.get(slot, {"state": NOT_ASKED}) for slot, _, _ in slots(content)}
