"""What the API shows of a case, an annotation and a form: the JSON that clients rely on."""

from collections.abc import Iterable
from typing import Any

from annotation.models import Annotation, Case, Form
from archive.models import Instance

FORM_PARTS = ("slug", "name", "fields", "hanging")


def annotation_json(annotation: Annotation) -> dict[str, Any]:
    """`annotation` with its case and form at hand (select_related)."""
    case = annotation.case
    holds = case.state == Case.State.WAITING and case.lease_reader_id == annotation.reader_id
    return {
        "id": annotation.pk,
        "case": annotation.case_id,
        "state": annotation.state,
        "version": annotation.version,
        "answers": annotation.answers,
        "form_version": annotation.form.version,
        "saved_at": annotation.saved_at.isoformat() if annotation.saved_at else None,
        "lease_until": case.lease_until.isoformat() if holds and case.lease_until else None,
        "active_seconds": annotation.active_seconds,
    }


def form_json(form: Form) -> dict[str, Any]:
    """What the reading page needs of a form; the case rule and the training settings stay here."""
    return {"version": form.version} | {part: form.content.get(part) for part in FORM_PARTS}


def case_json(case: Case) -> dict[str, Any]:
    """One case with its images, in one query; its patient at hand (select_related)."""
    return cases_json([case])[0]


def cases_json(cases: Iterable[Case]) -> list[dict[str, Any]]:
    """Cases with their images, in one query for all."""
    cases = list(cases)
    images = images_of(case.pk for case in cases)
    return [
        {
            "id": case.pk,
            "name": case.name,
            "patient": case.patient.pseudonym,
            "laterality": case.laterality,
            "view": case.view_position,
            "images": images.get(case.pk, []),
        }
        for case in cases
    ]


IMAGE = {
    "series__study__study_instance_uid": "study_instance_uid",
    "series__series_instance_uid": "series_instance_uid",
    "sop_instance_uid": "sop_instance_uid",
    "number_of_frames": "number_of_frames",
    "rows": "rows",
    "columns": "columns",
    "bits_stored": "bits_stored",
}
IMAGE_ORDER = ("series__case_series__position", "series_id", "instance_number", "pk")


def images_of(case_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The images of each case in the order in which they hang, as a DICOMweb client finds them."""
    found: dict[int, list[dict[str, Any]]] = {}
    rows = (
        Instance.objects.filter(series__case_series__case__in=list(case_ids))
        .order_by(*IMAGE_ORDER)
        .values("series__case_series__case_id", *IMAGE)
    )
    for row in rows:
        image = {name: row[path] for path, name in IMAGE.items()}
        found.setdefault(row["series__case_series__case_id"], []).append(
            {**image, "wado_root": "/dicomweb"}
        )
    return found
