"""Whether answers may be saved, the images of their case at hand where the answers name some."""

import json
from collections.abc import Collection

from django.db import connection

from annotation import forms, hung
from annotation.evidence.image import TAGS
from annotation.kinds.regions import CaseImage, Images
from annotation.models import Annotation

# In the order in which they hang, as hung.images_of has them; only of those that are named the header is unpacked.
QUESTION = """
SELECT image.sop_instance_uid, image.number_of_frames, image.rows, image.columns, image.series_id, image.place,
       image.name_side, image.markers, {tags}
FROM (
    SELECT i.*, row_number() OVER (
        ORDER BY cs.position, cs.series_id, array_position(cs.images, i.id), i.instance_number, i.id) AS place
    FROM annotation_caseseries cs
    JOIN archive_instance i ON i.series_id = cs.series_id AND i.state = 'ready'
        AND (cs.images IS NULL OR i.id = ANY(cs.images))
    WHERE cs.case_id = %s
) image
CROSS JOIN LATERAL jsonb_to_record(image.metadata) AS said ({columns})
WHERE image.sop_instance_uid = ANY(%s)
"""
IMAGES = QUESTION.format(
    tags=", ".join(f'said."{tag}"' for tag in TAGS),
    columns=", ".join(f'"{tag}" jsonb' for tag in TAGS),
)


def problems(annotation: Annotation, answers: object, complete: bool) -> dict[str, str]:
    """As forms.validate; one query more where regions were marked, none otherwise."""
    content = annotation.form.content
    named = forms.images_named(content, answers) if isinstance(answers, dict) else set()
    images = images_of(annotation.case_id, named) if named else {}
    return forms.validate(content, answers, complete, images)


def images_of(case_id: int, named: Collection[str]) -> Images:
    """Those of the named images that belong to the case; each of the view that the page shows."""
    found: dict[str, CaseImage] = {}
    with connection.cursor() as cursor:
        cursor.execute(IMAGES, [case_id, list(named)])
        for uid, frames, rows, columns, series, place, name_side, markers, *values in cursor:
            said = zip(TAGS, values, strict=True)
            attributes = {tag: json.loads(element) for tag, element in said if element}
            view = hung.said_of(attributes, name_side, markers)["view_position"]
            found[uid] = CaseImage(frames, rows, columns, view, series, place)
    return found
