"""The list of studies, newest first, a page at a time."""

from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Min, Q, QuerySet

from .models import Instance, Study

PAGE = 50


def studies_page(
    instances: QuerySet[Instance], *, search: str = "", cursor: str = ""
) -> dict[str, Any]:
    """One page of the studies of these instances; `cursor` is the `next` of the page before."""
    studies = Study.objects.filter(pk__in=instances.values("series__study"))
    if search:
        studies = studies.filter(_matches(search))
    counts = {
        "studies": studies.count(),
        "instances": instances.filter(series__study__in=studies).count()
        if search
        else instances.count(),
    }
    page = (
        studies.filter(pk__lt=int(cursor)) if cursor.isdecimal() and len(cursor) < 19 else studies
    )
    rows = list(_described(page, instances).order_by("-id")[: PAGE + 1])
    return {
        "results": [_row(row) for row in rows[:PAGE]],
        "next": str(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None,
        "counts": counts,
    }


def _matches(search: str) -> Q:
    wanted = Q()
    for word in search.replace("\0", "").split():
        wanted &= (
            Q(patient__pseudonym__icontains=word)
            | Q(study_description__icontains=word)
            | Q(series__modality__iexact=word)
            | Q(series__body_part_examined__icontains=word)
        )
    return wanted


def _described(
    studies: QuerySet[Study], instances: QuerySet[Instance]
) -> QuerySet[Study, dict[str, Any]]:
    plain = Study.objects.filter(
        pk__in=studies.values("pk")
    )  # the search's joins would multiply the counts
    return plain.values("id", "study_instance_uid", "study_date", "study_description").annotate(
        patient_pseudonym=F("patient__pseudonym"),
        modalities=ArrayAgg("series__modality", distinct=True),
        body_parts=ArrayAgg("series__body_part_examined", distinct=True),
        sides=ArrayAgg("series__laterality", distinct=True),
        instance_count=Count("series__instances", filter=Q(series__instances__in=instances)),
        first_uid=Min(
            "series__instances__sop_instance_uid", filter=Q(series__instances__in=instances)
        ),
    )


def _row(row: dict[str, Any]) -> dict[str, Any]:
    sides = {side for side in row["sides"] if side}
    return {
        "study_instance_uid": row["study_instance_uid"],
        "patient": row["patient_pseudonym"],
        "study_date": row["study_date"],
        "study_description": row["study_description"],
        "modality": ", ".join(filter(None, row["modalities"])),
        "body_part_examined": ", ".join(filter(None, row["body_parts"])),
        "laterality": sides.pop() if len(sides) == 1 else "B" if sides else "",
        "instances": row["instance_count"],
        "thumbnail": f"/api/instances/{row['first_uid']}/thumbnail/",
    }
