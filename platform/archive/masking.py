"""Blacks out boxes of an instance's pixels: decoded, masked and put together again as an uncompressed file."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.pixels.processing import apply_color_lut
from pydicom.uid import ExplicitVRLittleEndian

from . import store
from .deidentify import PIXELS_CLEANED, add_method
from .limits import MAX_FILE_BYTES
from .metadata import dicom_json
from .models import Instance
from .part10 import Part, encode
from .pixels import Undecodable
from .text_detector import Box

Pixels = npt.NDArray[Any]
TOO_LARGE = (
    f"This image has more than {MAX_FILE_BYTES >> 20:,} MB of pixels, too many to be masked here;"
    " discard it, and send it again in parts."
)


@dataclass(frozen=True)
class Rewritten:
    parts: list[Part]
    fields: dict[str, Any]  # of the instance's row


def masked(instance: Instance, boxes: Sequence[Box]) -> Rewritten:
    """The new file and what its row says; raises Undecodable. `boxes` are [x, y, width, height] in pixels."""
    if instance.bits_stored == 1:
        raise Undecodable(
            "An image of single bits cannot be masked; discard it, or release it as it is."
        )
    try:
        with store.originals().open(instance.file) as file:
            dataset = pydicom.dcmread(file)
        first, *_ = _frames(dataset, range(1))
        if first.nbytes * instance.number_of_frames > MAX_FILE_BYTES:
            raise Undecodable(TOO_LARGE)
        frames = _frames(dataset, range(instance.number_of_frames))
        parts = [_bytes(_black(frame, boxes, dataset)) for frame in frames]
        return _put_together(dataset, parts, first)
    except Undecodable:
        raise
    except Exception as exc:  # decoders raise anything
        raise Undecodable(
            f"The pixels of {instance.sop_instance_uid} cannot be decoded, so nothing can be masked; discard it."
        ) from exc


def _frames(dataset: Dataset, indices: Iterable[int]) -> Iterator[Pixels]:
    """Stored values; colours as RGB."""
    decoder = get_decoder(dataset.file_meta.TransferSyntaxUID)
    for index in indices:
        pixels, _ = decoder.as_array(dataset, index=index, raw=False)
        yield pixels


def _bytes(pixels: Pixels) -> bytes:
    return pixels.astype(pixels.dtype.newbyteorder("<"), copy=False).tobytes()


def _black(pixels: Pixels, boxes: Sequence[Box], dataset: Dataset) -> Pixels:
    pixels = pixels.copy()
    value = _blackest(pixels, dataset)
    for x, y, width, height in boxes:
        pixels[y : y + height, x : x + width] = value
    return pixels


def _blackest(pixels: Pixels, dataset: Dataset) -> Any:
    """Of what is there: a value of its own would spoil the range from which viewers choose their window."""
    kind = dataset.PhotometricInterpretation
    if pixels.ndim == 3:
        return 0
    if kind == "PALETTE COLOR":
        indices = np.unique(pixels)
        return indices[apply_color_lut(indices[None], dataset)[0, :, :3].sum(axis=1).argmin()]
    return pixels.max() if kind == "MONOCHROME1" else pixels.min()


def _put_together(dataset: Dataset, parts: list[bytes], first: Pixels) -> Rewritten:
    header = _header(dataset, first)
    size, bits = len(parts[0]), first.itemsize * 8
    padding = b"\0" * (size * len(parts) % 2)
    length = size * len(parts) + len(padding)
    head = encode(header, ExplicitVRLittleEndian, "OW" if bits > 8 else "OB", length)
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    fields = {
        "transfer_syntax_uid": str(ExplicitVRLittleEndian),
        "photometric_interpretation": header.PhotometricInterpretation,
        "pixel_hash": digest.hexdigest(),
        "frames": [[[len(head) + index * size, size]] for index in range(len(parts))],
        "metadata": dicom_json(header),
    }
    return Rewritten([head, *parts, padding], fields)


def _header(dataset: Dataset, frame: Pixels) -> Dataset:
    del dataset.PixelData
    if frame.ndim == 3:
        dataset.PhotometricInterpretation = "RGB"
        dataset.SamplesPerPixel, dataset.PlanarConfiguration = frame.shape[2], 0
    dataset.BitsAllocated = frame.itemsize * 8
    dataset.BurnedInAnnotation = "NO"
    add_method(dataset, PIXELS_CLEANED)
    return dataset
