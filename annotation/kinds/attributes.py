"""What is asked of each single item of a region: fields of the plain kinds, answered or left out."""

import re
from collections.abc import Mapping
from typing import Any

from accounts.said import Said, within
from annotation.kinds import choice, grade, number, presence
from annotation.kinds.kind import Field, Kind

PLAIN: dict[str, Kind] = {
    "presence": presence,
    "grade": grade,
    "choice": choice,
    "number": number,
}
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def definition_problems(region: Field) -> list[str]:
    attributes = region.get("attributes", [])
    keys = [attribute.get("key") for attribute in attributes]
    problems = ["its attributes need distinct keys."] if len(set(keys)) != len(keys) else []
    for attribute in attributes:
        named = f"attribute {attribute.get('key')!r}:"
        if not NAME.fullmatch(str(attribute.get("key"))) or not attribute.get("label"):
            problems.append(f"{named} it needs a key in lower case and a label.")
        kind = PLAIN.get(str(attribute.get("kind")))
        if kind is None:
            problems.append(f"{named} its kind must be one of {', '.join(PLAIN)}.")
        else:
            problems += [f"{named} {one}" for one in kind.definition_problems(attribute)]
    return problems


def problem(region: Field, values: object, complete: bool) -> str | None:
    """Why these are no attributes of an item, or None."""
    if not isinstance(values, Mapping):
        return "its attributes must be an object."
    known = {attribute["key"]: attribute for attribute in region.get("attributes", [])}
    if unknown := [key for key in values if key not in known]:
        return f"the form has no attribute {unknown[0]!r}."
    faults = (_fault(attribute, values, complete) for attribute in known.values())
    return next(filter(None, faults), None)


def _fault(attribute: Field, values: Mapping[str, Any], complete: bool) -> str | None:
    key = attribute["key"]
    if key in values:
        fault = PLAIN[attribute["kind"]].value_problem(attribute, values[key], complete)
    else:
        missing = complete and attribute.get("required")
        fault = Said("answer it.", "attribute_missing") if missing else None
    return within(fault, f"{attribute['label']}: ", attribute=key) if fault else None
