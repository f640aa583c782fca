"""WADO-RS frames (PS3.18 10.4.1.1.6): straight from the stored bytes, no decode, one query.

A frame that is asked for uncompressed and stored compressed is decoded for it.
"""

import re

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from pydicom.uid import ExplicitVRLittleEndian

from accounts.errors import Problem
from archive import store
from archive.frames import Frame
from archive.models import Instance

from .accept import Offer, choose
from .answers import OCTETS, Part, cached, multipart, single, unchanged
from .decoded import decodable, native_frame
from .finding import not_found, under
from .syntaxes import IMAGE_TYPES, served

MAX_AT_ONCE = 64
NOT_THIS = "The frames are stored in transfer syntax {syntax}; ask for it or for *."
COLUMNS = ("pk", "file", "file_hash", "transfer_syntax_uid", "number_of_frames")


def retrieve(
    request: HttpRequest,
    instances: QuerySet[Instance],
    study: str,
    series: str,
    instance: str,
    numbers: str,
) -> HttpResponseBase:
    wanted = numbers_of(numbers)
    places = {f"at_{number}": F(f"frames__{number - 1}") for number in set(wanted)}
    found = (
        under(instances, study, series, instance)
        .annotate(**places)
        .values_list(*COLUMNS, *places, named=True)[:1]
    )
    if not found:
        raise not_found()
    [row] = found
    check(wanted, row.number_of_frames)
    offer = choose(request, _offers(row), NOT_THIS.format(syntax=served(row.transfer_syntax_uid)))
    tag = f'"{row.file_hash}-{numbers}-{offer.syntax}"'
    if not_modified := unchanged(request, tag):
        return not_modified
    if offer.syntax == served(row.transfer_syntax_uid):
        frames = [_bytes(row.file, getattr(row, f"at_{number}")) for number in wanted]
    else:
        frames = [[native_frame(row.pk, number - 1)] for number in wanted]
    parts: list[Part] = [(offer.content_type, frame) for frame in frames]
    if not offer.multipart and len(parts) == 1:
        return cached(single(parts[0]), tag)
    return cached(multipart(parts, offer.media_type), tag)


def numbers_of(text: str) -> list[int]:
    """The frames that an address names, from 1; Problem 400 where it names none."""
    numbers = text.split(",")
    if not all(re.fullmatch(r"[0-9]{1,6}", number) for number in numbers):
        raise Problem(400, "Frames are named by numbers from 1, with commas between them.")
    if len(numbers) > MAX_AT_ONCE:
        raise Problem(400, f"At most {MAX_AT_ONCE} frames can be had at once.")
    if "0" in {number.lstrip("0") or "0" for number in numbers}:
        raise Problem(404, "Frames are counted from 1.")
    return [int(number) for number in numbers]


def check(wanted: list[int], count: int) -> None:
    """Problem 404 where one is not there."""
    if max(wanted) > count:
        raise Problem(404, f"There are frames 1 to {count}.")


def _offers(row: Instance) -> list[Offer]:
    stored = served(row.transfer_syntax_uid)
    types = (OCTETS, *IMAGE_TYPES.get(stored, ()))
    offers = [Offer(kind, several, stored) for kind in types for several in (True, False)]
    if decodable(stored):
        offers += [Offer(OCTETS, several, ExplicitVRLittleEndian) for several in (True, False)]
    return offers


def _bytes(file: str, frame: Frame) -> list[bytes]:
    return [store.read(file, at, length) for at, length in frame]
