"""A file that was named but not read yet, and which names are no images at all."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePosixPath

from .limits import MAX_FILE_BYTES
from .refused import Refused
from .secondary_capture import Attributes

INDEX = "is a DICOMDIR, only an index; send the folder that it lies in, its images are taken by themselves."
LEFTOVERS = {"__macosx", "thumbs.db", "desktop.ini"}


@dataclass(frozen=True)
class Source:
    name: str
    read: Callable[[], bytes]  # raises OSError or Refused
    attributes: Attributes | None = None  # of a picture
    size_bytes: int = 0  # what reading it will cost, where that is known before


def refused_source(name: str, reason: Refused) -> Source:
    """A file of which it is known already that it cannot be taken: it gets its line in the report."""

    def read() -> bytes:
        raise reason

    return Source(name, read)


def is_passed_over(name: str) -> bool:
    """Hidden files, what systems leave in folders, and DICOM's index: of those nobody wants a line in the report."""
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return is_index(name) or any(
        part.startswith(".") or part.lower() in LEFTOVERS
        for part in parts
        if part not in (".", "..")
    )


def is_index(name: str) -> bool:
    return PurePosixPath(name.replace("\\", "/")).name.upper() == "DICOMDIR"


def index_source(name: str) -> Source:
    return refused_source(name, Refused(INDEX, code="dicomdir"))


def too_large() -> Refused:
    return Refused(
        f"is larger than {MAX_FILE_BYTES >> 20:,} MB; split it into several files.",
        code="too_large",
    )
