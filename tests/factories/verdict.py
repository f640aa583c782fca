"""What became of a file in the sandbox, and whether that can be stood by."""

import re
from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_fragments, parse_basic_offsets
from pydicom.filewriter import dcmwrite
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from archive.decode import decoded
from archive.image import read_image
from archive.policy import Policy
from archive.prepare import Prepared
from archive.refused import CODES, Refused
from archive.sandbox import Sandbox
from archive.secondary_capture import Attributes, is_picture
from archive.transfer_syntax import open_file

POLICY = Policy(secret=b"only for tests", keep_link=False, check_text=False)
SOURCE_HASH = "0" * 64
WHOSE = Attributes("ID-1", "R", "KNEE")  # every picture


class Silent(AssertionError):
    """A bad file was taken, or a good one changed, and nobody was told."""


def outcome(sandbox: Sandbox, data: bytes) -> str:
    """ "taken" or the code of the refusal; raises Silent."""
    try:
        whose = WHOSE if is_picture(data) else None
        prepared = sandbox.prepare(data, SOURCE_HASH, POLICY, whose)
    except Refused as reason:
        if reason.code not in CODES or not re.fullmatch(r"[a-z].*\.", str(reason)):
            raise Silent(f"refused without a reason: {reason.code!r} {reason}") from reason
        return reason.code
    check_taken(data, prepared)
    return "taken"


def check_taken(data: bytes, prepared: Prepared) -> None:
    """What would be stored is a sound file with the pixels that pydicom alone reads from the original."""
    stored_bytes = b"".join(prepared.parts)
    if stored_bytes[:132] != bytes(128) + b"DICM":
        raise Silent("the preamble is not empty")
    stored = pydicom.dcmread(BytesIO(stored_bytes))
    pixels = stored.pixel_array
    _check_frames(stored_bytes, stored, prepared, pixels)
    theirs = pixels_by_pydicom(data)
    if theirs.shape != pixels.shape:  # pydicom adds frames that are there and not announced
        theirs = theirs.reshape(-1, *pixels.shape)[0] if theirs.size % pixels.size == 0 else theirs
    if theirs.shape != pixels.shape or not (theirs == pixels).all():
        raise Silent(f"other pixels: {pixels.shape} {pixels.dtype}, {theirs.shape} {theirs.dtype}")


def pixels_by_pydicom(data: bytes) -> npt.NDArray[Any]:
    """Raises Silent where pydicom cannot, not even when it is told where the dataset and its frames start.

    Of a picture, which pydicom does not read, what imagecodecs makes of it.
    """
    if is_picture(data):
        read = imagecodecs.png_decode if data.startswith(b"\x89") else imagecodecs.jpeg_decode
        return _grey(read(data))
    try:
        return original(data).pixel_array
    except Exception:
        opening = open_file(data)  # a wrong length of the meta group makes pydicom start elsewhere
    try:
        dataset = original(_meta_of(opening.transfer_syntax) + data[opening.start :])
        if opening.transfer_syntax.is_compressed:  # a wrong offset table makes it miss frames
            source = BytesIO(dataset.PixelData)
            parse_basic_offsets(source)
            dataset.PixelData = encapsulate(list(generate_fragments(source)), has_bot=False)
        return dataset.pixel_array
    except Exception as exc:
        raise Silent(f"taken, though pydicom cannot read it: {exc!r:.200}") from exc


def _grey(picture: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Colours as Pillow weighs them (ITU-R BT.601, in 16 bits)."""
    if picture.ndim == 2:
        return picture
    red, green, blue = (picture[..., channel].astype(np.uint32) for channel in range(3))
    grey = (19_595 * red + 38_470 * green + 7_471 * blue + (1 << 15)) >> 16
    return grey.astype(picture.dtype)


def _meta_of(transfer_syntax_uid: str) -> bytes:
    dataset, buffer = Dataset(), BytesIO()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID = UID("1.2")
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID = UID("1.2")
    dcmwrite(buffer, dataset, enforce_file_format=True)
    whole = buffer.getvalue()
    return whole[: 144 + int.from_bytes(whole[140:144], "little")]


def original(data: bytes) -> Dataset:
    """The file as pydicom reads it; one without a meta group gets the transfer syntax that pydicom found."""
    dataset = pydicom.dcmread(BytesIO(data), force=True)
    meta = dataset.file_meta if hasattr(dataset, "file_meta") else FileMetaDataset()
    if "TransferSyntaxUID" not in meta:
        implicit, little = dataset.original_encoding
        explicit = ExplicitVRLittleEndian if little else ExplicitVRBigEndian
        meta.TransferSyntaxUID = ImplicitVRLittleEndian if implicit else explicit
        dataset.file_meta = meta
    return dataset


def _check_frames(
    stored_bytes: bytes, stored: Dataset, prepared: Prepared, pixels: npt.NDArray[Any]
) -> None:
    """The byte ranges by which frames are served hold the frames."""
    frames, image = prepared.instance["frames"], read_image(stored)
    syntax = UID(prepared.instance["transfer_syntax_uid"])
    if len(frames) != image.number_of_frames:
        raise Silent(f"{len(frames)} frames, not {image.number_of_frames}")
    for index in {0, len(frames) - 1}:
        served = b"".join(stored_bytes[at : at + length] for at, length in frames[index])
        wanted = pixels[index] if image.number_of_frames > 1 else pixels
        if syntax.is_compressed:
            same = np.array_equal(decoded(served, syntax, image, as_rgb=True), wanted)
        else:
            same = len(served) == image.bits_per_frame // 8
        if not same:
            raise Silent(f"the bytes of frame {index + 1} are not the frame")
