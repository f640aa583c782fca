"""Finds in compressed frames what is no part of the picture: comments, Exif, foreign segments, bytes behind the end.

Scanners and converters write names, dates and device numbers there, and no header tells of it.
"""

import re
import struct
from collections.abc import Iterator
from struct import unpack_from

from .codestream import JP2, SOC, SOI

Range = tuple[int, int]

MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")  # neither stuffing nor a restart
EOI, SOS, COM, APP0, APP8, APP14, APP15 = 0xD9, 0xDA, 0xFE, 0xE0, 0xE8, 0xEE, 0xEF
KEPT = (  # segments by which decoders choose the colours
    (APP0, b"JFIF\0", 16),
    (APP8, b"mrfx", 7),
    (APP14, b"Adobe", 14),
)
SOT, SOD, EOC, J2K_COM = 0xFF90, 0xFF93, 0xFFD9, 0xFF64
BOXES = (b"jP  ", b"ftyp", b"jp2h", b"jp2c")


def words_of(frame: memoryview) -> list[Range]:
    """Ranges of bytes that can be zeroed without a change to any pixel; empty for most frames."""
    head = bytes(frame[:12])
    ranges: list[Range] = []
    try:
        if head.startswith(SOI):
            ranges.extend(_jpeg(frame))
        elif head.startswith(SOC):
            ranges.extend(_jpeg2000(frame, 0))
        elif head.startswith(JP2):
            ranges.extend(_boxes(frame))
    except (IndexError, struct.error):  # cut: the decoder will say so
        pass
    return [(start, end) for start, end in ranges if any(frame[start:end])]


def _jpeg(frame: memoryview) -> Iterator[Range]:
    at = 2
    while found := MARKER.search(frame, at):
        marker, value = frame[found.start() + 1], found.end() + 2
        if marker == EOI:
            yield found.end(), len(frame)
            return
        at = found.end() + unpack_from(">H", frame, found.end())[0]
        foreign = marker == COM or APP0 <= marker <= APP15
        if foreign and not _is_kept(frame, marker, found.end()):
            yield value, at


def _is_kept(frame: memoryview, marker: int, at: int) -> bool:
    (length,) = unpack_from(">H", frame, at)
    return any(
        marker == kept and length <= most and bytes(frame[at + 2 : at + 2 + len(name)]) == name
        for kept, name, most in KEPT
    )


def _jpeg2000(frame: memoryview, at: int) -> Iterator[Range]:
    """Comments of the main header and of each tile-part's (ISO 15444-1 A.9.2)."""
    at += 2
    tile_end = 0
    while at + 4 <= len(frame):
        marker, length = unpack_from(">HH", frame, at)
        if marker == EOC:
            yield at + 2, len(frame)
            return
        if marker == SOD:
            if tile_end <= at:  # the last tile-part may leave its length open
                return
            at = tile_end
            continue
        if marker == SOT:
            (size,) = unpack_from(">L", frame, at + 6)
            tile_end = at + size if size else 0
        if marker == J2K_COM:
            yield at + 6, at + 2 + length
        at += 2 + length


def _boxes(frame: memoryview) -> Iterator[Range]:
    at = 0
    while at + 8 <= len(frame):
        length, kind = unpack_from(">L4s", frame, at)
        end = at + length if length else len(frame)
        if kind == b"jp2c":
            if length == 1:
                end = at + unpack_from(">Q", frame, at + 8)[0]
            inner = at + (16 if length == 1 else 8)
            yield from ((inner + a, inner + b) for a, b in _jpeg2000(frame[inner:end], 0))
        elif kind not in BOXES:
            yield at + 8, end
        if end <= at + 7:
            return
        at = end
