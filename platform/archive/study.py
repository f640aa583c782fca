"""One study: what it is, and its series with their images."""

from itertools import groupby
from typing import Any

from django.db.models import F, QuerySet

from .models import Instance, Series, Study


def study_detail(instances: QuerySet[Instance], study: Study) -> dict[str, Any]:
    """The study with those of these instances that are in it, its series in their order."""
    images = (
        instances.filter(series__study=study)
        .select_related("series")
        .only(
            "series", "sop_instance_uid", "instance_number", "rows", "columns",
            "number_of_frames", "transfer_syntax_uid",
        )
        .order_by(F("series__series_number").asc(nulls_last=True), "series", F("instance_number").asc(nulls_last=True), "id")
    )  # fmt: skip
    series = [_series(one, list(group)) for one, group in groupby(images, key=lambda i: i.series)]
    return {
        "study_instance_uid": study.study_instance_uid,
        "patient": study.patient.pseudonym,
        "patient_sex": study.patient.patient_sex,
        "study_date": study.study_date,
        "study_description": study.study_description,
        "instances": sum(len(one["instances"]) for one in series),
        "series": series,
    }


def _series(series: Series, images: list[Instance]) -> dict[str, Any]:
    return {
        "series_instance_uid": series.series_instance_uid,
        "series_number": series.series_number,
        "series_description": series.series_description,
        "modality": series.modality,
        "body_part_examined": series.body_part_examined,
        "laterality": series.laterality,
        "view_position": series.view_position,
        "instances": [_image(image) for image in images],
    }


def _image(image: Instance) -> dict[str, Any]:
    return {
        "sop_instance_uid": image.sop_instance_uid,
        "instance_number": image.instance_number,
        "rows": image.rows,
        "columns": image.columns,
        "number_of_frames": image.number_of_frames,
        "transfer_syntax_uid": image.transfer_syntax_uid,
        "thumbnail": f"/api/instances/{image.sop_instance_uid}/thumbnail/",
    }
