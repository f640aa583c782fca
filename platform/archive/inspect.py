"""Reads a DICOM file as if it were meant to do harm, and says what is in it or why it is refused.

Nothing of the pixels is decoded here and no declared size is believed before it is compared with the bytes at hand.
Limits of memory and time around this step (a child process) come with the issue "The archive"; callers then keep
calling `inspect`.
"""

import logging
from dataclasses import dataclass
from io import BytesIO
from struct import unpack_from

import pydicom
from pydicom.dataset import Dataset
from pydicom.uid import UID, JPEGExtended12Bit, RLELossless

from . import silence  # noqa: F401 -- before anything is read
from .codestream import declared_size
from .frames import Frame, encapsulated_frames, native_frames
from .image import Image, read_image
from .limits import MAX_DEPTH, MAX_ELEMENTS
from .refused import Refused
from .transfer_syntax import transfer_syntax_of

# Values that break their VR's rules are common and harmless; they are kept as they came.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

PIXEL_DATA, FLOAT_PIXELS, DOUBLE_PIXELS = (0x7FE0, 0x0010), (0x7FE0, 0x0008), (0x7FE0, 0x0009)
UNDEFINED = 0xFFFFFFFF

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Inspected:
    """A DICOM file that may come in."""

    header: Dataset  # all elements before the pixel data
    transfer_syntax_uid: str
    image: Image
    pixels: memoryview  # the value of PixelData as it stands in the file
    pixels_vr: str
    encapsulated: bool
    frames: list[Frame]  # counted from the start of `pixels`


def inspect(data: bytes) -> Inspected:
    """Raises Refused with what is wrong and what to do; nothing else, whatever the bytes are."""
    try:
        return _inspect(data)
    except Refused:
        raise
    except RecursionError:
        raise Refused(
            "nests its elements too deeply to be read; export it again without them."
        ) from None
    except MemoryError:
        raise Refused(
            "asks for more memory than there is; it is damaged or made to do harm."
        ) from None
    except Exception as exc:  # pydicom raises a dozen kinds on damaged files
        logger.info("A file was refused as damaged", exc_info=exc)
        raise Refused(
            f"is damaged and cannot be read ({type(exc).__name__}); send it again from the source."
        ) from exc


def _inspect(data: bytes) -> Inspected:
    syntax = transfer_syntax_of(data)
    source = BytesIO(data)
    header = pydicom.dcmread(source, stop_before_pixels=True)
    if _measure(header) > MAX_ELEMENTS:
        raise Refused(f"has more than {MAX_ELEMENTS:,} elements; split it into several files.")
    vr, length, start = _pixel_element(header, data, source.tell())
    image = read_image(header)
    if syntax == JPEGExtended12Bit and image.bits_stored > 8:
        raise Refused("is a 12-bit JPEG, which cannot be decoded here; export it uncompressed.")
    rest = memoryview(data)[start:]
    if not syntax.is_compressed:
        pixels, frames = _native(rest, length, image)
    else:
        pixels, frames = _encapsulated(rest, length, image, syntax)
    return Inspected(header, str(syntax), image, pixels, vr, syntax.is_compressed, frames)


def _measure(dataset: Dataset, depth: int = 0) -> int:
    """The number of elements in all depths; private ones are not looked into, they are never kept."""
    if depth > MAX_DEPTH:
        raise Refused(
            f"nests its elements more than {MAX_DEPTH} deep; export it again without them."
        )
    count = 0
    for tag in list(dataset.keys()):
        count += 1
        if tag.is_private or dataset.get_item(tag).VR not in (None, "SQ", "UN"):
            continue
        element = dataset[tag]
        if element.VR == "SQ":
            count += sum(_measure(item, depth + 1) for item in element.value)
    return count


def _pixel_element(header: Dataset, data: bytes, at: int) -> tuple[str, int, int]:
    """(VR, declared length, offset of the value) of the pixel data, which must stand at `at`."""
    implicit, little = header.original_encoding
    order = "<" if little else ">"
    tag = unpack_from(order + "HH", data, at) if at + 4 <= len(data) else None
    if tag in (FLOAT_PIXELS, DOUBLE_PIXELS):
        raise Refused(
            "holds floating-point pixels, which are not taken yet; export it as 16-bit integers."
        )
    if tag != PIXEL_DATA:
        kind = UID(str(header.get("SOPClassUID", ""))).name
        raise Refused(f"holds no image ({kind or 'of unknown kind'}, no pixel data); leave it out.")
    # some files have no VRs although their transfer syntax has: OB and OW read as a length would be odd
    if implicit or data[at + 4 : at + 6] not in (b"OB", b"OW", b"UN"):
        (length,) = unpack_from("<L", data, at + 4)
        return "OW", length, at + 8
    vr, length = unpack_from(order + "2sxxL", data, at + 4)
    return "OB" if vr == b"OB" else "OW", length, at + 12


def _native(rest: memoryview, length: int, image: Image) -> tuple[memoryview, list[Frame]]:
    frames = native_frames(image.number_of_frames, image.bits_per_frame)
    wanted = sum(size for frame in frames for _, size in frame)
    if length == UNDEFINED:
        raise Refused(
            "has compressed pixel data but names an uncompressed transfer syntax; export it again."
        )
    if length == 0:
        raise Refused("has no pixels: its pixel data is empty; send it again from the source.")
    if length > len(rest):
        raise Refused(
            f"is cut off: {length:,} bytes of pixels are announced and {len(rest):,} are there;"
            " send the whole file again."
        )
    if length < wanted or length >= wanted + frames[0][0][1] + 1:
        raise Refused(
            f"contradicts itself: {image.rows} rows, {image.columns} columns and {image.number_of_frames} frames"
            f" need {wanted:,} bytes of pixels, {length:,} are there; export it again."
        )
    # bytes behind the last frame are nobody's pixels and may hold anything: they are not kept
    return rest[: min(length, wanted + wanted % 2)], frames


def _encapsulated(
    rest: memoryview, length: int, image: Image, syntax: UID
) -> tuple[memoryview, list[Frame]]:
    if length != UNDEFINED:
        raise Refused(
            "names a compressed transfer syntax but its pixel data is not compressed, or empty; export it again."
        )
    frames, end = encapsulated_frames(rest, image.number_of_frames)
    if syntax != RLELossless:
        _check_sizes(rest, frames, image)
    return rest[:end], frames


def _check_sizes(data: memoryview, frames: list[Frame], image: Image) -> None:
    """Each frame must say the size that DICOM's header says: decoders believe the frame."""
    for number, frame in enumerate(frames, start=1):
        offset, size = frame[0]
        declared = declared_size(data[offset : offset + size])
        if declared is None:
            raise Refused(
                f"is damaged in frame {number}, which does not start as its kind does; send it again."
            )
        if declared != (image.rows, image.columns):
            raise Refused(
                f"contradicts itself: frame {number} is {declared[0]} x {declared[1]} pixels by its own header"
                f" and {image.rows} x {image.columns} by DICOM's; export it again."
            )
