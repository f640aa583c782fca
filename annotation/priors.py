"""Earlier images of the same patient that hang beside a case: to look at, never to mark, and no part of the case.

A template's [hanging] table says how many studies (`priors = 1`). They are looked up when a case is handed out, so a
case that was read keeps those with which it was read; whoever holds or has read it may see their images, and nobody is
told of images that he may not see (access.priors_for).
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection, transaction

from annotation import case_rule
from annotation.access import priors_for
from annotation.case_rule import Taken
from annotation.cases import rule_of
from annotation.evidence.body_part import part_of
from annotation.evidence.reading import images_of_studies
from annotation.hung import priors_of
from annotation.models import Annotation, Case, Form, Prior
from archive.models import Series, Study

# By hand: asked at each `next` of a patient with several studies. A study without a date is neither earlier nor later than another.
EARLIER = """
SELECT earlier.id FROM archive_study own JOIN archive_study earlier ON earlier.patient_id = own.patient_id
WHERE own.id = (SELECT se.study_id FROM annotation_caseseries cs JOIN archive_series se ON se.id = cs.series_id
                WHERE cs.case_id = %(case)s LIMIT 1)
  AND (earlier.study_date < own.study_date OR (earlier.study_date = own.study_date
       AND earlier.study_time <> '' AND earlier.study_time < own.study_time))
ORDER BY earlier.study_date DESC, earlier.study_time DESC, earlier.id DESC LIMIT %(most)s
"""
LOOKED_AT = 20  # earlier studies of a patient: who has more has had most of them of something else
RADIOGRAPHS = frozenset({"CR", "DX"})  # one kind of image, from two kinds of detector


def looked_up(annotation: Annotation) -> list[dict[str, Any]]:
    """Notes what hangs beside the case as the archive now is, and gives it as `shown` does; no query where the patient
    has one study, one where none is earlier. The annotation as worklist.claim gives it."""
    case, most = annotation.case, most_of(annotation.form)
    earlier = _earlier(case) if most and case.has_other_studies else []
    if not earlier:
        return []
    found = _found(case, earlier)
    newest = list(dict.fromkeys(taken.image.study for taken in found))[:most]
    _write(case, [taken for taken in found if taken.image.study in newest])
    return _told(annotation)


def most_of(form: Form) -> int:
    """How many earlier studies this form hangs."""
    return int((form.content.get("hanging") or {}).get("priors", 0))


def _earlier(case: Case) -> list[int]:
    """The ids of the patient's earlier studies, the newest first."""
    with connection.cursor() as cursor:
        cursor.execute(EARLIER, {"case": case.pk, "most": LOOKED_AT})
        return [pk for (pk,) in cursor.fetchall()]


def _found(case: Case, earlier: Sequence[int]) -> list[Taken]:
    """The images of these studies that the task's rule takes, of the case's kind of image, body part and side: study by
    study, in each as they hang."""
    rule = rule_of(case.task)
    series = Series.objects.filter(case_series__case=case).values_list("study", "modality")
    (own, *_), modalities = zip(*series, strict=True)
    wanted = _alike(set(modalities)) & set(rule.modalities)
    images = images_of_studies([own, *earlier], sorted(wanted))
    taken = [one for image in images if (one := case_rule.take(rule, image))]
    parts = {
        _part(rule.body_parts, one) for one in taken if case_rule.key_of(rule, one) == case.key
    }
    found = [
        one
        for one in taken
        if one.image.study != own
        and (one.laterality if one.laterality in ("R", "L") else "") == case.laterality
        and _part(rule.body_parts, one) in parts
    ]
    return sorted(found, key=lambda one: (earlier.index(one.image.study), *_hung(one)))


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
    """Each earlier study with its images, newest first, as far as its reader may see them now; case, reader and form at
    hand (select_related).

    `study_date` is the archive's, which moved all dates of a patient by the same number of days: so `days_before`, the
    days from it to the case's own study, is true.
    """
    beside = priors_for(annotation.reader).filter(case=annotation.case_id)
    return _told(annotation) if most_of(annotation.form) and beside.exists() else []


def _told(annotation: Annotation) -> list[dict[str, Any]]:
    case = annotation.case
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
