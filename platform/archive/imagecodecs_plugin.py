"""imagecodecs as a plugin of pydicom's decoders: 12-bit JPEG and JPEG lossless, and HTJ2K faster than others do.

pydicom asks a plugin's module for these three names.
"""

from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
from pydicom.pixels.decoders.base import DecodeRunner
from pydicom.uid import (
    HTJ2K,
    UID,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
)

JPEG = (JPEGExtended12Bit, JPEGLossless, JPEGLosslessSV1)
DECODER_DEPENDENCIES = dict.fromkeys(
    (*JPEG, HTJ2KLossless, HTJ2KLosslessRPCL, HTJ2K), ("imagecodecs",)
)


def is_available(uid: UID) -> bool:
    return uid in DECODER_DEPENDENCIES


def decode(src: bytes, runner: DecodeRunner) -> bytes:
    """One frame, colour by pixel; the runner is told what the bytes are."""
    pixels = _jpeg(src, runner) if runner.transfer_syntax in JPEG else imagecodecs.htj2k_decode(src)
    wanted = (runner.rows, runner.columns)
    if runner.samples_per_pixel > 1:
        wanted = (*wanted, runner.samples_per_pixel)  # type: ignore[assignment]
        runner.set_option("planar_configuration", 0)
    if pixels.shape != wanted:
        raise ValueError(f"The frame has the shape {pixels.shape}, not {wanted}")
    if runner.photometric_interpretation in ("YBR_ICT", "YBR_RCT"):  # undone by the decoder
        runner.set_option("photometric_interpretation", "RGB")
    runner.set_option("bits_allocated", pixels.dtype.itemsize * 8)
    return np.ascontiguousarray(pixels).tobytes()


def _jpeg(src: bytes, runner: DecodeRunner) -> npt.NDArray[Any]:
    if runner.transfer_syntax == JPEGExtended12Bit:
        return imagecodecs.jpeg8_decode(src)
    return imagecodecs.jpegsof3_decode(src)
