"""Originals, kept once: the name of a file is the SHA-256 of its bytes."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from struct import pack

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite
from pydicom.uid import UID, ImplicitVRLittleEndian

Part = bytes | memoryview
IMPLEMENTATION = UID("2.25.243713190265914337162163529571832206731")  # any file written by Osteon


@dataclass(frozen=True)
class Stored:
    file: str  # ab/cd/<sha256>.dcm
    file_hash: str
    size_bytes: int


def originals() -> Storage:
    return storages["originals"]


def encode(header: Dataset, transfer_syntax_uid: str, vr: str, length: int | None) -> bytes:
    """A DICOM file up to the value of its pixel data. `length` is that value's, None when it is encapsulated."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(transfer_syntax_uid)
    meta.MediaStorageSOPClassUID = header.SOPClassUID
    meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    meta.ImplementationClassUID = IMPLEMENTATION
    header.file_meta = meta
    buffer = BytesIO()
    dcmwrite(buffer, header, enforce_file_format=True)
    buffer.write(pack("<HH", 0x7FE0, 0x0010))
    if transfer_syntax_uid != ImplicitVRLittleEndian:
        buffer.write(vr.encode() + b"\0\0")
    buffer.write(pack("<L", 0xFFFFFFFF if length is None else length))
    return buffer.getvalue()


def put(parts: Sequence[Part]) -> Stored:
    """Stores the joined bytes; they are on the disk, under their final name, when this returns."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    file_hash = digest.hexdigest()
    file = f"{file_hash[:2]}/{file_hash[2:4]}/{file_hash}.dcm"
    storage = originals()
    if not storage.exists(file):
        if isinstance(storage, FileSystemStorage):
            _write(Path(storage.path(file)), Path(storage.location), parts)
        else:
            storage.save(file, ContentFile(b"".join(parts)))
    return Stored(file, file_hash, sum(len(part) for part in parts))


def read(file: str, offset: int, length: int) -> bytes:
    """`length` bytes of a stored file; raises OSError when they are not there."""
    storage = originals()
    if isinstance(storage, FileSystemStorage):
        with Path(storage.path(file)).open("rb", buffering=0) as opened:
            data = os.pread(opened.fileno(), length, offset)
    else:
        with storage.open(file) as opened:
            opened.seek(offset)
            data = opened.read(length)
    if len(data) != length:
        raise OSError(f"{file} ends before byte {offset + length}")
    return data


def _write(path: Path, root: Path, parts: Sequence[Part]) -> None:
    """A half-written file never stands under a final name, not even after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=root, prefix=".coming-")
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """The names in it are on the disk when this returns."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
