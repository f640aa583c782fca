"""Pixels as numbers, for thumbnails and for learning.

`grey` gives what was measured, by PS3.3 C.11.1 (modality LUT), never what a display window makes of it.
"""

import logging
import os
import tempfile
from io import BytesIO
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
from django.conf import settings
from PIL import Image as Pictures
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut
from pydicom.uid import UID

from . import store
from .decode import Stored, as_rgb, decoded, native
from .functional_groups import number
from .image import read_image
from .models import Instance
from .rescale import rescale

Grey = npt.NDArray[np.float32]

LUMINANCE = np.array([0.299, 0.587, 0.114], dtype=np.float32)  # ITU-R BT.601
THUMBNAIL_SIDE = 160
log = logging.getLogger(__name__)
BITS_ALLOCATED, SIGNED = "00280100", "00280103"
MODALITY_LUT, LUT_DESCRIPTOR = "00283000", "00283002"


class Undecodable(Exception):
    """The pixels of an instance cannot be had; the text is a sentence."""


def grey(instance: Instance, frame: int = 0, data: bytes | None = None) -> Grey:
    """One frame as (rows, columns) float32, larger = brighter, in the units of the modality LUT.

    MONOCHROME1 is mirrored within the range that its bits can hold; colour becomes luminance. `data`: the bytes of its
    file, of an instance that does not lie in the store. Raises Undecodable.
    """
    if not 0 <= frame < instance.number_of_frames:
        raise Undecodable(
            f"Frame {frame} of {instance.sop_instance_uid} does not exist; it has {instance.number_of_frames}."
        )
    try:
        if _is_plain(instance):
            return _modality(instance, frame, _native(instance, frame, data))
        return _decoded(instance, frame, data)
    except Undecodable:
        raise
    except Exception as exc:  # decoders raise anything
        raise Undecodable(
            f"The pixels of {instance.sop_instance_uid} cannot be decoded: {exc}"
        ) from exc


def file_of(instance: Instance) -> bytes:
    """The whole stored file."""
    with store.originals().open(instance.file) as file:
        data: bytes = file.read()
    return data


def thumbnail(instance: Instance) -> bytes:
    """A JPEG of the middle frame, 160 pixels on its longer side; made once, then read from the cache folder."""
    path = (
        Path(settings.CACHE_FOLDER)
        / "thumbnails"
        / instance.file_hash[:2]
        / f"{instance.file_hash}.jpg"
    )
    if path.exists():
        return path.read_bytes()
    picture = _for_eyes(grey(instance, instance.number_of_frames // 2))
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Pictures.Resampling.BOX)
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=82)
    try:
        _keep(path, buffer.getvalue())
    except OSError as exc:  # a full disk: it is made anew the next time
        log.warning("A thumbnail was not kept: %s", exc.strerror)
    return buffer.getvalue()


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".coming")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_plain(instance: Instance) -> bool:
    """Whether the bytes of a frame are its grey values; the rest is left to pydicom."""
    return (
        not UID(instance.transfer_syntax_uid).is_compressed
        and instance.photometric_interpretation in ("MONOCHROME1", "MONOCHROME2")
        and number(instance.metadata, BITS_ALLOCATED, 0) in (8, 16, 32)
        and MODALITY_LUT not in instance.metadata  # its table is not in the metadata
    )


def _native(instance: Instance, frame: int, data: bytes | None) -> Stored:
    [[offset, length]] = instance.frames[frame]
    size = int(number(instance.metadata, BITS_ALLOCATED, 0)) // 8
    signed = number(instance.metadata, SIGNED, 0) == 1
    pixels = np.frombuffer(
        _piece(instance, data, offset, length), dtype=f"<{'i' if signed else 'u'}{size}"
    )
    unused = 8 * size - instance.bits_stored
    if unused:  # the bits above may hold an old overlay; shifting up and down again clears or extends the sign
        pixels = (pixels.astype(pixels.dtype.newbyteorder("=")) << unused) >> unused
    return pixels.reshape(instance.rows, instance.columns)


def _piece(instance: Instance, data: bytes | None, offset: int, length: int) -> bytes:
    return (
        store.read(instance.file, offset, length)
        if data is None
        else data[offset : offset + length]
    )


def _modality(instance: Instance, frame: int, pixels: Stored) -> Grey:
    slope, intercept = rescale(instance.metadata, frame)
    values = pixels.astype(np.float32)
    if (slope, intercept) != (1.0, 0.0):
        values *= np.float32(slope)
        values += np.float32(intercept)
    if instance.photometric_interpretation == "MONOCHROME1":
        np.subtract(np.float32(mirror(instance, frame)), values, out=values)
    return values


def mirror(instance: Instance, frame: int) -> float:
    """A value of MONOCHROME1 and what `grey` makes of it add up to this: the ends of what its bits can hold."""
    if tables := instance.metadata.get(MODALITY_LUT, {}).get("Value"):
        _, _, bits = tables[0].get(LUT_DESCRIPTOR, {}).get("Value") or (0, 0, 16)
        return float((1 << bits) - 1)
    slope, intercept = rescale(instance.metadata, frame)
    ends = -1 if number(instance.metadata, SIGNED, 0) == 1 else (1 << instance.bits_stored) - 1
    return ends * slope + 2 * intercept


def _decoded(instance: Instance, frame: int, data: bytes | None) -> Grey:
    with store.originals().open(instance.file) if data is None else BytesIO(data) as file:
        header = pydicom.dcmread(file, stop_before_pixels=True)
    image = read_image(header)
    stored = b"".join(
        _piece(instance, data, offset, length) for offset, length in instance.frames[frame]
    )
    if UID(instance.transfer_syntax_uid).is_compressed:
        pixels = decoded(stored, instance.transfer_syntax_uid, image, as_rgb=True)
    else:
        pixels = as_rgb(native(memoryview(stored), image), image)
    if image.photometric_interpretation == "PALETTE COLOR":
        return np.asarray(apply_color_lut(pixels, header)[..., :3] @ LUMINANCE, dtype=np.float32)
    if pixels.ndim > 2:
        return np.asarray(pixels[..., :3] @ LUMINANCE, dtype=np.float32)
    if "ModalityLUTSequence" not in header:
        return _modality(instance, frame, pixels)
    values = apply_modality_lut(pixels, header).astype(np.float32)
    if instance.photometric_interpretation == "MONOCHROME1":
        return np.float32(mirror(instance, frame)) - values
    return values


def _for_eyes(values: Grey) -> Pictures.Image:
    """8 bits between the 1st and the 99th percentile of a sample of the pixels."""
    step = max(1, min(values.shape) // 256)
    low, high = np.percentile(values[::step, ::step], (1, 99))
    scaled = np.clip((values - low) * (255.0 / max(high - low, 1e-6)), 0, 255)
    return Pictures.fromarray(scaled.astype(np.uint8))
