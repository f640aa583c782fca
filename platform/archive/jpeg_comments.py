"""Blanks what a compressed frame says beside its pixels: comments, application data, boxes, bytes behind its end.

The frame keeps its length, so that nothing moves: what goes is overwritten with zeros. Application segments that
change how pixels are decoded stay, rebuilt so that they hold nothing else.
"""

import re
from struct import unpack_from

from .codestream import JP2, SOC, SOI

COM, SOS, EOI = 0xFE, 0xDA, 0xD9
STANDALONE = frozenset({0x01, *range(0xD0, 0xD9)})
# in entropy-coded data 0xFF00 and RSTn belong to the pixels; JPEG-LS stuffs a bit instead (T.87 A.1)
MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
MARKER_LS = re.compile(rb"\xff[\x80-\xfe]")
JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"  # version 1.1, square pixels, no picture of its own
JFIF_APP, ADOBE_APP, JPEG_LS_APP = 0xE0, 0xEE, 0xE8

J2K_COM, SOT, SOD, EOC = 0xFF64, 0xFF90, 0xFF93, 0xFFD9
BOXES = {b"jP  ", b"ftyp", b"jp2h", b"jp2c"}
HEADER_BOXES = {b"ihdr", b"bpcc", b"pclr", b"cmap", b"cdef"}


def without_comments(frame: bytes) -> bytes:
    """The frame with the same pixels and the same length; unchanged where it is of no kind that is known here."""
    if frame.startswith(SOI):
        return _jpeg(bytearray(frame))
    if frame.startswith(SOC):
        data = bytearray(frame)
        _codestream(data, 0, len(data))
        return bytes(data)
    if frame.startswith(JP2):
        return _jp2(bytearray(frame))
    return frame


def _jpeg(data: bytearray) -> bytes:
    at, marker_of_scan = 2, MARKER
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF or marker in STANDALONE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker == EOI:
            _blank(data, at + 2, len(data))
            break
        (length,) = unpack_from(">H", data, at + 2)
        if marker == COM or 0xE0 <= marker <= 0xEF:
            _segment(data, marker, at + 4, min(at + 2 + length, len(data)))
        if marker == 0xF7:  # SOF55: this is JPEG-LS
            marker_of_scan = MARKER_LS
        at += 2 + length
        if marker == SOS:
            found = marker_of_scan.search(data, at)
            at = found.start() if found else len(data)
    return bytes(data)


def _segment(data: bytearray, marker: int, start: int, end: int) -> None:
    content = bytes(data[start:end])
    kept = b""
    if marker == JFIF_APP and content.startswith(b"JFIF\0"):
        kept = JFIF
    elif marker == ADOBE_APP and content.startswith(b"Adobe") and len(content) >= 12:
        kept = b"Adobe\0\x64\0\0\0\0" + content[11:12]  # the last byte says which colours
    elif marker == JPEG_LS_APP and content.startswith(b"mrfx") and len(content) == 5:
        kept = content  # the last byte says how the colours were mixed
    _blank(data, start, end)
    if len(kept) <= end - start:
        data[start : start + len(kept)] = kept


def _codestream(data: bytearray, start: int, end: int) -> None:
    """JPEG 2000 (T.800 Annex A): comments of the main header and of each tile-part, and what follows the end."""
    at = _headers(data, start + 2, end)
    while at + 12 <= end and unpack_from(">H", data, at)[0] == SOT:
        (length,) = unpack_from(">L", data, at + 6)
        _headers(data, at + 12, end)
        if length < 14:  # 0: up to the end of the codestream
            return
        at += length
    if at + 2 <= end and unpack_from(">H", data, at)[0] == EOC:
        _blank(data, at + 2, end)


def _headers(data: bytearray, at: int, end: int) -> int:
    """Blanks the comments among the marker segments from `at` on; where the first tile or its data begin."""
    while at + 4 <= end:
        marker, length = unpack_from(">HH", data, at)
        if marker in (SOT, SOD, EOC) or marker < 0xFF00:
            break
        if marker == J2K_COM:
            _blank(data, at + 6, min(at + 2 + length, end))
        at += 2 + length
    return at


def _jp2(data: bytearray) -> bytes:
    """The boxes of T.800 Annex I: those that DICOM's pixels do not need become empty "free" boxes."""
    for kind, start, end in _boxes(data, 0, len(data)):
        if kind == b"jp2c":
            _codestream(data, start, end)
        elif kind == b"jp2h":
            for inner, inner_start, inner_end in _boxes(data, start, end):
                enumerated = inner == b"colr" and data[inner_start : inner_start + 1] == b"\1"
                if inner not in HEADER_BOXES and not enumerated:
                    _free(data, inner_start, inner_end)
        elif kind not in BOXES:
            _free(data, start, end)
    return bytes(data)


def _free(data: bytearray, start: int, end: int) -> None:
    data[start - 4 : start] = b"free"
    _blank(data, start, end)


def _boxes(data: bytearray, at: int, end: int) -> list[tuple[bytes, int, int]]:
    """(type, start and end of the content) of each box."""
    found = []
    while at + 8 <= end:
        length, kind = unpack_from(">L4s", data, at)
        stop = at + length if length else end
        if not at + 8 <= stop <= end:  # a damaged box, or one of more than 4 GB
            stop = end
        found.append((kind, at + 8, stop))
        at = stop
    return found


def _blank(data: bytearray, start: int, end: int) -> None:
    if end > start:
        data[start:end] = bytes(end - start)
