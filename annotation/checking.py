"""Whether answers may be saved, the images of their case at hand where the answers name some."""

from collections.abc import Collection

from django.db import connection

from annotation import forms
from annotation.evidence.view import position_of
from annotation.kinds.regions import CaseImage, Images
from annotation.models import Annotation

IMAGES = """
SELECT i.sop_instance_uid, i.number_of_frames, i.rows, i.columns,
       COALESCE(i.metadata #>> '{00185101,Value,0}', se.view_position)
FROM annotation_caseseries cs
JOIN archive_series se ON se.id = cs.series_id
JOIN archive_instance i ON i.series_id = se.id AND i.state = 'ready' AND (cs.images IS NULL OR i.id = ANY(cs.images))
WHERE cs.case_id = %s AND i.sop_instance_uid = ANY(%s)
"""


def problems(annotation: Annotation, answers: object, complete: bool) -> dict[str, str]:
    """As forms.validate; one query more where regions were marked, none otherwise."""
    content = annotation.form.content
    named = forms.images_named(content, answers) if isinstance(answers, dict) else set()
    images = images_of(annotation.case_id, named) if named else {}
    return forms.validate(content, answers, complete, images)


def images_of(case_id: int, named: Collection[str]) -> Images:
    """Those of the named images that belong to the case."""
    with connection.cursor() as cursor:
        cursor.execute(IMAGES, [case_id, list(named)])
        return {
            uid: CaseImage(frames, rows, columns, position_of(str(view).upper()))
            for uid, frames, rows, columns, view in cursor.fetchall()
        }
