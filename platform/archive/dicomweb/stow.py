"""STOW-RS (PS3.18 10.5): instances of a multipart request go the archive's one way in; each gets its own answer."""

import re
from collections.abc import Iterator
from functools import partial

from django.contrib.auth import SESSION_KEY
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.request import MediaType
from rest_framework.exceptions import PermissionDenied

from accounts.access import STAFF_ONLY, user_of
from accounts.authentication import Session
from accounts.errors import Problem
from accounts.models import User
from archive import deliver
from archive.ingest import Item, Source, ingest_sources
from archive.models import Instance, Upload
from archive.receive import FULL, is_full
from archive.refused import Refused

from .accept import require_json
from .answers import DICOM, dicom_json
from .parts import Part, parts_of
from .sent import Sent, sent_in
from .stored import answer

NO_MULTIPART = 'Send the files as multipart/related; type="application/dicom"; boundary=….'
ONLY_FILES = "Only DICOM files (application/dicom) are taken, not metadata with bulk data apart."
NO_PART = "No file arrived; send each as a part of the request."
OTHER_STUDY = "belongs to another study than the address names; send it to its own, or to /studies."


def store(request: HttpRequest, instances: QuerySet[Instance], study: str = "") -> HttpResponse:
    """200 when all are here now, 202 when some are not, 409 when none is."""
    _allow(request)
    require_json(request)
    parts = parts_of(request, _boundary(request.headers.get("Content-Type", "")))
    sent: list[Sent] = []
    items = _ingest(user_of(request), _sources(parts, study, sent))
    if not items:
        raise Problem(400, NO_PART)
    status, content = answer(request, sent, items)
    return dicom_json(content, status)


def _ingest(user: User, sources: Iterator[Source]) -> list[Item]:
    """As a delivery with a report of its own. What waits for a look at its pixels is looked at by a job (jobs.py)."""
    items: list[Item] = []
    upload = deliver.begin(Upload.Way.STOW, user)
    try:
        ingest_sources(sources, upload=upload, progress=items.append)
    except BaseException as exc:
        if items:
            deliver.end(upload, Upload.State.FAILED)
        else:
            upload.delete()
        if isinstance(exc, OSError) and is_full(exc):
            raise Problem(507, FULL) from exc
        raise
    if items:
        deliver.end(upload, Upload.State.DONE)
    else:
        upload.delete()
    return items


def _allow(request: HttpRequest) -> None:
    """Staff only; who comes by cookie must prove that his own page sent it (a token proves that by itself)."""
    if not user_of(request).is_staff:
        raise Problem(403, STAFF_ONLY)
    if SESSION_KEY in request.session:
        try:
            Session().enforce_csrf(request)  # type: ignore[arg-type]  # it asks of it what Django's has too
        except PermissionDenied as exc:
            raise Problem(403, str(exc.detail)) from exc


def _boundary(content_type: str) -> bytes:
    given = MediaType(content_type)
    if (given.main_type, given.sub_type) != ("multipart", "related"):
        raise Problem(415, NO_MULTIPART)
    if str(given.params.get("type", DICOM)).lower() != DICOM:
        raise Problem(415, ONLY_FILES)
    boundary = str(given.params.get("boundary", ""))
    if not re.fullmatch(r"[ -~]{1,70}", boundary):
        raise Problem(400, NO_MULTIPART)
    return boundary.encode()


def _sources(parts: Iterator[Part], study: str, sent: list[Sent]) -> Iterator[Source]:
    """One part at a time is read; its bytes go when the batch that it is in was stored."""
    for number, part in enumerate(parts, start=1):
        sent.append(sent_in(part.head(), with_study=bool(study)))
        yield Source(f"part {number}", partial(_read, part, sent[-1], study))


def _read(part: Part, sent: Sent, study: str) -> bytes:
    if part.content_type.lower() not in ("", DICOM):
        kind = part.content_type[:64]
        raise Refused(f"is {kind}, not {DICOM}; send DICOM files.", code="not_dicom")
    if study and sent.study_instance_uid != study:
        raise Refused(OTHER_STUDY, code="other_study")
    return part.take()
