"""Reads what a compressed frame itself declares, without decoding it.

A decoder believes the codestream, not the DICOM header: a file of 700 bytes may ask it for gigabytes. So both must
say the same before anything is decoded (see encapsulated.py).
"""

import struct
from dataclasses import dataclass
from struct import unpack_from

SOI, SOC, JP2 = b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  "
# start of frame: JPEG's SOF0-15 without DHT, JPG and DAC, and JPEG-LS's SOF55
SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC} | {0xF7})
MAX_TILES = 65_535  # JPEG 2000 (ISO 15444-1 A.5.1)


@dataclass(frozen=True)
class Declared:
    rows: int
    columns: int
    samples: int
    bits: int  # of one sample


def declared(frame: memoryview) -> Declared | None:
    """What a JPEG, JPEG-LS or JPEG 2000 frame declares; None where that cannot be trusted."""
    head = bytes(frame[:12])
    try:
        if head.startswith(SOI):
            return _jpeg(frame)
        if head.startswith(SOC):
            return _jpeg2000(frame, 0)
        if head.startswith(JP2):
            return _jpeg2000(frame, _codestream_box(frame))
    except (IndexError, struct.error):  # the frame ends before its header does
        return None
    return None


def rle_is_sound(frame: memoryview, samples: int, bits_allocated: int) -> bool:
    """Whether an RLE frame has the segments that its pixels need (PS3.5 G.5)."""
    if len(frame) < 64:
        return False
    count, *offsets = unpack_from("<16L", frame)
    if count != samples * bits_allocated // 8 or count > 15:
        return False
    used = offsets[:count]
    return used[0] == 64 and used == sorted(set(used)) and used[-1] < len(frame)


def _jpeg(frame: memoryview) -> Declared | None:
    at = 2
    while at + 4 <= len(frame):
        if frame[at] != 0xFF:
            return None
        marker = frame[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in SOF:
            bits, rows, columns, samples = unpack_from(">BHHB", frame, at + 4)
            return Declared(rows, columns, samples, bits)
        if marker == 0xDA:
            return None
        at += 2 + unpack_from(">H", frame, at + 2)[0]
    return None


def _jpeg2000(frame: memoryview, start: int) -> Declared | None:
    # SIZ, after SOC, marker, length and Rsiz (ISO 15444-1 A.5.1)
    x, y, x0, y0, tile_x, tile_y, tile_x0, tile_y0, samples = unpack_from(
        ">LLLLLLLLH", frame, start + 8
    )
    (depth,) = unpack_from(">B", frame, start + 42)
    if not tile_x or not tile_y or x <= x0 or y <= y0 or tile_x0 > x0 or tile_y0 > y0:
        return None
    if -(-(x - tile_x0) // tile_x) * -(-(y - tile_y0) // tile_y) > MAX_TILES:
        return None
    return Declared(y - y0, x - x0, samples, (depth & 0x7F) + 1)


def _codestream_box(frame: memoryview) -> int:
    """Where the codestream of a JP2 file starts; the boxes before it may hold anything."""
    at = 0
    while True:
        length, kind = unpack_from(">L4s", frame, at)
        head = 8
        if length == 1:
            (length,) = unpack_from(">Q", frame, at + 8)
            head = 16
        if kind == b"jp2c":
            if bytes(frame[at + head : at + head + 4]) != SOC:
                raise IndexError
            return at + head
        if length < head:
            raise IndexError
        at += length
