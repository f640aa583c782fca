"""Attribute matching by PS3.4 C.2.2.2: single value, list of UIDs, wildcards, ranges, universal."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import CharField, Lookup, Q, TextField

from accounts.errors import Problem

Condition = Callable[[str, str, str], Q]

DATE = re.compile(r"([0-9]{8})?(-)?([0-9]{8})?", re.ASCII)
TIME = re.compile(r"([0-9]{2}){1,3}(\.[0-9]{1,6})?", re.ASCII)
LATEST = "235959.999999"


@CharField.register_lookup
@TextField.register_lookup
class Like(Lookup):  # type: ignore[type-arg]  # at run time it takes none
    """SQL's LIKE, which Django does not offer: its own lookups escape the wildcards."""

    lookup_name = "like"
    operator = "LIKE"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, left_parameters = self.process_lhs(compiler, connection)
        right, right_parameters = self.process_rhs(compiler, connection)
        return f"{left} {self.operator} {right}", [*left_parameters, *right_parameters]


@CharField.register_lookup
@TextField.register_lookup
class ILike(Like):
    lookup_name = "ilike"
    operator = "ILIKE"


def condition(kind: str, name: str, path: str, value: str) -> Q:
    """What must hold at `path`; an empty value asks for nothing. Problem 400 for a value that the kind does not know."""
    return KINDS[kind](name, path, value) if value.strip("*") else Q()


def _uid(name: str, path: str, value: str) -> Q:
    uids = re.split(r"[,\\]", value)
    if not all(re.fullmatch(r"[0-9.]{1,64}", uid, re.ASCII) for uid in uids):
        raise Problem(
            400, f"{name} is a UID, or several with commas between them; {value[:64]!r} is not."
        )
    return Q(**{f"{path}__in": uids})


def _text(name: str, path: str, value: str) -> Q:
    if set("*?") & set(value):
        return Q(**{f"{path}__like": _pattern(value)})
    return Q(**{path: value})


def _name(name: str, path: str, value: str) -> Q:
    """Names match whatever their case (C.2.2.2.1)."""
    return Q(**{f"{path}__ilike": _pattern(value)})


def _modalities(name: str, path: str, value: str) -> Q:
    """One or several: a study with any of them."""
    matches = Q()
    for modality in re.split(r"[,\\]", value):
        matches |= _text(name, path, modality)
    return matches


def _pattern(value: str) -> str:
    escaped = re.sub(r"([\\%_])", r"\\\1", value)
    return escaped.replace("*", "%").replace("?", "_")


def _number(name: str, path: str, value: str) -> Q:
    if not re.fullmatch(r"[-+]?[0-9]{1,9}", value, re.ASCII):
        raise Problem(400, f"{name} is a whole number; {value[:64]!r} is not.")
    return Q(**{path: int(value)})


def _date(name: str, path: str, value: str) -> Q:
    return _between(path, *(_day(name, text) for text in _ends(name, value)))


def _da(name: str, path: str, value: str) -> Q:
    """A date that is kept as text."""
    first, last = (text if _day(name, text) else None for text in _ends(name, value))
    return _between(path, first or "0", last)


def _ends(name: str, value: str) -> tuple[str, str]:
    match = DATE.fullmatch(value)
    if not match or value == "-" or (match[1] and match[3] and not match[2]):
        raise Problem(
            400, f"{name} is YYYYMMDD, or a range YYYYMMDD-YYYYMMDD; {value[:64]!r} is not."
        )
    first, dash, last = match[1] or "", match[2], match[3] or ""
    return (first, last) if dash else (first or last, first or last)


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Problem(400, f"{name}: {text} is no day of the calendar.") from None


def _time(name: str, path: str, value: str) -> Q:
    """A time cut short stands for all within it: "10" is the whole hour."""
    first, dash, last = value.partition("-")
    if not all(TIME.fullmatch(text) or not text for text in (first, last)) or value == "-":
        raise Problem(
            400, f"{name} is HHMMSS.FFFFFF, or a range with - between; {value[:64]!r} is not."
        )
    end = last if dash else first
    # a row without a time is in no range
    return _between(path, first or "0", end + LATEST[len(end) :] if end else None)


def _between(path: str, first: Any, last: Any) -> Q:
    """Both ends count."""
    ends = {f"{path}__gte": first, f"{path}__lte": last}
    return Q(**{lookup: end for lookup, end in ends.items() if end is not None})


KINDS: dict[str, Condition] = {
    "uid": _uid,
    "text": _text,
    "name": _name,
    "modalities": _modalities,
    "number": _number,
    "date": _date,
    "da": _da,
    "time": _time,
}
