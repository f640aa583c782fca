"""Which slots are asked at all: a field with `when` is open only while an earlier one is answered as it says."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from annotation.kinds import choice, grade, presence

Field = Mapping[str, Any]
CHOICES: dict[str, Callable[[Field], Sequence[int | str]]] = {
    "presence": presence.choices,
    "grade": grade.choices,
    "choice": choice.choices,
}


def slot_of(field: Field, site: str | None) -> str:
    return f"{field['key']}@{site}" if site else str(field["key"])


def problems(fields: Sequence[Field]) -> list[str]:
    """What is wrong with the dependencies of sound fields, a sentence each."""
    earlier: dict[str, Field] = {}
    found = []
    for field in fields:
        if "when" in field:
            found += [f"Field {field['key']!r}: {one}" for one in _problems(field, earlier)]
        link = field.get("link")
        if link is not None and (not isinstance(link, Mapping) or link.get("field") not in earlier):
            found.append(f"Field {field['key']!r}: its link must name an earlier field.")
        earlier[field["key"]] = field
    return found


def _problems(field: Field, earlier: Mapping[str, Field]) -> Iterator[str]:
    when = field["when"]
    if not isinstance(when, Mapping) or not isinstance(when.get("is"), list) or not when["is"]:
        yield "its when needs a field and the values that open it (is)."
        return
    parent = earlier.get(str(when.get("field")))
    if parent is None or parent["kind"] not in CHOICES:
        yield f"its when must name an earlier field of the kind {', '.join(CHOICES)}."
        return
    values = CHOICES[parent["kind"]](parent)
    if unknown := [value for value in when["is"] if value not in values]:
        yield f"its when waits for {unknown[0]!r}, which {parent['key']!r} never is."
    if parent.get("sites") and parent["sites"] != field.get("sites"):
        yield f"its sites must be those of {parent['key']!r}, on which it depends."


def closed(fields: Sequence[Field], answers: Mapping[str, Any]) -> dict[str, Field]:
    """The slots that these answers leave closed, each with the field that closes it."""
    found: dict[str, Field] = {}
    by_key = {field["key"]: field for field in fields}
    for field in fields:
        if (when := field.get("when")) is None:
            continue
        parent = by_key[when["field"]]
        for site in field.get("sites") or [None]:
            asked = slot_of(parent, site if parent.get("sites") else None)
            if asked in found or not _is(answers.get(asked), when["is"]):
                found[slot_of(field, site)] = parent
    return found


def _is(answer: object, wanted: Sequence[Any]) -> bool:
    if not isinstance(answer, Mapping) or answer.get("state") != "answered":
        return False
    value = answer.get("value")
    return any(one in wanted for one in (value if isinstance(value, list) else [value]))
