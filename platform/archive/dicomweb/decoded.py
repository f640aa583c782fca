"""For clients that decode nothing themselves: stored compressed, asked for as Explicit VR Little Endian."""

from collections.abc import Iterable, Iterator
from io import BytesIO

import pydicom
from pydicom.filewriter import dcmwrite
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID

from accounts.errors import Problem
from archive import store
from archive.models import Instance

BROKEN = "The pixels cannot be decoded here ({kind}); ask for them in transfer syntax {syntax}."


def decodable(syntax: str) -> bool:
    uid = UID(syntax)
    return bool(uid.is_compressed and get_decoder(uid).is_available)


def native_frame(pk: int, index: int) -> bytes:
    """One frame's pixels, uncompressed, as the stored header says they are; Problem 422 where no decoder reads it."""
    instance = Instance.objects.only("file", "transfer_syntax_uid").get(pk=pk)
    return next(native_frames(instance, [index]))


def native_frames(instance: Instance, indices: Iterable[int]) -> Iterator[bytes]:
    """The same of several, one after the other."""
    syntax = UID(instance.transfer_syntax_uid)
    try:
        with store.originals().open(instance.file) as file:
            dataset = pydicom.dcmread(file)
            decoder = get_decoder(syntax)
            for index in indices:
                yield bytes(decoder.as_buffer(dataset, index=index, raw=True)[0])
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
