"""Compressed pixel data as it may come in: frames that tell the truth of their size and end where they should."""

from pydicom.uid import UID, RLELossless

from .codestream import Declared, declared, rle_is_sound
from .frames import Frame, encapsulate, encapsulated_frames, frame_bytes
from .image import Image
from .refused import Refused
from .survey import PIXEL_DATA, UNDEFINED

END = b"\xff\xd9"  # of a JPEG, JPEG-LS and JPEG 2000 frame alike


def read_encapsulated(
    rest: memoryview, length: int, image: Image, syntax: UID
) -> tuple[memoryview, list[Frame]]:
    """The value of PixelData and its frames; `rest` is the file from that value on. Raises Refused."""
    if length != UNDEFINED:
        raise Refused(
            "names a compressed transfer syntax but its pixel data is not compressed, or empty; export it again.",
            code="contradiction",
            tag=PIXEL_DATA,
        )
    found = encapsulated_frames(rest, image.number_of_frames)
    pixels, frames = rest[: found.end], found.frames
    for number, frame in enumerate(frames, start=1):
        _check(frame_bytes(pixels, frame), number, image, syntax)
    if not found.table_is_right:
        rebuilt, frames = encapsulate([frame_bytes(pixels, frame) for frame in frames])
        pixels = memoryview(rebuilt)
    return pixels, frames


def _check(frame: memoryview, number: int, image: Image, syntax: UID) -> None:
    """A frame must say the size that DICOM's header says: decoders believe the frame."""
    if syntax == RLELossless:
        says = None
        if rle_is_sound(frame, image.samples_per_pixel, image.bits_allocated):
            return
    else:
        says = declared(frame)
    if says is None:
        raise Refused(
            f"is damaged in frame {number}, which does not start as its kind does; send it again.",
            tag=PIXEL_DATA,
        )
    if (says.rows, says.columns) != (image.rows, image.columns):
        raise Refused(
            f"contradicts itself: frame {number} is {says.rows} x {says.columns} pixels by its own header"
            f" and {image.rows} x {image.columns} by DICOM's; export it again.",
            code="contradiction",
            tag=PIXEL_DATA,
        )
    _check_samples(says, number, image)
    if END not in bytes(frame):  # decoders fill up what is missing, with grey, and say nothing
        raise Refused(
            f"is cut off inside frame {number}; send the whole file again.",
            code="cut_off",
            tag=PIXEL_DATA,
        )


def _check_samples(says: Declared, number: int, image: Image) -> None:
    if says.samples != image.samples_per_pixel or says.bits > image.bits_allocated:
        raise Refused(
            f"contradicts itself: frame {number} has {says.samples} samples of {says.bits} bits by its own header and"
            f" {image.samples_per_pixel} of {image.bits_allocated} by DICOM's; export it again.",
            code="contradiction",
            tag=PIXEL_DATA,
        )
