"""WADO-RS metadata (PS3.18 10.4.1.1.5): the stored JSON, put together by the database and never parsed here."""

import hashlib
import json

from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from archive.models import Instance

from .accept import require_json
from .answers import DICOM_JSON, cached, unchanged
from .finding import not_found, under
from .urls import instance_url, root

# Beside what the file says: the pseudonym, AvailableTransferSyntaxUID, and the pixels' address. The keys of a jsonb of equal lengths stand in ascending order, as PS3.18 F.2.2 wants them.
DESCRIBED = f"""
SELECT st.study_instance_uid, se.series_instance_uid, i.sop_instance_uid, i.file_hash, (i.metadata || jsonb_build_object(
    '00083002', jsonb_build_object('vr', 'UI', 'Value', jsonb_build_array(
        CASE i.transfer_syntax_uid WHEN '{ImplicitVRLittleEndian}' THEN '{ExplicitVRLittleEndian}'
        ELSE i.transfer_syntax_uid END)),
    '00100010', jsonb_build_object('vr', 'PN', 'Value', jsonb_build_array(
        jsonb_build_object('Alphabetic', p.pseudonym))),
    '7FE00010', jsonb_build_object('vr', CASE WHEN i.bits_stored > 8 THEN 'OW' ELSE 'OB' END,
        'BulkDataURI', '7FE00010')
))::text
FROM archive_instance i
JOIN archive_series se ON se.id = i.series_id
JOIN archive_study st ON st.id = se.study_id
JOIN archive_patient p ON p.id = st.patient_id
WHERE i.id IN ({{visible}})
ORDER BY se.series_number, se.id, i.instance_number, i.id
"""  # noqa: S608 -- of literals
# Within a value the quotes would be escaped: this stands nowhere but where it is meant.
BULK = '"BulkDataURI": "'


def retrieve(
    request: HttpRequest,
    instances: QuerySet[Instance],
    study: str,
    series: str = "",
    instance: str = "",
) -> HttpResponseBase:
    require_json(request)
    visible, parameters = (
        under(instances, study, series, instance).values("pk").query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(DESCRIBED.format(visible=visible), parameters)
        rows = cursor.fetchall()
    if not rows:
        raise not_found()
    base = root(request)
    tag = '"{}"'.format(
        hashlib.sha256("".join([base, *(row[3] for row in rows)]).encode()).hexdigest()
    )
    if not_modified := unchanged(request, tag):
        return not_modified
    described = ",".join(_with_addresses(base, *row) for row in rows)
    return cached(HttpResponse(f"[{described}]".encode(), content_type=DICOM_JSON), tag)


def _with_addresses(
    base: str, study: str, series: str, instance: str, _hash: str, described: str
) -> str:
    """Stored is the path within the instance; a client wants the whole address."""
    here = json.dumps(f"{instance_url(base, study, series, instance)}/bulkdata/")[1:-1]
    return described.replace(BULK, BULK + here)
