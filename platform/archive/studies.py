"""The list of studies, newest first, a page at a time, with how many there are of each sort.

Counts are exact. They are taken of the studies' kinds, of which there are few (StudyKind), so that a million images
cost no more than their studies; a page is found by the last id of the page before.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db.models import Count, F, Min, Q, QuerySet, Sum

from .models import Instance, Study, StudyKind

PAGE = 50
# So few matches are sorted; among more, the newest are soon met on the way down the ids.
FEW = 20_000
# Of ASCII everything but letters, digits and hyphens parts two words: as archive_words does in migration 0003.
BETWEEN_WORDS = re.compile(r"[\x00-\x2c\x2e\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+")
# Every pseudonym begins so ("P-0193"): to look these up would be to go through all there is.
BEGINS_ALL = {"p", "p-"}

COLUMNS = (
    *("id", "study_instance_uid", "study_date", "study_description", "patient__pseudonym"),
    *("kind__modalities", "kind__body_parts", "kind__laterality"),
    *("instance_count", "thumbnail_uid"),
)


@dataclass(frozen=True)
class Wanted:
    """Which studies; empty: all. A side takes studies of both sides too, for that side is in them."""

    search: str = (
        ""  # beginnings of words: of the pseudonym, the descriptions, the modality, the body part
    )
    modality: str = ""
    body_part: str = ""
    laterality: str = ""

    def takes(self, kind: StudyKind, but: str = "") -> bool:
        """Whether it takes studies of this kind; `but` names the filter that is left out."""
        return all(
            name == but or getattr(self, name) in ("", *values(kind))
            for name, values in VALUES.items()
        )


class Number(NamedTuple):
    studies: int
    instances: int


# the filters: what a kind of study has to offer to each
VALUES: dict[str, Callable[[StudyKind], Iterable[str]]] = {
    "modality": lambda kind: kind.modalities,
    "body_part": lambda kind: kind.body_parts,
    "laterality": lambda kind: "RLB" if kind.laterality == "B" else kind.laterality,
}


def studies_page(
    instances: QuerySet[Instance], wanted: Wanted, *, cursor: str = ""
) -> dict[str, Any]:
    """One page of the studies of these instances; `cursor` is the `next` of the page before."""
    # all that are ready: what is kept of each study counts them
    whole = instances.query.where == Instance.objects.all().query.where
    scope = Study.objects.exclude(kind=None)
    if not whole:
        scope = scope.filter(pk__in=instances.values("series__study"))
    found = scope.filter(_matches(wanted.search))
    numbers = _whole_numbers(found) if whole else _numbers(found, instances)
    kinds = StudyKind.objects.in_bulk(numbers)
    taken = {pk: numbers[pk] for pk, kind in kinds.items() if wanted.takes(kind)}
    rows = _page(found, taken, all_kinds=len(taken) == len(kinds), cursor=cursor)
    shown = rows[:PAGE]
    seen = None if whole else _seen([row["id"] for row in shown], instances)
    return {
        "results": [_row(row, seen) for row in shown],
        "next": str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None,
        "counts": {
            "studies": sum(number.studies for number in taken.values()),
            "instances": sum(number.instances for number in taken.values()),
        },
        "facets": {name: _facet(name, wanted, kinds, numbers) for name in VALUES},
    }


class _Beginnings(SearchQuery):
    """A tsquery as it stands: the words were parted here, and no dictionary is to touch them."""

    template = "CAST(%(expressions)s AS tsquery)"


def _matches(search: str) -> Q:
    """Studies that have, for each of these words, one that begins with it."""
    parted = BETWEEN_WORDS.split(search.lower())
    words = [word for word in parted if word.strip("-") and word not in BEGINS_ALL]
    return Q(words=_Beginnings(" & ".join(f"'{word}':*" for word in words))) if words else Q()


def _whole_numbers(found: QuerySet[Study]) -> dict[int, Number]:
    """How many studies and images there are of each kind."""
    counted = found.values_list("kind").annotate(studies=Count("*"), images=Sum("instance_count"))
    return {kind: Number(studies, images) for kind, studies, images in counted}


def _numbers(found: QuerySet[Study], instances: QuerySet[Instance]) -> dict[int, Number]:
    """The same of those images alone."""
    counted = (
        instances.filter(series__study__in=found)
        .values_list("series__study__kind")
        .annotate(Count("series__study", distinct=True), Count("id"))
    )
    return {kind: Number(studies, images) for kind, studies, images in counted}


def _page(
    found: QuerySet[Study], taken: Mapping[int, Number], *, all_kinds: bool, cursor: str
) -> list[dict[str, Any]]:
    """A page's rows and one more, where there is one."""
    page = found if all_kinds else found.filter(kind__in=list(taken))
    if cursor.isdecimal() and len(cursor) < 19:
        page = page.filter(pk__lt=int(cursor))
    matches = sum(number.studies for number in taken.values())
    # a sum is in no index: what matches is found first, by its words or kind, and sorted then
    order = F("id") + 0 if matches <= FEW else F("id")
    ids = list(page.order_by(order.desc()).values_list("pk", flat=True)[: PAGE + 1])
    # with the kind itself: a study that came in since the kinds were counted may be of a new one
    return list(Study.objects.filter(pk__in=ids).order_by("-pk").values(*COLUMNS))


def _seen(studies: list[int], instances: QuerySet[Instance]) -> dict[int, tuple[int, str]]:
    """Of each study: how many of these images it has, and one of them."""
    rows = (
        instances.filter(series__study__in=studies)
        .values_list("series__study")
        .annotate(Count("id"), Min("sop_instance_uid"))
    )
    return {study: (images, uid) for study, images, uid in rows}


def _facet(
    name: str, wanted: Wanted, kinds: Mapping[int, StudyKind], numbers: Mapping[int, Number]
) -> list[dict[str, Any]]:
    """The values of a filter and how many studies each would leave, the most first."""
    studies: Counter[str] = Counter()
    for pk, kind in kinds.items():
        if wanted.takes(kind, but=name):
            for value in VALUES[name](kind):
                studies[value] += numbers[pk].studies
    ordered = sorted(studies.items(), key=lambda entry: (-entry[1], entry[0]))
    return [{"value": value, "studies": count} for value, count in ordered]


def _row(row: dict[str, Any], seen: Mapping[int, tuple[int, str]] | None) -> dict[str, Any]:
    images, uid = row["instance_count"], row["thumbnail_uid"]
    if seen is not None:
        images, uid = seen.get(row["id"], (0, ""))
    return {
        "study_instance_uid": row["study_instance_uid"],
        "patient": row["patient__pseudonym"],
        "study_date": row["study_date"],
        "study_description": row["study_description"],
        "modality": ", ".join(row["kind__modalities"] or ()),
        "body_part_examined": ", ".join(row["kind__body_parts"] or ()),
        "laterality": row["kind__laterality"] or "",
        "instances": images,
        "thumbnail": f"/api/instances/{uid}/thumbnail/" if uid else None,
    }
