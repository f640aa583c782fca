"""Clears the places around the pixels that no viewer shows and that can hold anything.

Unused bits above the pixels (old overlays, PS3.5 8.1.2), comments inside compressed frames, wrong offset tables,
and the padding behind frames. The pixels stay what they are.
"""

from collections.abc import Callable
from dataclasses import replace
from struct import pack

import numpy as np
from pydicom.uid import RLELossless

from .frames import Frame
from .inspect import Inspected
from .jpeg_comments import without_comments
from .packbits import without_tail

ITEM = pack("<HH", 0xFFFE, 0xE000)


def without_hidden(inspected: Inspected) -> Inspected:
    """The same image; the length of its frames does not change."""
    if inspected.encapsulated:
        return _encapsulated(inspected)
    return _native(inspected)


def _native(inspected: Inspected) -> Inspected:
    image = inspected.image
    allocated, stored = image.bits_allocated, image.bits_stored
    if (
        allocated not in (8, 16, 32)
        or stored >= allocated
        or len(inspected.pixels) % (allocated // 8)
    ):
        return inspected
    high = int(inspected.header.get("HighBit", stored - 1) or 0)
    if (
        high != stored - 1
    ):  # the pixels do not begin at the lowest bit: decoders differ, so nothing is touched
        return inspected
    signed = inspected.header.get("PixelRepresentation") == 1
    pixels = np.frombuffer(inspected.pixels, dtype=f"<{'i' if signed else 'u'}{allocated // 8}")
    cleared = (pixels << (allocated - stored)) >> (allocated - stored)
    if np.array_equal(pixels, cleared):
        return inspected
    return replace(inspected, pixels=memoryview(cleared.tobytes()))


def _encapsulated(inspected: Inspected) -> Inspected:
    data = bytearray(inspected.pixels)
    clean = _rle(inspected) if inspected.transfer_syntax_uid == RLELossless else without_comments
    for frame in inspected.frames:
        joined = b"".join(bytes(data[at : at + length]) for at, length in frame)
        cleaned = clean(joined)
        start = 0
        for at, length in frame:
            data[at : at + length] = cleaned[start : start + length]
            start += length
    return _without_wrong_table(replace(inspected, pixels=memoryview(bytes(data))))


def _without_wrong_table(inspected: Inspected) -> Inspected:
    """The Basic Offset Table (PS3.5 A.4) where it is right, else an empty one: a wrong one helps nobody."""
    data, frames = inspected.pixels, inspected.frames
    (length,) = np.frombuffer(data[4:8], dtype="<u4").tolist()
    first = frames[0][0][0] - 8
    right = pack(f"<{len(frames)}L", *(frame[0][0] - 8 - first for frame in frames))
    if not length or bytes(data[8 : 8 + length]) == right:
        return inspected
    moved: list[Frame] = [[[at - length, size] for at, size in frame] for frame in frames]
    pixels = ITEM + pack("<L", 0) + bytes(data[8 + length :])
    return replace(inspected, pixels=memoryview(pixels), frames=moved)


def _rle(inspected: Inspected) -> Callable[[bytes], bytes]:
    pixels = inspected.image.rows * inspected.image.columns
    return lambda frame: without_tail(frame, pixels)
