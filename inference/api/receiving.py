"""Parts of a form on their way to a worker: straight into the folder of what is being sent, under names of ours."""

import os
from typing import Any, BinaryIO
from uuid import UUID, uuid4

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from accounts.errors import Problem
from accounts.said import Said
from archive.receive import FULL, folder, forget_bytes, has_room, is_full

MOST_FILES = 1_000  # of one request (settings.DATA_UPLOAD_MAX_NUMBER_FILES is one more)
MOST_BYTES = 1 << 30
TOO_MANY = Said(
    f"More than {MOST_FILES:,} files are not taken at once.", "outside_many_files", most=MOST_FILES
)
TOO_LARGE = Said(
    f"More than {MOST_BYTES >> 20:,} MB are not taken at once.",
    "outside_too_large",
    most_mb=MOST_BYTES >> 20,
)


class Receiving(FileUploadHandler):
    """Raises Problem 413 and 507; what lies there until it is handed over is its own to forget."""

    file: BinaryIO

    def __init__(self) -> None:
        super().__init__()
        self.tokens: list[UUID] = []
        self.received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if len(self.tokens) >= MOST_FILES:
            raise Problem(413, TOO_MANY)
        token = uuid4()
        handle = os.open(folder() / str(token), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self.tokens.append(token)
        self.file = os.fdopen(handle, "wb")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > MOST_BYTES:
            raise Problem(413, TOO_LARGE)
        try:
            if not has_room(len(raw_data)):
                raise Problem(507, FULL)
            self.file.write(raw_data)
        except OSError as error:
            if is_full(error):
                raise Problem(507, FULL) from error
            raise

    def file_complete(self, file_size: int) -> UploadedFile:
        self.file.close()
        return UploadedFile(name="file", size=file_size)

    def forget(self) -> None:
        forget_bytes(self.tokens)
