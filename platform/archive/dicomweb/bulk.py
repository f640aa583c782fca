"""WADO-RS bulk data (PS3.18 10.4.1.1.4): what the metadata names by its address instead of its value.

An address ends in the element's tag, within sequences in the tags and item numbers (from 1) that lead to it:
bulkdata/7FE00010, bulkdata/00283010/1/00283006.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain

import pydicom
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from accounts.errors import Problem
from archive import store
from archive.frames import Frame
from archive.models import Instance

from .accept import Offer, choose
from .answers import (
    AT_ONCE_BYTES,
    OCTETS,
    Part,
    cached,
    multipart,
    multipart_stream,
    single,
    single_stream,
    unchanged,
)
from .decoded import native_frames
from .finding import not_found, under
from .frames import offers_of
from .syntaxes import IMAGE_TYPES, served

PIXEL_DATA = "7FE00010"
PATH = re.compile(r"[0-9A-F]{8}(/[1-9][0-9]{0,4}/[0-9A-F]{8}){0,16}", re.ASCII)
MALFORMED = "Bulk data is named by tags of 8 hexadecimal digits, with item numbers between them."
ANY = [Offer(OCTETS, several) for several in (True, False)]
NOT_THIS = "This is given as application/octet-stream, as one part or as multipart/related."


def retrieve(
    request: HttpRequest,
    instances: QuerySet[Instance],
    study: str,
    series: str,
    instance: str,
    tags: str,
) -> HttpResponseBase:
    if not PATH.fullmatch(tags.upper()):
        raise Problem(400, MALFORMED)
    found = under(instances, study, series, instance).defer("metadata").first()
    if found is None:
        raise not_found()
    stored = served(found.transfer_syntax_uid) if tags.upper() == PIXEL_DATA else ""
    offer = choose(request, offers_of(stored) if stored else ANY, NOT_THIS)
    tag = f'"{found.file_hash}-{tags}-{offer.syntax}"'
    if not_modified := unchanged(request, tag):
        return not_modified
    grows = offer.syntax != stored and found.number_of_frames > 1
    whole = found.size_bytes <= AT_ONCE_BYTES and not grows
    if not stored:
        values: list[Iterable[bytes]] = [[_value(found, tags.upper().split("/"))]]
    elif offer.syntax == stored:
        values = _pixels(found)
    else:
        values = [native_frames(found.file, stored, found.frames)]
    parts: list[Part] = [(offer.content_type, value) for value in values]
    if not offer.multipart and len(parts) == 1:
        return cached((single if whole else single_stream)(parts[0]), tag)
    return cached((multipart if whole else multipart_stream)(parts, offer.media_type), tag)


def _pixels(instance: Instance) -> list[Iterable[bytes]]:
    """Each frame of compressed pixel data as a part of its own; uncompressed, all as one (PS3.18 8.7.3.3.2)."""
    frames = [_read(instance.file, frame) for frame in instance.frames]
    return [*frames] if IMAGE_TYPES.get(instance.transfer_syntax_uid) else [chain(*frames)]


def _read(file: str, frame: Frame) -> Iterator[bytes]:
    for at, length in frame:
        yield store.read(file, at, length)


def _value(instance: Instance, path: list[str]) -> bytes:
    """The value as little endian bytes; Problem 404 where the file has none."""
    with store.originals().open(instance.file) as file:
        dataset: Dataset = pydicom.dcmread(file, stop_before_pixels=True)
        for tag, number in zip(path[:-1:2], path[1::2], strict=True):
            items = dataset[tag].value if tag in dataset else []
            if not isinstance(items, pydicom.Sequence) or len(items) < int(number):
                raise not_found()
            dataset = items[int(number) - 1]
        value = dataset[path[-1]].value if path[-1] in dataset else None
    if isinstance(value, bytes):
        return value
    if isinstance(value, MultiValue | list) and all(isinstance(one, int) for one in value):
        return b"".join(int(one).to_bytes(2, "little", signed=one < 0) for one in value)
    raise not_found()
