"""The images of cases in the order in which they hang, as rows; hung.images_of has them as JSON."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import BooleanField, F, Func, IntegerField, QuerySet

from annotation.hung import plane_of
from annotation.models import Case
from annotation.slices import Place, order_of, place_of
from archive.models import Instance

CASE = "series__case_series__case"
CHUNK = 10_000
POSITION, ORIENTATION = "00200032", "00200037"  # Image Position and Orientation (Patient)
SPACINGS = ("00280030", "00181164")  # Pixel Spacing, Imager Pixel Spacing


class Named(Func):
    """Whether an instance (by id) stands in a list of images; where no list was made (NULL), it does."""

    template = "COALESCE(%(expressions)s), true)"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


# Where there is anything to show of a case; what is held back is not. The claim asks it in its own way: annotation/worklist.py.
SHOWN = """FROM annotation_caseseries cs
        JOIN archive_instance i ON i.series_id = cs.series_id AND i.state = 'ready'
          AND (cs.images IS NULL OR i.id = ANY(cs.images))
        WHERE cs.case_id = {case}"""


class HasImage(Func):
    template = f"EXISTS (SELECT {SHOWN.format(case='%(expressions)s')})"
    arity = 1
    output_field = BooleanField()


def has_image(case: str = "pk") -> HasImage:
    """Whether there is anything to show of the case that a row is or names."""
    return HasImage(F(case))


class Image(NamedTuple):
    """An image of a case, as far as a model that reads it must know it."""

    case: int
    laterality: str  # of the case
    instance: int
    pixel_hash: str
    series: int
    frames: int
    uid: str  # SOP Instance UID
    rows: int
    columns: int
    modality: str
    spacing: (
        float | None
    )  # mm between two rows: in the patient, or, of a radiograph, at the detector
    plane: str  # of a slice: sagittal, coronal, axial; "" where it is not said
    lies: Place | None  # where in the patient


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


def first_images(cases: Collection[int] | QuerySet[Case]) -> list[Image]:
    """The first image of each case that has one, in one query."""
    return _read(of_cases(cases).distinct(CASE))


def all_images(cases: Collection[int] | QuerySet[Case]) -> list[Image]:
    """Every image, case by case in the order in which they hang, in one query."""
    return by_place(_read(of_cases(cases)))


def by_place(images: Iterable[Image]) -> list[Image]:
    """The images with those of each series of a case in the order in which the reading page hangs them (slices.py)."""
    found: list[Image] = []
    for _, part in groupby(images, key=lambda one: (one.case, one.series)):
        rows = list(part)
        found += [rows[at] for at in order_of([row.lies for row in rows])]
    return found


def pixel_hashes(cases: Collection[int] | QuerySet[Case]) -> dict[int, str]:
    """What names a case's pixels: its image's hash, or one over those of all its images in their order."""
    found: dict[int, list[str]] = {}
    rows = of_cases(cases).values_list(CASE, "pixel_hash").iterator(chunk_size=CHUNK)
    for case, pixel_hash in rows:
        found.setdefault(case, []).append(pixel_hash)
    return {case: _joined(hashes) for case, hashes in found.items()}


def _joined(hashes: Sequence[str]) -> str:
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


def image_of(instance: Instance, *, laterality: str, series: int, modality: str) -> Image:
    """An image that is in no case, as `all_images` would give it."""
    given = (instance.metadata.get(tag, {}).get("Value", [None])[0] for tag in SPACINGS)
    lies = (instance.metadata.get(tag, {}).get("Value") for tag in (POSITION, ORIENTATION))
    return _image(
        0,
        laterality,
        instance.pk,
        instance.pixel_hash,
        series,
        instance.number_of_frames,
        instance.sop_instance_uid,
        instance.rows,
        instance.columns,
        modality,
        *lies,
        *given,
    )


def _read(rows: QuerySet[Instance]) -> list[Image]:
    found = rows.values_list(
        CASE,
        f"{CASE}__laterality",
        "pk",
        "pixel_hash",
        "series",
        "number_of_frames",
        "sop_instance_uid",
        "rows",
        "columns",
        "series__modality",
        *(f"metadata__{tag}__Value" for tag in (POSITION, ORIENTATION)),
        *(f"metadata__{tag}__Value__0" for tag in SPACINGS),
    )
    return [_image(*row) for row in found]


def _image(*row: Any) -> Image:
    """Of a row whose last columns are the values of POSITION, ORIENTATION and SPACINGS."""
    *plain, position, cosines = row[: -len(SPACINGS)]
    position, cosines = position or [], cosines or []
    spacing = _spacing(*row[-len(SPACINGS) :])
    return Image._make((*plain, spacing, plane_of(cosines), place_of(position, cosines)))


def _spacing(*given: Any) -> float | None:
    return next((float(one) for one in given if isinstance(one, int | float) and one > 0), None)
