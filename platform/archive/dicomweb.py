"""DICOMweb (PS3.18, WADO-RS): metadata and frames, straight from the stored bytes.

Every request is authorized: the caller passes in which instances a user sees, since tasks are above the archive.
"""

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, JsonResponse
from django.urls import URLPattern, path
from django.utils.cache import patch_vary_headers
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from accounts.access import NOT_FOUND, SIGNED_IN, require, user_of
from accounts.models import User

from . import store
from .models import Instance

Visible = Callable[[User], QuerySet[Instance]]

DICOM_JSON = "application/dicom+json"
OCTETS = "application/octet-stream"
CACHE = "private, max-age=3600"
MAX_FRAMES_AT_ONCE = 64
TRANSFER_SYNTAX = re.compile(r"transfer-syntax=\"?([0-9.*]+)", re.IGNORECASE)

SERIES = "studies/<str:study>/series/<str:series>"
INSTANCE = SERIES + "/instances/<str:instance>"


def routes(visible: Visible) -> list[URLPattern]:
    """The routes under /dicomweb/; `visible` says which instances a user may see."""

    def series_metadata(request: HttpRequest, study: str, series: str) -> HttpResponse:
        found = list(
            _in_series(visible(user_of(request)), study, series).order_by("instance_number", "id")
        )
        if not found:
            return _problem(404, NOT_FOUND)
        return _metadata(request, found)

    def instance_metadata(
        request: HttpRequest, study: str, series: str, instance: str
    ) -> HttpResponse:
        found = _find(visible(user_of(request)), study, series, instance)
        return _metadata(request, [found]) if found else _problem(404, NOT_FOUND)

    def frames(
        request: HttpRequest, study: str, series: str, instance: str, numbers: str
    ) -> HttpResponse:
        found = _find(visible(user_of(request)).defer("metadata"), study, series, instance)
        return _frames(request, found, numbers) if found else _problem(404, NOT_FOUND)

    guarded = require(SIGNED_IN)
    return [
        path(SERIES + "/metadata", guarded(series_metadata)),
        path(INSTANCE + "/metadata", guarded(instance_metadata)),
        path(INSTANCE + "/frames/<str:numbers>", guarded(frames)),
    ]


def _in_series(instances: QuerySet[Instance], study: str, series: str) -> QuerySet[Instance]:
    return instances.filter(
        series__series_instance_uid=series, series__study__study_instance_uid=study
    )


def _find(instances: QuerySet[Instance], study: str, series: str, instance: str) -> Instance | None:
    return _in_series(instances, study, series).filter(sop_instance_uid=instance).first()


def _metadata(request: HttpRequest, instances: list[Instance]) -> HttpResponse:
    tag = "-".join([str(len(instances)), instances[0].file_hash[:32], instances[-1].file_hash[:32]])
    if not_modified := _unchanged(request, f'"{tag}"'):
        return not_modified
    content = [_described(instance) for instance in instances]
    response = JsonResponse(content, safe=False, content_type=DICOM_JSON)
    return _cached(response, f'"{tag}"')


def _described(instance: Instance) -> dict[str, Any]:
    available = {"vr": "UI", "Value": [_served_syntax(instance)]}  # AvailableTransferSyntaxUID
    return {**instance.metadata, "00083002": available}


def _served_syntax(instance: Instance) -> str:
    """WADO-RS never speaks implicit VR; of bare pixels the bytes are the same."""
    syntax = instance.transfer_syntax_uid
    return str(ExplicitVRLittleEndian) if syntax == ImplicitVRLittleEndian else syntax


def _frames(request: HttpRequest, instance: Instance, numbers: str) -> HttpResponse:
    wanted = _frame_numbers(numbers, instance.number_of_frames)
    if isinstance(wanted, HttpResponse):
        return wanted
    accept = request.headers.get("Accept", "*/*")
    syntax = _served_syntax(instance)
    asked = TRANSFER_SYNTAX.findall(accept)
    if asked and not {syntax, "*"} & set(asked):
        return _problem(
            406, f"The frames are stored in transfer syntax {syntax}; ask for it or for *."
        )
    tag = f'"{instance.file_hash}-{numbers}"'
    if not_modified := _unchanged(request, tag):
        return not_modified
    parts = [_frame_bytes(instance, number) for number in wanted]
    part_type = f"{OCTETS}; transfer-syntax={syntax}"
    single = accept.split(";")[0].strip() == OCTETS
    if single and len(parts) == 1:
        return _cached(HttpResponse(parts[0], content_type=part_type), tag)
    return _cached(_multipart(parts, part_type), tag)


def _frame_numbers(text: str, count: int) -> list[int] | HttpResponse:
    numbers = text.split(",")
    if not all(re.fullmatch(r"[0-9]{1,6}", number) for number in numbers):
        return _problem(400, "Frames are named by numbers from 1, with commas between them.")
    if len(numbers) > MAX_FRAMES_AT_ONCE:
        return _problem(400, f"At most {MAX_FRAMES_AT_ONCE} frames can be had at once.")
    wanted = [int(number) for number in numbers]
    if not all(1 <= number <= count for number in wanted):
        return _problem(404, f"There are frames 1 to {count}.")
    return wanted


def _frame_bytes(instance: Instance, number: int) -> bytes:
    return b"".join(
        store.read(instance.file, at, length) for at, length in instance.frames[number - 1]
    )


def _multipart(parts: list[bytes], part_type: str) -> HttpResponse:
    boundary = uuid.uuid4().hex
    opening = f"--{boundary}\r\nContent-Type: {part_type}\r\n\r\n".encode()
    body = [piece for part in parts for piece in (opening, part, b"\r\n")]
    content_type = f'multipart/related; type="{OCTETS}"; boundary={boundary}'
    return HttpResponse(
        b"".join([*body, f"--{boundary}--\r\n".encode()]), content_type=content_type
    )


def _unchanged(request: HttpRequest, tag: str) -> HttpResponse | None:
    if tag not in request.headers.get("If-None-Match", ""):
        return None
    return _cached(HttpResponseNotModified(), tag)


def _cached(response: HttpResponse, tag: str) -> HttpResponse:
    response["ETag"] = tag
    response["Cache-Control"] = CACHE
    patch_vary_headers(response, ["Accept", "Authorization", "Cookie"])
    return response


def _problem(status: int, detail: str) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status)
