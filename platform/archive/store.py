"""Originals, kept once: the name of a file is the SHA-256 of its bytes."""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from errno import EIO
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages

from .part10 import Part


@dataclass(frozen=True)
class Stored:
    file: str  # ab/cd/<sha256>.dcm
    file_hash: str
    size_bytes: int


def originals() -> Storage:
    return storages["originals"]


def file_of(file_hash: str) -> str:
    return f"{file_hash[:2]}/{file_hash[2:4]}/{file_hash}.dcm"


def put(parts: Sequence[Part]) -> Stored:
    """Stores the joined bytes; they are on the disk, under their final name, when this returns."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    file_hash = digest.hexdigest()
    file = file_of(file_hash)
    storage = originals()
    if not storage.exists(file):
        if isinstance(storage, FileSystemStorage):
            _write(Path(storage.path(file)), Path(storage.location), parts)
        else:
            storage.save(file, ContentFile(b"".join(parts)))
    return Stored(file, file_hash, sum(len(part) for part in parts))


def read(file: str, offset: int, length: int) -> bytes:
    """`length` bytes of a stored file; raises OSError when they are not there, one that is no FileNotFoundError where no
    file is: then the disk is away."""
    storage = originals()
    if isinstance(storage, FileSystemStorage):
        try:
            handle = os.open(storage.path(file), os.O_RDONLY)
        except FileNotFoundError as missing:
            if _is_away(Path(storage.location)):
                raise OSError(EIO, "The folder of the originals is empty", file) from missing
            raise
        try:
            data = os.pread(handle, length, offset)
        finally:
            os.close(handle)
    else:
        with storage.open(file) as opened:
            opened.seek(offset)
            data = opened.read(length)
    if len(data) != length:
        raise OSError(f"{file} ends before byte {offset + length}")
    return data


def _is_away(root: Path) -> bool:
    """Where a disk is not mounted, its folder is empty or not there."""
    return not root.is_dir() or not any(root.iterdir())


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
