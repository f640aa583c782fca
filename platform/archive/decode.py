"""Frames as arrays of stored values, by the decoders at hand. Knows neither rows nor files."""

import logging
from struct import pack
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom.pixels.decoders.base import Decoder, get_decoder
from pydicom.pixels.processing import convert_color_space
from pydicom.uid import (
    HTJ2K,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
)

from .image import Image

Stored = npt.NDArray[Any]

PLUGIN = "imagecodecs"
ADDED = (
    JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K,
)  # fmt: skip
OURS_FIRST = frozenset({HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K})

# it tells at length of every plugin that did not manage, whether or not the next one did
logging.getLogger("pydicom").setLevel(logging.CRITICAL)


def add_plugins() -> None:
    """Teaches pydicom's decoders to ask imagecodecs; again does nothing."""
    for uid in ADDED:
        decoder = get_decoder(uid)
        if PLUGIN not in decoder.available_plugins:
            decoder.add_plugin(PLUGIN, ("archive.imagecodecs_plugin", "decode"))


def decoded(frame: bytes, transfer_syntax_uid: str, image: Image, *, as_rgb: bool) -> Stored:
    """One compressed frame as (rows, columns[, 3]); raises anything when it cannot be decoded.

    `as_rgb` turns YBR into RGB; else colours stay as they are stored. Values are what pydicom gives.
    """
    syntax = UID(transfer_syntax_uid)
    decoder = get_decoder(syntax)
    source = _encapsulated(frame)
    options = _options(image)
    if syntax in OURS_FIRST or (syntax == JPEGExtended12Bit and image.bits_stored > 8):
        try:
            return _array(decoder, source, options, as_rgb, PLUGIN)
        except Exception:  # the others may know better
            return _array(decoder, source, options, as_rgb, "")
    return _array(decoder, source, options, as_rgb, "")


def native(data: memoryview, image: Image) -> Stored:
    """One uncompressed frame of 8, 16 or 32 bits, little-endian, as it is stored: YBR_FULL_422 becomes YBR_FULL."""
    if image.photometric_interpretation == "YBR_FULL_422":
        decoder = get_decoder("1.2.840.10008.1.2.1")
        pixels, _ = decoder.as_array(bytes(data), raw=True, index=0, **_options(image))
        return pixels
    kind = "i" if image.pixel_representation else "u"
    flat = np.frombuffer(data, dtype=f"<{kind}{image.bits_allocated // 8}")
    if image.samples_per_pixel == 1:
        return flat.reshape(image.rows, image.columns)
    if image.planar_configuration:
        return flat.reshape(3, image.rows, image.columns).transpose(1, 2, 0)
    return flat.reshape(image.rows, image.columns, 3)


def as_rgb(pixels: Stored, image: Image) -> Stored:
    """Uncompressed YBR as RGB; all else unchanged."""
    if image.photometric_interpretation.startswith("YBR_FULL"):
        return convert_color_space(pixels, "YBR_FULL", "RGB")
    return pixels


def _array(
    decoder: Decoder, source: bytes, options: dict[str, Any], as_rgb: bool, plugin: str
) -> Stored:
    pixels, _ = decoder.as_array(source, raw=not as_rgb, index=0, decoding_plugin=plugin, **options)
    return pixels


def _options(image: Image) -> dict[str, Any]:
    return {
        "rows": image.rows,
        "columns": image.columns,
        "number_of_frames": 1,
        "samples_per_pixel": image.samples_per_pixel,
        "bits_allocated": image.bits_allocated,
        "bits_stored": image.bits_stored,
        "photometric_interpretation": image.photometric_interpretation,
        "pixel_representation": image.pixel_representation,
        "planar_configuration": image.planar_configuration,
        "pixel_keyword": "PixelData",
    }


def _encapsulated(frame: bytes) -> bytes:
    """pydicom wants a frame as it stands in a file."""
    item = pack("<HHL", 0xFFFE, 0xE000, 0)
    return b"".join((item, item[:4], pack("<L", len(frame)), frame))


add_plugins()
