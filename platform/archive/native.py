"""Uncompressed pixels put in order: whole bytes, no foreign bits."""

from dataclasses import replace

import numpy as np

from .frames import native_frames
from .image import Image
from .inspect import Inspected

Pixels = np.ndarray[tuple[int], np.dtype[np.integer]]


def tidy(inspected: Inspected) -> Inspected:
    """The same pixels, in whole bytes and with nothing in the bits above BitsStored; compressed files pass."""
    if inspected.encapsulated:
        return inspected
    if inspected.image.bits_allocated == 1:
        return _unpacked(inspected)
    end = sum(inspected.frames[-1][0])  # what stands behind is padding, and not always zero
    return _cleaned(replace(inspected, pixels=inspected.pixels[:end]))


def _unpacked(inspected: Inspected) -> Inspected:
    """Single bits as bytes of 0 and 1: only so can each frame be served, and a browser show it.

    A binary segmentation becomes a fractional one of 0/1, which says the same (PS3.3 C.8.20.2).
    """
    image, header = inspected.image, inspected.header
    bits = image.rows * image.columns * image.samples_per_pixel * image.number_of_frames
    pixels = np.unpackbits(np.frombuffer(inspected.pixels, np.uint8), count=bits, bitorder="little")
    header.BitsAllocated = header.BitsStored = 8
    header.HighBit = 7
    if header.get("SegmentationType") == "BINARY":
        header.SegmentationType = "FRACTIONAL"
        header.SegmentationFractionalType = "OCCUPANCY"
        header.MaximumFractionalValue = 1
    image = replace(image, bits_allocated=8, bits_stored=8)
    frames = native_frames(image.number_of_frames, image.bits_per_frame)
    return replace(
        inspected, image=image, pixels=memoryview(pixels.tobytes()), pixels_vr="OB", frames=frames
    )


def _cleaned(inspected: Inspected) -> Inspected:
    """Bits above BitsStored may hold an overlay, and an overlay a name (PS3.5 8.1.2)."""
    image = inspected.image
    unused = image.bits_allocated - image.bits_stored
    kind = "i" if image.pixel_representation else "u"
    pixels = np.frombuffer(inspected.pixels, f"<{kind}{image.bits_allocated // 8}")
    if not unused:
        return inspected
    below = _below(inspected, pixels)
    if not below and _fits(pixels, image):
        return inspected
    cleaned = pixels << (unused - below)
    cleaned >>= unused  # clears, or extends the sign
    inspected.header.HighBit = image.bits_stored - 1
    return replace(inspected, pixels=memoryview(cleaned.tobytes()))


def _below(inspected: Inspected, pixels: Pixels) -> int:
    """How many unused bits old files have below the pixels (HighBit says so): 0 where anything stands in them."""
    high, image = inspected.header.get("HighBit"), inspected.image
    if not isinstance(high, int) or not image.bits_stored <= high < image.bits_allocated:
        return 0
    below = high + 1 - image.bits_stored
    return 0 if (pixels & ((1 << below) - 1)).any() else below


def _fits(pixels: Pixels, image: Image) -> bool:
    if image.pixel_representation:
        half = 1 << (image.bits_stored - 1)
        return bool(pixels.min() >= -half and pixels.max() < half)
    return bool(pixels.max() < 1 << image.bits_stored)
