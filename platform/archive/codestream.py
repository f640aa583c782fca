"""Reads the size that a compressed frame itself declares, without decoding it.

A decoder believes the codestream, not the DICOM header: a file of 700 bytes may ask it for gigabytes. So both must
say the same before anything is decoded (see inspect.py).
"""

import struct
from struct import unpack_from

SOI, SOC, JP2 = b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  "
# start of frame: JPEG's SOF0-15 without DHT, JPG and DAC, and JPEG-LS's SOF55
SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC} | {0xF7})


def declared_size(frame: memoryview) -> tuple[int, int] | None:
    """(rows, columns) of a JPEG, JPEG-LS or JPEG 2000 frame; None where it says nothing that can be trusted."""
    head = bytes(frame[:12])
    try:
        if head.startswith(SOI):
            return _jpeg(frame)
        if head.startswith(SOC):
            return _jpeg2000(frame, 0)
        if head.startswith(JP2):
            start = bytes(frame[:4096]).find(SOC)
            return _jpeg2000(frame, start) if start >= 0 else None
    except (IndexError, struct.error):  # the frame ends before its header does
        return None
    return None


def _jpeg(frame: memoryview) -> tuple[int, int] | None:
    at = 2
    while at + 4 <= len(frame):
        if frame[at] != 0xFF:
            return None
        marker = frame[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker in SOF:
            rows, columns = unpack_from(">HH", frame, at + 5)
            return rows, columns
        if marker == 0xDA:
            return None
        at += 2 + unpack_from(">H", frame, at + 2)[0]
    return None


def _jpeg2000(frame: memoryview, start: int) -> tuple[int, int]:
    x, y, x0, y0 = unpack_from(">LLLL", frame, start + 8)  # SIZ: after SOC, marker, length and Rsiz
    return y - y0, x - x0
