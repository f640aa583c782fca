"""The images of cases as the reading page hangs them: where each is found, and what says to which pane it goes."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from annotation.evidence.image import TAGS, Image
from annotation.evidence.side import side_of
from annotation.evidence.view import view_of

# By hand, since each `next` asks it: the ORM takes several times as long to put the question as PostgreSQL to answer.
# jsonb_to_record unpacks an image's attributes once and takes only those that are named. 0020,0037: Image Orientation
# (Patient), of an enhanced image in its functional groups, shared or per frame (PS3.3 C.7.6.16.2.4).
QUESTION = """
SELECT cs.case_id, st.study_instance_uid, se.series_instance_uid, i.sop_instance_uid,
       i.number_of_frames, i.rows, i.columns, i.bits_stored, se.body_part_examined,
       se.modality, se.series_description, se.series_number, i.instance_number, i.name_side, i.markers,
       COALESCE(said."00200037" -> 'Value', said."52009229" #> {in_group}, said."52009230" #> {in_group}), {tags}
FROM annotation_caseseries cs
JOIN archive_series se ON se.id = cs.series_id
JOIN archive_study st ON st.id = se.study_id
JOIN archive_instance i ON i.series_id = se.id AND i.state = 'ready' AND (cs.images IS NULL OR i.id = ANY(cs.images))
CROSS JOIN LATERAL jsonb_to_record(i.metadata)
    AS said ("00200037" jsonb, "52009229" jsonb, "52009230" jsonb, {columns})
WHERE cs.case_id = ANY(%(cases)s)
ORDER BY cs.position, cs.series_id, array_position(cs.images, i.id), i.instance_number, i.id
"""
IMAGES = QUESTION.format(
    in_group="'{Value,0,00209116,Value,0,00200037,Value}'",
    tags=", ".join(f'said."{tag}"' for tag in TAGS),
    columns=", ".join(f'"{tag}" jsonb' for tag in TAGS),
)
NAMES = (
    "study_instance_uid",
    "series_instance_uid",
    "sop_instance_uid",
    "number_of_frames",
    "rows",
    "columns",
    "bits_stored",
    "body_part_examined",
    "modality",
    "series_description",
    "series_number",
    "instance_number",
)


def images_of(case_ids: Iterable[int]) -> dict[int, list[dict[str, Any]]]:
    """The images of each case in the order in which they hang, as a DICOMweb client finds them."""
    found: dict[int, list[dict[str, Any]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(IMAGES, {"cases": list(case_ids)})
        for row in cursor.fetchall():
            case_id, *values, name_side, markers, cosines = row[: -len(TAGS)]
            image = dict(zip(NAMES, values, strict=True)) | {"wado_root": "/dicomweb"}
            found_tags = zip(TAGS, row[-len(TAGS) :], strict=True)
            attributes = {tag: json.loads(element) for tag, element in found_tags if element}
            said = said_of(attributes, name_side, markers)
            image |= said | {"plane": plane_of(json.loads(cosines) if cosines else [])}
            found.setdefault(case_id, []).append(image)
    return found


def said_of(attributes: Mapping[str, Any], name_side: str, markers: str) -> dict[str, str]:
    """The view and the side of an image by all that speaks of them; "" where that is unclear."""
    image = Image(0, "", 0, 0, "", 0, None, name_side, markers, attributes, [], [])
    side = side_of(image, expected=False)
    return {"view_position": view_of(image).value, "image_laterality": side.value}


def plane_of(cosines: list[Any]) -> str:
    """Which way a slice cuts the patient, by its normal's largest part (PS3.3 C.7.6.2.1.1); "" where it is not said."""
    if len(cosines) != 6 or not all(isinstance(value, int | float) for value in cosines):
        return ""
    (a, b, c), (d, e, f) = cosines[:3], cosines[3:]
    normal = {
        "sagittal": abs(b * f - c * e),
        "coronal": abs(c * d - a * f),
        "axial": abs(a * e - b * d),
    }
    return max(normal, key=lambda plane: normal[plane])
