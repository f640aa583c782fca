"""Makes the cases of a task from the archive, by the rule of its template."""

from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Exists, OuterRef

from annotation import catalogue, splits
from annotation.models import Case, CaseSeries, Task
from archive.models import Instance, Series

BATCH = 2000


class Built(NamedTuple):
    created: int
    already: int


@transaction.atomic
def build_cases(task: Task, given: Mapping[str, str] | None = None) -> Built:
    """One case a study and side among the series that the template's rule takes; running it again adds only new ones.

    `given`: sides fixed elsewhere, by patient_id (see splits.assign). A series that arrives later joins its case
    while that waits; a case that was read stays as it was read.
    """
    Task.objects.select_for_update().get(
        pk=task.pk
    )  # two builders at once would make the same cases
    rule = catalogue.load(task.template)["cases"]
    groups = {
        key: list(series)
        for key, series in groupby(
            _series(rule), key=lambda s: case_key(s.study.study_instance_uid, s.laterality)
        )
    }
    existing = set(Case.objects.filter(task=task, key__in=groups).values_list("key", flat=True))
    new = [_case(task, key, series) for key, series in groups.items() if key not in existing]
    splits.assign(task, (series[0].study.patient for series in groups.values()), given)
    Case.objects.bulk_create(new, batch_size=BATCH)
    _add_series(task, groups)
    return Built(created=len(new), already=len(existing))


def case_key(study_instance_uid: str, laterality: str) -> str:
    """What a case is one of in its task."""
    return f"{study_instance_uid}/{laterality}"


def _series(rule: Mapping[str, Any]) -> Iterable[Series]:
    """The series that the rule takes, those of one case side by side."""
    return (
        Series.objects.filter(
            Exists(Instance.objects.filter(series=OuterRef("pk"))),
            modality__in=rule["modalities"],
            body_part_examined__in=rule["body_parts"],
            laterality__in=rule["lateralities"],
        )
        .select_related("study__patient")
        .order_by("study_id", "laterality", "pk")
    )


def _case(task: Task, key: str, series: list[Series]) -> Case:
    first = series[0]
    patient = first.study.patient
    return Case(
        task=task,
        patient=patient,
        key=key,
        name=f"{patient.pseudonym} {first.laterality}".strip(),
        laterality=first.laterality if first.laterality in ("R", "L") else "",
        view_position=first.view_position,
    )


def _add_series(task: Task, groups: Mapping[str, list[Series]]) -> None:
    waiting = Case.objects.filter(task=task, state=Case.State.WAITING, key__in=groups)
    rows = [
        CaseSeries(case_id=pk, series=series, position=position)
        for pk, key in waiting.values_list("pk", "key")
        for position, series in enumerate(groups[key])
    ]
    CaseSeries.objects.bulk_create(rows, ignore_conflicts=True, batch_size=BATCH)
