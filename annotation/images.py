"""The images of cases in the order in which they hang, as rows; hung.images_of has them as JSON."""

from collections.abc import Collection
from typing import NamedTuple

from django.db.models import BooleanField, Exists, F, Func, IntegerField, OuterRef, QuerySet

from annotation.models import Case
from archive.models import Instance


class Named(Func):
    """Whether an instance (by id) stands in a list of images; where no list was made (NULL), it does."""

    template = "COALESCE(%(expressions)s), true)"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


def has_image(case: str = "pk") -> Exists:
    """Whether there is anything to show of the case that a row is or names; what is held back is not."""
    shown = Named(F("pk"), F("series__case_series__images"))
    return Exists(Instance.objects.filter(shown, series__case_series__case=OuterRef(case)))


class First(NamedTuple):
    """The image of a case that hangs first: the one that its model reads, for now."""

    case: int
    laterality: str  # of the case
    instance: int
    pixel_hash: str


def of_cases(cases: Collection[int] | QuerySet[Case]) -> QuerySet[Instance]:
    """Ready instances, case by case. One that belongs to several of the cases comes once for each."""
    images = F("series__case_series__images")
    place = Func(images, F("pk"), function="array_position", output_field=IntegerField())
    named = Named(F("pk"), images)
    return Instance.objects.filter(named, series__case_series__case__in=cases).order_by(
        "series__case_series__case",
        "series__case_series__position",
        "series",
        place.asc(nulls_last=True),
        "instance_number",
        "pk",
    )


def first_images(cases: Collection[int] | QuerySet[Case]) -> list[First]:
    """The first image of each case that has one, in one query."""
    case = "series__case_series__case"
    rows = of_cases(cases).distinct(case)
    return [
        First(*row) for row in rows.values_list(case, f"{case}__laterality", "pk", "pixel_hash")
    ]
