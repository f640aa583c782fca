"""The reference of a case: for now its single read, the first one submitted."""

from collections.abc import Collection

from django.db.models import QuerySet

from annotation.models import Annotation, Task


def references(task: Task, unusable: Collection[int] = ()) -> QuerySet[Annotation]:
    """The annotation that is the reference of each case that has one, ordered by case.

    `unusable`: ids of annotations that may not serve; a later read of the same case may then stand in. Further
    filters must concern the case, not the annotation: they apply before the first read of a case is chosen.
    """
    submitted = Annotation.objects.filter(case__task=task, state=Annotation.State.SUBMITTED)
    if unusable:
        submitted = submitted.exclude(pk__in=unusable)
    return submitted.order_by("case_id", "submitted_at", "pk").distinct("case_id")
