"""Clears the places in compressed frames that no viewer shows and that can hold anything: comments and what follows.

The pixels stay what they are, and so does the length of each frame. What bare pixels can hide, native.py clears.
"""

from collections.abc import Callable
from dataclasses import replace

from pydicom.uid import RLELossless

from .inspect import Inspected
from .jpeg_comments import without_comments
from .packbits import without_tail


def without_hidden(inspected: Inspected) -> Inspected:
    """The same image; uncompressed ones pass."""
    if not inspected.encapsulated:
        return inspected
    data = bytearray(inspected.pixels)
    clean = _rle(inspected) if inspected.transfer_syntax_uid == RLELossless else without_comments
    for frame in inspected.frames:
        cleaned = clean(b"".join(bytes(data[at : at + length]) for at, length in frame))
        start = 0
        for at, length in frame:
            data[at : at + length] = cleaned[start : start + length]
            start += length
    if data == inspected.pixels:  # most frames hide nothing, and a piece of the file needs no copy
        return inspected
    return replace(inspected, pixels=memoryview(bytes(data)))


def _rle(inspected: Inspected) -> Callable[[bytes], bytes]:
    pixels = inspected.image.rows * inspected.image.columns
    return lambda frame: without_tail(frame, pixels)
