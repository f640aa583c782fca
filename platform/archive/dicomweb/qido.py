"""QIDO-RS (PS3.18 10.6): searches for studies, series and instances among what the caller may see."""

import re
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse

from accounts.errors import Problem
from archive.models import Instance, Series, Study

from .accept import require_json
from .answers import dicom_json
from .finding import IN_ORDER, under
from .keys import KEYS, Key, attribute, key_named
from .levels import INSTANCE, SERIES, STUDY, Level
from .matching import condition
from .results import described

MOST = 5_000  # results of one answer; the rest is had by offset
# PS3.18 8.3.4: what is answered to a wish that is not fulfilled
UNSUPPORTED = {
    "fuzzymatching": "The fuzzymatching parameter is not supported. Only literal matching has been performed.",
    "emptyvaluematching": "The emptyvaluematching parameter is not supported. Empty Value Matching has not been performed.",
    "multiplevaluematching": "The multiplevaluematching parameter is not supported."
    " Multiple Value Matching has not been performed.",
}
MORE = "There are additional results that can be requested"


@dataclass(frozen=True)
class Search:
    keys: list[tuple[Key, str]]
    fields: frozenset[str]  # tags, or "all"
    limit: int
    offset: int
    warnings: list[str]


def search(
    level: Level,
    request: HttpRequest,
    instances: QuerySet[Instance],
    study: str = "",
    series: str = "",
) -> HttpResponse:
    require_json(request)
    asked = _asked(request, level)
    matched = _matched(level, under(instances, study, series), instances, asked.keys)
    found = _rows(level, matched, named=bool(study))
    page = list(found[asked.offset : asked.offset + asked.limit + 1].values_list("pk", flat=True))
    above = SERIES if series else STUDY if study else None
    levels = [one for one in (STUDY, SERIES, INSTANCE) if _is_between(above, one, level)]
    results = described(request, instances, level, levels, page[: asked.limit], asked.fields)
    response = dicom_json(results) if results else HttpResponse(status=204)
    warnings = asked.warnings + [MORE] * (len(page) > asked.limit)
    if warnings:
        response["Warning"] = ", ".join(f'299 osteon "{warning}"' for warning in warnings)
    response["Cache-Control"] = "private, no-cache"
    return response


def _is_between(above: Level | None, one: Level, level: Level) -> bool:
    return (above is None or one.rank > above.rank) and one.rank <= level.rank


def _asked(request: HttpRequest, level: Level) -> Search:
    """Problem 400 for whatever the query says that nobody could answer."""
    keys, fields, numbers, warnings = [], [], {"limit": MOST, "offset": 0}, []
    for name, values in request.GET.lists():
        if name == "includefield":
            fields += [field for value in values for field in value.split(",")]
        elif name in numbers:
            numbers[name] = _whole_number(name, values[-1])
        elif name in UNSUPPORTED:
            if values[-1] not in ("true", "false"):
                raise Problem(400, f"{name} is true or false.")
            warnings += [UNSUPPORTED[name]] * (values[-1] == "true")
        else:
            keys.append((_key(name, level), ",".join(values)))
    tags = frozenset(field if field == "all" else attribute(field) for field in fields if field)
    return Search(keys, tags, min(numbers["limit"], MOST), numbers["offset"], warnings)


def _whole_number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text, re.ASCII):
        raise Problem(400, f"{name} is a whole number, not {text[:64]!r}.")
    return int(text)


def _key(name: str, level: Level) -> Key:
    key = key_named(name)
    if key is None or key.level.rank > level.rank:
        there = ", ".join(one.name for one in KEYS.values() if one.level.rank <= level.rank)
        raise Problem(
            400,
            f"{name[:64]!r} cannot be searched for at the level of {level.name}; there are {there}.",
        )
    return key


def _matched(
    level: Level,
    scope: QuerySet[Instance],
    instances: QuerySet[Instance],
    keys: list[tuple[Key, str]],
) -> QuerySet[Instance]:
    """The instances that meet all conditions; a study or series is found by any of its own."""
    for number, (key, value) in enumerate(keys):
        path = key.where
        if path.startswith("metadata__"):
            path = f"key_{number}"
            scope = scope.alias(**{path: KT(key.where)})
        wanted = condition(key.kind, key.name, path, value)
        if key.kind == "modalities" and level is not STUDY and wanted:
            others = instances.filter(wanted, series__study=OuterRef("series__study"))
            wanted = Q(Exists(others))
        scope = scope.filter(wanted)
    return scope


def _rows(
    level: Level, matched: QuerySet[Instance], named: bool
) -> QuerySet[Study] | QuerySet[Series] | QuerySet[Instance]:
    """In an order that stays from page to page; the newest study first."""
    if level is INSTANCE:
        return matched.order_by(*IN_ORDER) if named else matched.order_by("pk")
    if level is SERIES:
        rows = Series.objects.filter(Exists(matched.filter(series=OuterRef("pk"))))
        return rows.order_by("series_number", "pk") if named else rows.order_by("pk")
    return Study.objects.filter(Exists(matched.filter(series__study=OuterRef("pk")))).order_by(
        "-pk"
    )
