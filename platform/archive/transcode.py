"""Keeps what a browser decodes wrongly or slowly as HTJ2K, without loss, and tries all else that is compressed.

What cannot be decoded now could not be decoded later: it is refused here, where it does no harm.
"""

import time
from dataclasses import replace

import imagecodecs
from pydicom.uid import (
    JPEG2000,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
)

from .decode import Stored, decoded, native
from .frames import encapsulate, frame_bytes
from .inspect import Inspected, too_much_memory
from .limits import LARGE_FRAME_BYTES, TRANSCODING_SECONDS, TRIAL_SECONDS
from .refused import Refused
from .survey import PIXEL_DATA

# decoders of large frames of these may fail for want of memory, and do not say so
UNSURE, UNSURE_BYTES = frozenset({JPEG2000Lossless, JPEG2000}), 128 << 20
# JPEG 2000 takes a browser seconds; the others it decodes wrongly or not at all
LOSSLESS = frozenset({JPEGLossless, JPEGLosslessSV1, JPEG2000Lossless})


def for_browser(inspected: Inspected) -> Inspected:
    """The same pixels, compressed as HTJ2K where that serves; raises Refused when they cannot be decoded.

    Lossy originals stay as they are, but for 12-bit JPEG, whose decoded pixels are kept. A file that would take too
    much time stays as it came.
    """
    if not inspected.encapsulated:
        return _compressed(inspected) if _is_worth_it(inspected) else inspected
    syntax = inspected.transfer_syntax_uid
    if syntax in LOSSLESS or _is_twelve_bit(inspected):
        return _recompressed(inspected)
    _try(inspected)
    return inspected


def _is_worth_it(inspected: Inspected) -> bool:
    image = inspected.image
    if image.photometric_interpretation == "YBR_FULL_422":  # browsers show it black
        return True
    return (
        image.bits_allocated in (8, 16)
        and image.photometric_interpretation != "PALETTE COLOR"
        and image.bits_per_frame >= 8 * LARGE_FRAME_BYTES
    )


def _is_twelve_bit(inspected: Inspected) -> bool:
    return (
        inspected.transfer_syntax_uid == JPEGExtended12Bit
        and inspected.image.samples_per_pixel == 1
    )


def _compressed(inspected: Inspected) -> Inspected:
    end = time.process_time() + TRANSCODING_SECONDS
    parts = []
    for frame in inspected.frames:
        if time.process_time() > end:
            return inspected
        parts.append(
            _encode(native(frame_bytes(inspected.pixels, frame), inspected.image), inspected)
        )
    noise = sum(map(len, parts)) >= len(inspected.pixels)
    if noise and inspected.image.photometric_interpretation != "YBR_FULL_422":
        return inspected
    return _stored_as(inspected, parts)


def _recompressed(inspected: Inspected) -> Inspected:
    end = time.process_time() + TRANSCODING_SECONDS
    parts = []
    for number, _ in enumerate(inspected.frames):
        if time.process_time() > end:
            if _is_twelve_bit(inspected):
                raise Refused(
                    "is 12-bit JPEG of more frames than can be converted in time; export it uncompressed.",
                    code="too_costly_time",
                )
            return inspected
        parts.append(_encode(_frame(inspected, number), inspected))
    if inspected.transfer_syntax_uid == JPEGExtended12Bit:
        _tell_of_the_loss(inspected)
    return _stored_as(inspected, parts)


def _try(inspected: Inspected) -> None:
    """Decodes as many frames as the time allows, the last one among them."""
    end = time.process_time() + TRIAL_SECONDS
    last = len(inspected.frames) - 1
    for number in (last, *range(last)):
        if time.process_time() > end:
            return
        _frame(inspected, number)


def _frame(inspected: Inspected, number: int) -> Stored:
    data = bytes(frame_bytes(inspected.pixels, inspected.frames[number]))
    try:
        return decoded(data, inspected.transfer_syntax_uid, inspected.image, as_rgb=False)
    except MemoryError:
        raise
    except Exception as exc:  # decoders raise anything, and pydicom makes one text of it
        if _lacked_memory(inspected, str(exc)):
            raise too_much_memory() from exc
        raise Refused(
            f"is damaged: frame {number + 1} cannot be decoded; send it again from the source.",
            code="undecodable",
            tag=PIXEL_DATA,
        ) from exc


def _lacked_memory(inspected: Inspected, told: str) -> bool:
    large = inspected.image.bits_per_frame >= 8 * UNSURE_BYTES
    return (large and inspected.transfer_syntax_uid in UNSURE) or "alloc" in told or "emory" in told


def _encode(pixels: Stored, inspected: Inspected) -> bytes:
    """HTJ2K without loss; RGB is turned inside the codestream (YBR_RCT), other colours stay as they are."""
    image = inspected.image
    kind = "i" if image.pixel_representation else "u"
    container = pixels.astype(f"{kind}{image.bits_allocated // 8}", copy=False)
    is_rgb = image.photometric_interpretation in ("RGB", "YBR_RCT", "YBR_ICT")
    return bytes(imagecodecs.htj2k_encode(container, reversible=True, rgb=is_rgb))


def _stored_as(inspected: Inspected, parts: list[bytes]) -> Inspected:
    pixels, frames = encapsulate(parts)
    image, header = inspected.image, inspected.header
    if image.samples_per_pixel == 3:
        is_rgb = image.photometric_interpretation in ("RGB", "YBR_RCT", "YBR_ICT")
        interpretation = "YBR_RCT" if is_rgb else "YBR_FULL"
        image = replace(image, photometric_interpretation=interpretation, planar_configuration=0)
        header.PhotometricInterpretation = interpretation
        header.PlanarConfiguration = 0
    return replace(
        inspected,
        transfer_syntax_uid=str(HTJ2KLossless),
        image=image,
        pixels=memoryview(pixels),
        pixels_vr="OB",
        encapsulated=True,
        frames=frames,
    )


def _tell_of_the_loss(inspected: Inspected) -> None:
    """What was lost before it came here stays lost (PS3.3 C.7.6.1.1.5)."""
    header, image = inspected.header, inspected.image
    if header.get("LossyImageCompression") != "01" or not header.get("LossyImageCompressionMethod"):
        size = image.bits_per_frame // 8 * image.number_of_frames
        header.LossyImageCompression = "01"
        header.LossyImageCompressionMethod = "ISO_10918_1"
        header.LossyImageCompressionRatio = f"{size / max(len(inspected.pixels), 1):.2f}"
