"""For clients that decode nothing themselves: stored compressed, asked for as Explicit VR Little Endian."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from io import SEEK_CUR
from itertools import chain

import pydicom
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate, generate_frames
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, ExplicitVRLittleEndian

from accounts.errors import Problem
from archive import store
from archive.frames import Frame
from archive.part10 import encode

IMAGE_GROUP = 0x0028
BEFORE_VALUE = 12  # bytes of the pixel data's tag, VR and length
BROKEN = "The pixels cannot be decoded here ({kind}); ask for them in transfer syntax {syntax}."


def decodable(syntax: str) -> bool:
    uid = UID(syntax)
    return bool(uid.is_compressed and get_decoder(uid).is_available)


def native_frames(file: str, syntax: str, frames: Iterable[Frame]) -> Iterator[bytes]:
    """Frames' pixels, uncompressed, as the stored header says they are; Problem 422 where no decoder reads one.

    One after the other, and of the file no more than each: the whole may be a gigabyte.
    """
    decoder = get_decoder(UID(syntax))
    try:
        with store.originals().open(file) as opened:
            dataset = pydicom.dcmread(opened, stop_before_pixels=True)
        dataset.NumberOfFrames = 1
        for frame in frames:
            stored = b"".join(store.read(file, at, length) for at, length in frame)
            dataset.add_new("PixelData", "OB", encapsulate([stored]))
            yield bytes(decoder.as_buffer(dataset, index=0, raw=True)[0])
    except OSError:
        raise
    except Exception as exc:  # decoders raise anything
        raise Problem(422, BROKEN.format(kind=type(exc).__name__, syntax=syntax)) from exc


def native_file(file: str, syntax: str) -> Iterator[bytes]:
    """The file, uncompressed, in pieces of a frame; Problem 422 where no decoder reads it."""
    try:
        with store.originals().open(file) as opened:
            header = pydicom.dcmread(opened, stop_before_pixels=True)
            opened.seek(BEFORE_VALUE, SEEK_CUR)
            count = int(header.get("NumberOfFrames") or 1)
            stored = deepcopy(header.group_dataset(IMAGE_GROUP))
            frames = (
                _decompressed(stored, syntax, frame)
                for frame in generate_frames(opened, number_of_frames=count)
            )
            first = next(frames)
            length = first.Rows * first.Columns * first.SamplesPerPixel * first.BitsAllocated // 8
            header.update(first.group_dataset(IMAGE_GROUP))
            padding = b"\0" * (length * count % 2)
            size = length * count + len(padding)
            yield encode(header, ExplicitVRLittleEndian, first["PixelData"].VR, size)
            for frame in chain([first], frames):
                yield frame.PixelData[:length]
            yield padding
    except OSError:
        raise
    except Exception as exc:  # decoders raise anything
        raise Problem(422, BROKEN.format(kind=type(exc).__name__, syntax=syntax)) from exc


def _decompressed(stored: Dataset, syntax: str, frame: bytes) -> Dataset:
    """The Image Pixel attributes as they are once this frame is decoded, and its pixels."""
    image = deepcopy(stored)
    image.file_meta = FileMetaDataset()
    image.file_meta.TransferSyntaxUID = UID(syntax)
    image.NumberOfFrames = 1
    image.add_new("PixelData", "OB", encapsulate([frame]))
    image.decompress(generate_instance_uid=False)
    del image.NumberOfFrames
    return image
