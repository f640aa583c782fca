"""For clients that decode nothing themselves: stored compressed, asked for as Explicit VR Little Endian."""

from collections.abc import Iterable, Iterator
from io import BytesIO

import pydicom
from pydicom.encaps import encapsulate
from pydicom.filewriter import dcmwrite
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from accounts.errors import Problem
from archive import store
from archive.frames import Frame

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


def native_file(file: str, syntax: str) -> bytes:
    """The whole file, uncompressed; Problem 422 where no decoder reads it."""
    try:
        with store.originals().open(file) as opened:
            dataset = pydicom.dcmread(opened)
            dataset.decompress(generate_instance_uid=False)
    except OSError:
        raise
    except Exception as exc:  # decoders raise anything
        raise Problem(422, BROKEN.format(kind=type(exc).__name__, syntax=syntax)) from exc
    buffer = BytesIO()
    dcmwrite(buffer, dataset, enforce_file_format=True)
    return buffer.getvalue()
