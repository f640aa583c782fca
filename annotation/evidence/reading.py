"""Reads from the archive what is looked at of its images."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection

from annotation.evidence.image import TAGS, Image
from archive.models import Series

# By hand: of each image's header a dozen attributes are wanted, and each header is unpacked once for them.
# 5200,9229 and 5200,9230: the shared and the per-frame functional groups; 0020,9071: their Frame Anatomy Sequence
IMAGES = """
SELECT i.series_id, i.id, i.instance_number, i.name_side, i.markers,
  (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(i.metadata) e WHERE e.key = ANY(%(tags)s)),
  CASE WHEN i.number_of_frames > 1 THEN jsonb_path_query_array(i.metadata,
    '$.*.Value[*]."00209071".Value[*]."00209072".Value[*]') END,
  CASE WHEN i.number_of_frames > 1 THEN jsonb_path_query_array(i.metadata,
    '$."52009229".Value[*]."00209071".Value[*]."00082218".Value[*]') END
FROM archive_instance i
WHERE i.series_id = ANY(%(series)s) AND i.state = 'ready'
ORDER BY i.id
"""


def images_of_studies(studies: Sequence[int], modalities: Sequence[str]) -> Iterator[Image]:
    """The ready images of these studies of these modalities, as they came; what is held shows nothing."""
    rows = Series.objects.filter(study__in=studies, modality__in=modalities).values_list(
        "pk", "study_id", "study__study_instance_uid", "study__patient_id", "series_instance_uid"
    )
    # not joined in one statement: of tables that an ingest just filled, PostgreSQL guesses the worst order
    series = {
        pk: (study, study_uid, patient, pk, uid) for pk, study, study_uid, patient, uid in rows
    }
    with connection.cursor() as cursor:
        cursor.execute(IMAGES, {"series": list(series), "tags": list(TAGS)})
        for pk, instance, number, side, markers, attributes, lateralities, regions in cursor:
            yield Image(
                *series[pk],
                instance,
                number,
                side,
                markers,
                _json(attributes) or {},
                _json(lateralities) or [],
                _json(regions) or [],
            )


def _json(text: str | None) -> Any:
    return json.loads(text) if text else None
