"""The instances that an address names, among those that the caller may see."""

from django.db.models import QuerySet

from accounts.access import NOT_FOUND
from accounts.errors import Problem
from archive.models import Instance

IN_ORDER = ("series__series_number", "series_id", "instance_number", "pk")


def under(
    instances: QuerySet[Instance], study: str = "", series: str = "", instance: str = ""
) -> QuerySet[Instance]:
    """Those of a study, of its series, or the one; a series counts only under its own study."""
    names = {
        "series__study__study_instance_uid": study,
        "series__series_instance_uid": series,
        "sop_instance_uid": instance,
    }
    return instances.filter(**{path: uid for path, uid in names.items() if uid})


def not_found() -> Problem:
    """The 404 that tells nothing: unknown, or not for this caller."""
    return Problem(404, NOT_FOUND)
