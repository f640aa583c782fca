"""Files on their way in by the tus protocol: their bytes are on the disk before they are counted.

They lie in the folder `incoming` under names of ours until they are ingested; only this user may look.
"""

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction

from accounts.errors import Problem

from .models import Upload, UploadFile
from .report import LONGEST_NAME
from .sealing import seal
from .store import sync_folder

MAX_BYTES = 20 << 30  # of one file: a zip may be large
SPARE_BYTES = 256 << 20  # kept free for the database and the logs
SLICE = 64 << 20  # so much is written under one lock of the row
CHUNK = 1 << 20
FULL = "The server's disk is full; nothing more is taken until an admin makes room."


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def folder() -> Path:
    path = Path(settings.INCOMING_FOLDER)
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(file: UploadFile) -> Path:
    return folder() / str(file.token)


def is_full(error: OSError) -> bool:
    return error.errno in (ENOSPC, EDQUOT)


def has_room(size_bytes: int) -> bool:
    return shutil.disk_usage(folder()).free >= size_bytes + SPARE_BYTES


def create(upload_id: int, name: str, size_bytes: int) -> UploadFile:
    """Raises Problem: 404, 409 once the delivery was started, 413 too large, 507 where the disk could not hold it."""
    if size_bytes > MAX_BYTES:
        raise Problem(413, f"A file of more than {MAX_BYTES >> 30} GB is not taken; split it.")
    if not has_room(size_bytes):
        raise Problem(507, FULL)
    with transaction.atomic():
        upload = Upload.objects.select_for_update().filter(pk=upload_id).first()
        if upload is None:
            raise Problem(404, "There is no such upload; make a new one.")
        if upload.state != Upload.State.RECEIVING:
            raise Problem(409, "This upload takes no more files; make a new one.")
        name = (name or "file").replace("\0", "\ufffd")[:LONGEST_NAME]
        return UploadFile.objects.create(
            upload=upload, token=uuid4(), sealed_name=seal(name), size_bytes=size_bytes
        )


def append(upload_id: int, token: UUID, offset: int, length: int, stream: Readable) -> int:
    """Adds what the stream gives, at most `length` bytes; returns the new offset.

    Raises Problem: 404, 409 where the offset is not the file's, 410 where the server has lost its part, 413 for more
    than was announced, 423 while another request writes it, 507 when the disk is full.
    """
    while True:
        with transaction.atomic():
            file = _locked(upload_id, token)
            if file.received_bytes != offset:
                raise Problem(
                    409,
                    f"The file has {file.received_bytes} bytes here, not {offset}; go on there.",
                )
            if offset + length > file.size_bytes:
                raise Problem(413, f"The file was announced with {file.size_bytes} bytes.")
            wanted = min(SLICE, length)
            written = _write(path_of(file), offset, wanted, stream)
            UploadFile.objects.filter(pk=file.pk).update(received_bytes=offset + written)
        offset, length = offset + written, length - written
        if length == 0 or written < wanted:  # a cut line gives less: what came is kept
            return offset


def remove(upload_id: int, token: UUID) -> None:
    """Raises Problem: 404, 409 once the delivery was started, 423 while another request writes it."""
    with transaction.atomic():
        file = _locked(upload_id, token)
        file.delete()
        transaction.on_commit(lambda: path_of(file).unlink(missing_ok=True))


def forget_bytes(tokens: Iterable[UUID]) -> None:
    """Removes what lies on the disk of these files."""
    for token in tokens:
        (folder() / str(token)).unlink(missing_ok=True)


def _locked(upload_id: int, token: UUID) -> UploadFile:
    files = UploadFile.objects.filter(upload_id=upload_id, token=token)
    file = files.select_related("upload").select_for_update(skip_locked=True, of=("self",)).first()
    if file is None:
        if files.exists():
            raise Problem(423, "Another request is writing this file; ask for its offset again.")
        raise Problem(404, "There is no such file; it may have expired. Send it from the start.")
    if file.upload.state != Upload.State.RECEIVING:
        raise Problem(409, "This upload was started or ended; its files do not change any more.")
    return file


def _write(path: Path, offset: int, length: int, stream: Readable) -> int:
    """Writes at the offset, whatever an earlier, unheard request left behind it; returns how much came."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    with os.fdopen(handle, "wb", buffering=0) as file:
        if os.fstat(handle).st_size < offset:
            raise Problem(410, "The server has lost its part of this file; send it from the start.")
        written = 0
        try:
            os.ftruncate(handle, offset)
            file.seek(offset)
            while written < length and (chunk := stream.read(min(CHUNK, length - written))):
                if not has_room(len(chunk)):  # others send meanwhile
                    raise OSError(ENOSPC, FULL)
                _write_all(handle, chunk)
                written += len(chunk)
            os.fsync(handle)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(handle, offset)
            if is_full(error):
                raise Problem(507, FULL) from error
            raise
    if offset == 0:
        sync_folder(path.parent)
    return written


def _write_all(handle: int, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[os.write(handle, left) :]
