"""Reads a DICOM file as if it were meant to do harm, and says what is in it or why it is refused.

Nothing of the pixels is decoded here and no declared size is believed before it is compared with the bytes at hand.
It runs in a child process with limits of memory and time (sandbox.py).
"""

import logging
from dataclasses import dataclass
from io import BytesIO

import pydicom
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset
from pydicom.tag import BaseTag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from . import silence  # noqa: F401 -- before anything is read
from .encapsulated import read_encapsulated
from .frames import Frame, native_frames
from .image import Image, read_image
from .inflate import inflate
from .refused import Refused
from .survey import (
    DOUBLE_PIXELS,
    FLOAT_PIXELS,
    LONG,
    PIXEL_DATA,
    PIXELS,
    SHORT,
    UNDEFINED,
    PixelElement,
    survey,
)
from .transfer_syntax import open_file

TOO_MUCH_MEMORY = "needs more memory than a file is given; it is damaged, or too large: export it in smaller pieces."

# Values that break their VR's rules are common and harmless; they are kept as they came.
pydicom.config.settings.reading_validation_mode = pydicom.config.IGNORE

# of other groups none belongs into a stored file; the frames' offset tables of 7FE0 are made anew
FIRST_GROUP, PIXEL_GROUP = 0x0008, 0x7FE0
VRS = frozenset(vr.decode() for vr in SHORT | LONG)

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
            "nests its elements too deeply to be read; export it again without them.",
            code="too_deep",
        ) from None
    except MemoryError:
        raise too_much_memory() from None
    except Exception as exc:  # pydicom raises a dozen kinds on damaged files
        raise damaged(exc) from exc


def too_much_memory() -> Refused:
    return Refused(
        TOO_MUCH_MEMORY,
        code="too_costly_memory",
    )


def damaged(exc: Exception) -> Refused:
    """Only the kind of the exception is told: its text may repeat a value, and a value may be a name."""
    kind = type(exc).__name__
    logger.info("A file was refused as damaged (%s)", kind)
    return Refused(f"is damaged and cannot be read ({kind}); send it again from the source.")


def _inspect(data: bytes) -> Inspected:
    opening = open_file(data)
    syntax, start = opening.transfer_syntax, opening.start
    if syntax == DeflatedExplicitVRLittleEndian:
        data, syntax, start = inflate(memoryview(data)[start:]), ExplicitVRLittleEndian, 0
    element = survey(data, start, syntax)
    if element.tag in (FLOAT_PIXELS, DOUBLE_PIXELS):
        raise Refused(
            "holds floating-point pixels, which are not taken yet; export it as 16-bit integers.",
            code="float_pixels",
            tag=element.tag,
            offset=element.at,
        )
    header = _header(data, start, syntax, element)
    image = read_image(header)
    rest = memoryview(data)[element.value :]
    if syntax.is_compressed:
        pixels, frames = read_encapsulated(rest, element.length, image, syntax)
    else:
        pixels, frames = _native(rest, element, image)
    vr = "OB" if element.vr == "OB" else "OW"
    return Inspected(header, str(syntax), image, pixels, vr, syntax.is_compressed, frames)


def _header(data: bytes, start: int, syntax: UID, element: PixelElement) -> Dataset:
    source = BytesIO(data)
    source.seek(start)
    header = read_dataset(
        source, syntax.is_implicit_VR, syntax.is_little_endian, stop_when=_at_pixels
    )
    if source.tell() != element.at:
        raise Refused(
            "is damaged: its elements can be read in two ways; send it again from the source.",
            offset=min(source.tell(), element.at),
        )
    for tag in list(header.keys()):
        vr = header.get_item(tag).VR
        if not FIRST_GROUP <= tag.group < PIXEL_GROUP or (vr is not None and vr not in VRS):
            del header[tag]
    return header


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag in PIXELS


def _native(
    rest: memoryview, element: PixelElement, image: Image
) -> tuple[memoryview, list[Frame]]:
    frames = native_frames(image.number_of_frames, image.bits_per_frame)
    wanted = sum(size for frame in frames for _, size in frame)
    length = element.length
    if length == UNDEFINED:
        raise _refused(
            "has compressed pixel data but names an uncompressed transfer syntax; export it again.",
            "contradiction",
            element,
        )
    if length == 0:
        raise _refused(
            "has no pixels: its pixel data is empty; send it again from the source.",
            "no_pixels",
            element,
        )
    if length > len(rest):
        raise _refused(
            f"is cut off: {length:,} bytes of pixels are announced and {len(rest):,} are there;"
            " send the whole file again.",
            "cut_off",
            element,
        )
    if length < wanted or length >= wanted + frames[0][0][1] + 1:
        raise _refused(
            f"contradicts itself: {image.rows} rows, {image.columns} columns and {image.number_of_frames} frames"
            f" need {wanted:,} bytes of pixels, {length:,} are there; export it again.",
            "contradiction",
            element,
        )
    # bytes behind the last frame are nobody's pixels and may hold anything: they are not kept (see native.py)
    return rest[: min(length, wanted + wanted % 2)], frames


def _refused(sentence: str, code: str, element: PixelElement) -> Refused:
    return Refused(sentence, code=code, tag=PIXEL_DATA, offset=element.at)
