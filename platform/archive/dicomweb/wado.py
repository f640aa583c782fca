"""WADO-RS instances (PS3.18 10.4.1.1.1 to 3): whole files as they are stored, as multipart/related.

Implicit VR, which WADO-RS does not speak, is given explicit; compressed files are given uncompressed to clients
that take nothing else.
"""

import hashlib
from collections.abc import Iterator
from typing import NamedTuple

import pydicom
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from archive import store
from archive.models import Instance
from archive.part10 import encode

from .accept import Offer, choose
from .answers import DICOM, Part, as_it_fits, cached, unchanged
from .decoded import decodable, native_file
from .finding import IN_ORDER, not_found, under
from .syntaxes import served

PIECE_BYTES = 4 << 20
NOT_THIS = (
    "An image is stored in transfer syntax {syntax}; ask for application/dicom in it, or in *."
)


class Row(NamedTuple):
    file: str
    file_hash: str
    size_bytes: int
    transfer_syntax_uid: str


def retrieve(
    request: HttpRequest,
    instances: QuerySet[Instance],
    study: str,
    series: str = "",
    instance: str = "",
) -> HttpResponseBase:
    found = under(instances, study, series, instance).order_by(*IN_ORDER)
    rows = [Row(*row) for row in found.values_list(*Row._fields)]
    if not rows:
        raise not_found()
    chosen = {
        syntax: choose(request, _offers(syntax, bool(instance)), NOT_THIS.format(syntax=syntax))
        for syntax in {row.transfer_syntax_uid for row in rows}
    }
    offers = [chosen[row.transfer_syntax_uid] for row in rows]
    names = "".join(row.file_hash + offer.syntax for row, offer in zip(rows, offers, strict=True))
    tag = f'"{hashlib.sha256(names.encode()).hexdigest()}"'
    if not_modified := unchanged(request, tag):
        return not_modified
    parts: Iterator[Part] = (
        (offer.content_type, _file(row, offer.syntax))
        for row, offer in zip(rows, offers, strict=True)
    )
    return cached(as_it_fits(parts, DICOM if offers[0].multipart else ""), tag)


def _offers(stored: str, alone: bool) -> list[Offer]:
    """Several parts always; bare application/dicom for one instance by its own address."""
    syntaxes = [served(stored), *([str(ExplicitVRLittleEndian)] if decodable(stored) else [])]
    return [
        Offer(DICOM, several, syntax)
        for syntax in syntaxes
        for several in ((True, False) if alone else (True,))
    ]


def _file(row: Row, syntax: str) -> Iterator[bytes]:
    start = 0
    if row.transfer_syntax_uid == ImplicitVRLittleEndian:
        head, start = _explicit_head(row)
        yield head
    elif row.transfer_syntax_uid != syntax:
        yield from native_file(row.file, row.transfer_syntax_uid)
        return
    for at in range(start, row.size_bytes, PIECE_BYTES):
        yield store.read(row.file, at, min(PIECE_BYTES, row.size_bytes - at))


def _explicit_head(row: Row) -> tuple[bytes, int]:
    """The file up to its pixels' value in explicit VR, and where that value begins in the stored file."""
    with store.originals().open(row.file) as file:
        header = pydicom.dcmread(file, stop_before_pixels=True)
        start = file.tell() + 8  # tag and length of the pixel data
    length = row.size_bytes - start
    return encode(header, str(ExplicitVRLittleEndian), "OW", length), start
