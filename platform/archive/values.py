"""Judges the value of an element that may stay: what cannot be read as what it claims to be goes.

Each judge takes an element and gives its value as it may stand, or None where the element goes. All are pure.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from . import words
from .pseudonyms import class_of, earlier_date, earlier_date_time, uid_of

TIME = re.compile(r"[0-9]{2}(?:[0-9]{2}(?:[0-9]{2}(?:\.[0-9]{1,6})?)?)?")
AGE = re.compile(r"[0-9]{1,3}[DWMY]")
OLDEST_TOLD = 89  # years; above it an age singles people out, and becomes "090Y"


@dataclass(frozen=True)
class Keys:
    """What replaces the UIDs and dates of one patient."""

    secret: bytes
    days: int


Judge = Callable[[DataElement, Keys], Any]


def _each(value: Any) -> list[Any]:
    return list(value) if isinstance(value, MultiValue | list) else [value]


def _again(element: DataElement, values: list[Any]) -> Any:
    return values if isinstance(element.value, MultiValue | list) else values[0]


def uid(element: DataElement, keys: Keys) -> Any:
    return _again(element, [uid_of(keys.secret, str(one or "")) for one in _each(element.value)])


def sop_class(element: DataElement, keys: Keys) -> Any:
    return _again(element, [class_of(keys.secret, str(one or "")) for one in _each(element.value)])


def term(element: DataElement, keys: Keys) -> Any:
    """Of several terms an unknown one leaves its place empty, for the others' places mean something."""
    values = [str(one or "").strip(" \0") for one in _each(element.value)]
    kept = [one if words.is_known(one) else "" for one in values]
    return _again(element, kept) if any(kept) or not any(values) else None


def count(element: DataElement) -> int:
    """How many values; of an ambiguous VR (US or SS) pydicom leaves bytes, two a value."""
    if isinstance(element.value, bytes):
        return -(-len(element.value) // 2)
    return element.VM


def number(element: DataElement, keys: Keys) -> Any:
    """Whatever is no number goes: pydicom hands on text as it is where it could not read it by its VR.

    So does a whole number beyond what IS holds (PS3.5 6.2): it is a record number.
    """
    if isinstance(element.value, bytes):
        return element.value if element.VR == "US or SS" else None
    found = [float(one) for one in _each(element.value) if one not in ("", None)]
    if element.VR == "IS" and any(abs(one) >= 1 << 31 for one in found):
        return None
    return element.value


def age(element: DataElement, keys: Keys) -> Any:
    text = str(element.value or "").strip(" \0")
    if not AGE.fullmatch(text):
        return None
    return "090Y" if text[-1] == "Y" and int(text[:-1]) > OLDEST_TOLD else text.zfill(4)


def moment(element: DataElement, keys: Keys) -> Any:
    """Dates move by whole days, times stay."""
    judge = {"DA": earlier_date, "DT": earlier_date_time}.get(element.VR, _time)
    kept = [judge(str(one or ""), keys.days) for one in _each(element.value)]
    return _again(element, kept)


def _time(text: str, days: int) -> str:
    text = text.strip(" \0").replace(":", "")
    return text if TIME.fullmatch(text) else ""


def description(element: DataElement, keys: Keys) -> Any:
    return _cleaned(element, words.DESCRIPTION)


def maker(element: DataElement, keys: Keys) -> Any:
    return _cleaned(element, words.MAKER)


def _cleaned(element: DataElement, known: frozenset[str]) -> Any:
    kept = [words.clean(str(one or ""), known) for one in _each(element.value)]
    return _again(element, kept) if any(kept) else None


@cache
def meanings() -> dict[tuple[str, str], str]:
    """The meaning of each code that DICOM itself uses, by scheme and value."""
    from pydicom.sr._concepts_dict import concepts  # noqa: PLC0415 -- 15 MB, and few files hold a code
    from pydicom.sr._snomed_dict import mapping  # noqa: PLC0415 -- with it

    tables: Any = concepts
    known = {
        (scheme, value): meaning
        for scheme, keywords in tables.items()
        for codes in keywords.values()
        for value, (meaning, _) in codes.items()
    }
    older: dict[str, str] = mapping["SRT"]
    return known | {
        ("SRT", old): known["SCT", new] for old, new in older.items() if ("SCT", new) in known
    }


def code_is_known(item: Dataset) -> bool:
    """Whether an item that holds a code (PS3.3 8.8) holds one that DICOM itself uses; an odd meaning becomes DICOM's."""
    place = (str(item.get("CodingSchemeDesignator", "")), str(item.get("CodeValue", "")))
    meaning = meanings().get((place[0].strip(), place[1].strip()))
    if meaning is None:
        return False
    own = str(item.get("CodeMeaning", ""))
    item.CodeMeaning = own if own and words.is_known(own, words.DESCRIPTION) else meaning[:64]
    return True


JUDGES: dict[str, Judge] = {
    "uid": uid,
    "class": sop_class,
    "term": term,
    "number": number,
    "age": age,
    "moment": moment,
    "description": description,
    "maker": maker,
}
