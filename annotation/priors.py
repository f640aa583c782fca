"""Earlier images of the same patient that hang beside a case: to look at, never to mark, and no part of the case.

A template's [hanging] table says how many studies (`priors = 1`). They are looked up when a case is handed out, so a
case that was read keeps those with which it was read; whoever holds or has read it may see their images.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from annotation import case_rule
from annotation.case_rule import Taken
from annotation.cases import rule_of
from annotation.evidence.body_part import part_of
from annotation.evidence.reading import images_of_studies
from annotation.hung import priors_of
from annotation.models import Annotation, Case, Form, Prior, Task
from archive.models import Series, Study

LOOKED_AT = 20  # earlier studies of a patient: who has more has had most of them of something else
RADIOGRAPHS = frozenset({"CR", "DX"})  # one kind of image, from two kinds of detector


def look_up(task: Task, case: Case, form: Form) -> None:
    """Notes what hangs beside the case as the archive now is."""
    most = most_of(form)
    if not most:
        return
    found = _found(task, case)
    newest = list(dict.fromkeys(taken.image.study for taken in found))[:most]
    _write(case, [taken for taken in found if taken.image.study in newest])


def most_of(form: Form) -> int:
    """How many earlier studies this form hangs."""
    return int((form.content.get("hanging") or {}).get("priors", 0))


def _found(task: Task, case: Case) -> list[Taken]:
    """The images of earlier studies that the task's rule takes, of the case's kind of image, body part and side: the
    newest study first, in it as they hang."""
    study = Study.objects.filter(series__case_series__case=case).first()
    earlier = list(_earlier(study)[:LOOKED_AT]) if study else []
    if not study or not earlier:
        return []
    rule = rule_of(task)
    own = Series.objects.filter(case_series__case=case)
    modalities = _alike(set(own.values_list("modality", flat=True))) & set(rule.modalities)
    place = {one.pk: number for number, one in enumerate([study, *earlier])}
    images = images_of_studies(list(place), sorted(modalities))
    taken = [one for image in images if (one := case_rule.take(rule, image))]
    parts = {
        _part(rule.body_parts, one) for one in taken if case_rule.key_of(rule, one) == case.key
    }
    found = [
        one
        for one in taken
        if one.image.study != study.pk
        and (one.laterality if one.laterality in ("R", "L") else "") == case.laterality
        and _part(rule.body_parts, one) in parts
    ]
    return sorted(found, key=lambda one: (place[one.image.study], *_hung(one)))


def _earlier(study: Study) -> QuerySet[Study]:
    """Newest first. A study without a date is neither earlier nor later than another."""
    if study.study_date is None:
        return Study.objects.none()
    before = Q(study_date__lt=study.study_date)
    if study.study_time:
        before |= Q(study_date=study.study_date, study_time__lt=study.study_time) & ~Q(
            study_time=""
        )
    of_patient = Study.objects.filter(before, patient=study.patient_id).exclude(pk=study.pk)
    return of_patient.order_by("-study_date", "-study_time", "-pk")


def _alike(modalities: set[str]) -> set[str]:
    return modalities | RADIOGRAPHS if modalities & RADIOGRAPHS else modalities


def _part(wanted: Sequence[str], taken: Taken) -> str:
    shown = part_of(taken.image, wanted)
    return shown.part if shown else ""


def _hung(taken: Taken) -> tuple[int, int, int, int]:
    image = taken.image
    return taken.rank, image.series, image.instance_number or 0, image.instance


@transaction.atomic
def _write(case: Case, found: Iterable[Taken]) -> None:
    wanted: dict[int, list[int]] = {}
    for taken in found:
        wanted.setdefault(taken.image.series, []).append(taken.image.instance)
    rows = Prior.objects.filter(case=case)
    if dict(rows.order_by("position").values_list("series", "images")) == wanted:
        return
    rows.delete()
    Prior.objects.bulk_create(
        [
            Prior(case=case, series_id=series, images=images, position=position)
            for position, (series, images) in enumerate(wanted.items())
        ],
        ignore_conflicts=True,  # another reader of the case is given the same
    )


def shown(annotation: Annotation) -> list[dict[str, Any]]:
    """Each earlier study with its images, newest first; case and form at hand (select_related).

    `study_date` is the archive's, which moved all dates of a patient by the same number of days: so `days_before`, the
    days from it to the case's own study, is true.
    """
    case = annotation.case
    if not most_of(annotation.form):
        return []
    images = priors_of([case.pk]).get(case.pk, [])
    studies = dict.fromkeys(image["study_instance_uid"] for image in images)
    if not studies:
        return []
    dates = dict(
        Study.objects.filter(study_instance_uid__in=studies).values_list(
            "study_instance_uid", "study_date"
        )
    )
    own = Study.objects.filter(series__case_series__case=case).first()
    return [
        {
            "study_date": _iso(dates[uid]),
            "days_before": _days(dates[uid], own.study_date if own else None),
            "images": [image for image in images if image["study_instance_uid"] == uid],
        }
        for uid in studies
    ]


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _days(earlier: date | None, later: date | None) -> int | None:
    return (later - earlier).days if earlier and later else None
