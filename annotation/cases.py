"""Makes the cases of a task from the archive, by the rule of its template (annotation/case_rule.py)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from annotation import case_rule, catalogue, flags, splits
from annotation.case_rule import Rule, Taken
from annotation.evidence.reading import images_of_studies
from annotation.models import Case, CaseSeries, Task
from archive.models import Instance, Patient, Series

BATCH = 1000  # studies looked at, and rows written, at a time
Groups = Mapping[str, list[Taken]]  # by the case's key, as they hang
Shown = tuple[list[int], int]  # of a case's series: the ids of its images, and its position


class Built(NamedTuple):
    created: int
    already: int


def build_cases(task: Task, given: Mapping[str, str] | None = None) -> Built:
    """The cases that the template's rule makes of the whole archive; running it again adds only what is new.

    `given`: sides of the split fixed elsewhere, by patient_id (see splits.assign). An image that arrives or is
    released later joins its case while that waits; a case that was read stays as it was read.
    """
    rule = rule_of(task)
    ready = Exists(Instance.objects.filter(series=OuterRef("pk")))
    found = Series.objects.filter(ready, modality__in=rule.modalities)
    return build(task, rule, set(found.values_list("study_id", flat=True)), given or {})


def rule_of(task: Task) -> Rule:
    return case_rule.rule_of(catalogue.load(task.template))


@transaction.atomic
def build(task: Task, rule: Rule, studies: Iterable[int], given: Mapping[str, str] | None) -> Built:
    """The cases of these studies. Without `given` nobody is put on a side of the split yet (see splits.side_of)."""
    # two builders at once would make the same cases
    Task.objects.select_for_update(no_key=True).get(pk=task.pk)
    wanted, created, already = sorted(studies), 0, 0
    for start in range(0, len(wanted), BATCH):
        groups = _groups(rule, wanted[start : start + BATCH])
        patients = Patient.objects.in_bulk(taken[0].image.patient for taken in groups.values())
        existing = set(Case.objects.filter(task=task, key__in=groups).values_list("key", flat=True))
        if given is not None:
            splits.assign(task, patients.values(), given)
        Case.objects.bulk_create(
            [
                _described(
                    Case(task=task, patient=patients[images[0].image.patient], key=key), images
                )
                for key, images in groups.items()
                if key not in existing
            ],
            batch_size=BATCH,
        )
        _show(task, groups)
        created, already = created + len(groups) - len(existing), already + len(existing)
    return Built(created, already)


def _groups(rule: Rule, studies: Sequence[int]) -> dict[str, list[Taken]]:
    """The images that the rule takes, case by case, in the order in which they hang."""
    groups: dict[str, list[Taken]] = {}
    for image in images_of_studies(studies, rule.modalities):
        if taken := case_rule.take(rule, image):
            groups.setdefault(case_rule.key_of(rule, taken), []).append(taken)
    for images in groups.values():
        images.sort(key=_place)
    return groups


def _place(taken: Taken) -> tuple[int, int, bool, int, int]:
    image = taken.image
    number = image.instance_number
    return taken.rank, image.series, number is None, number or 0, image.instance


def _described(case: Case, images: Sequence[Taken]) -> Case:
    """The case with what its images say together."""
    sides = {taken.laterality for taken in images}
    side = sides.pop() if len(sides) == 1 else ""
    views = dict.fromkeys(taken.view for taken in images if taken.view)
    case.name = f"{case.patient.pseudonym} {side}".strip()
    case.laterality = side if side in ("R", "L") else ""
    case.view_position = "+".join(views)[:16]
    case.flags = flags.distinct(flag for taken in images for flag in taken.flags)
    return case


def _show(task: Task, groups: Groups) -> None:
    """Writes what each waiting case shows and says, where that is not as it stands already."""
    waiting = {
        case.key: case
        for case in Case.objects.filter(
            task=task, state=Case.State.WAITING, key__in=groups
        ).select_related("patient")
    }
    said = {key: (case.view_position, case.flags) for key, case in waiting.items()}
    changed = [
        case
        for key, case in waiting.items()
        if said[key] != (_described(case, groups[key]).view_position, case.flags)
    ]
    Case.objects.bulk_update(changed, ["view_position", "flags"], batch_size=BATCH)
    rows = CaseSeries.objects.filter(case__in=waiting.values())
    shown = {(row.case_id, row.series_id): (row.images, row.position) for row in rows}
    new = [
        CaseSeries(case=case, series_id=series, images=images, position=position)
        for key, case in waiting.items()
        for series, (images, position) in _by_series(groups[key]).items()
        if shown.get((case.pk, series)) != (images, position)
    ]
    others = {row.case_id for row in new} & {case for case, _ in shown}
    Case.objects.filter(pk__in=others).update(shows=F("shows") + 1)
    CaseSeries.objects.bulk_create(
        new,
        update_conflicts=True,
        unique_fields=["case", "series"],
        update_fields=["images", "position"],
        batch_size=BATCH,
    )


def _by_series(images: Sequence[Taken]) -> dict[int, Shown]:
    """The series of a case in the order of their first images."""
    found: dict[int, Shown] = {}
    for taken in images:
        ids, _ = found.setdefault(taken.image.series, ([], len(found)))
        ids.append(taken.image.instance)
    return found
