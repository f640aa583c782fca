"""The files of a zip, one after another, with caps on all that a zip may lie about.

Nothing is unpacked to the disk, and no name in the zip is used but for the report. Sizes are counted while they come
out; what the directory declares is only a reason to refuse sooner.
"""

import io
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from .limits import MAX_FILE_BYTES
from .refused import Refused
from .source import Source, is_passed_over, refused_source, too_large

MAX_ENTRIES = 20_000
MAX_DIRECTORY_BYTES = 10 << 20  # of 20,000 entries with long names
MAX_TOTAL_BYTES = 20 << 30  # unpacked, of one zip
MAX_RATIO = 200  # unpacked over packed, of an entry and of the whole
SMALL = 1 << 20  # below that no ratio is harmful: a blank image packs a thousandfold
MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
LOCAL_HEADER = 30  # bytes before an entry's name and contents (APPNOTE 4.3.7)
CHUNK = 1 << 20
ENCRYPTED = 0x1


def is_zip(path: Path) -> bool:
    """By its first bytes, whatever its name; a DICOM file whose preamble looks like a zip is none."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            return False
        with path.open("rb") as file:
            return has_zip_magic(file.read(132))
    except OSError:  # reading it will say why
        return False


def has_zip_magic(head: bytes) -> bool:
    return head.startswith(MAGIC) and head[128:132] != b"DICM"


def sources(path: Path, name: str) -> Iterator[Source]:
    """A source for each file in the zip, in the order of its directory; read each before asking for the next.

    A zip that is refused as a whole is one source that says why.
    """
    with _Frugal(path) as file:
        try:
            archive = ZipFile(file)
            entries = _checked(archive)
        except Refused as reason:
            yield refused_source(name, reason)
            return
        except Exception as exc:  # zipfile raises half a dozen kinds on damaged archives
            yield refused_source(name, _damaged(exc))
            return
        budget = _Budget(file.size)
        for entry in entries:
            inside = entry.filename.replace("\\", "/")
            if entry.is_dir() or is_passed_over(inside):
                continue
            yield Source(f"{name}/{inside}", _reader(archive, entry, budget), None, entry.file_size)


class _Frugal(io.FileIO):
    """Hands out no more at once than the directory of a zip may need: zipfile reads it whole."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.size = self.seek(0, io.SEEK_END)
        self.seek(0)

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self.size - self.tell() if size is None or size < 0 else size
        if wanted > MAX_DIRECTORY_BYTES:
            raise _too_many()
        return super().read(wanted) or b""


@dataclass
class _Budget:
    """What the whole zip may still give."""

    packed: int
    unpacked: int = 0

    def take(self, number: int) -> None:
        """Raises Refused."""
        self.unpacked += number
        if self.unpacked > MAX_TOTAL_BYTES:
            raise Refused(
                f"stands in a zip of more than {MAX_TOTAL_BYTES >> 30} GB; send the rest in another.",
                code="zip_too_large",
            )
        if self.unpacked > max(SMALL, MAX_RATIO * self.packed):
            raise _ratio()


def _checked(archive: ZipFile) -> list[ZipInfo]:
    """The entries; raises Refused where the zip as a whole is not to be trusted."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _too_many()
    # entries that share bytes make a small zip endless (CVE-2024-0450; Python itself looks from 3.11.8 on)
    in_order = sorted(entries, key=lambda entry: entry.header_offset)
    offsets = [*(entry.header_offset for entry in in_order), archive.start_dir]
    for entry, following in zip(in_order, offsets[1:], strict=True):
        if entry.header_offset + LOCAL_HEADER + entry.compress_size > following:
            raise Refused(
                "is a zip whose entries overlap, as no program makes them; pack the files again.",
                code="zip_overlap",
            )
    return entries


def _reader(archive: ZipFile, entry: ZipInfo, budget: _Budget) -> Callable[[], bytes]:
    def read() -> bytes:
        if objection := _objection(entry):
            raise objection
        try:
            return _unpack(archive, entry, budget)
        except Refused:
            raise
        except Exception as exc:  # a wrong checksum, a cut stream, a local header that disagrees
            raise _damaged(exc) from exc

    return read


def _objection(entry: ZipInfo) -> Refused | None:
    """Why an entry is not even opened."""
    kind = stat.S_IFMT(entry.external_attr >> 16)
    path = entry.filename.replace("\\", "/")
    if kind not in (0, stat.S_IFREG):
        return Refused("is a link or a device, no file; pack the file itself.", code="zip_link")
    if path.startswith("/") or ".." in PurePosixPath(path).parts or path[1:2] == ":":
        return Refused(
            "has a path that leads out of the zip; pack the folder again.", code="zip_path"
        )
    if entry.flag_bits & ENCRYPTED:
        return Refused("is encrypted; pack it without a password.", code="zip_encrypted")
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return Refused(
            "is packed by a method that is not taken; pack it as an ordinary zip.",
            code="zip_method",
        )
    if entry.file_size > MAX_FILE_BYTES:
        return too_large()
    return None


def _unpack(archive: ZipFile, entry: ZipInfo, budget: _Budget) -> bytes:
    """The entry's bytes, never more than it declares; raises Refused."""
    most = max(SMALL, MAX_RATIO * entry.compress_size)
    unpacked = io.BytesIO()
    with archive.open(entry) as file:
        while chunk := file.read(CHUNK):
            budget.take(len(chunk))
            if unpacked.tell() + len(chunk) > most:
                raise _ratio()
            if unpacked.tell() == 0 and has_zip_magic(chunk[:132]):
                raise Refused(
                    "is a zip inside a zip; send it by itself, or unpack it first.",
                    code="zip_nested",
                )
            unpacked.write(chunk)
    if unpacked.tell() != entry.file_size:
        raise _damaged(EOFError())
    return unpacked.getvalue()


def _too_many() -> Refused:
    return Refused(
        f"is a zip of more than {MAX_ENTRIES:,} files; split it into several.", code="zip_entries"
    )


def _ratio() -> Refused:
    return Refused(
        f"unpacks to more than {MAX_RATIO} times its size, as images do not; leave it out.",
        code="zip_ratio",
    )


def _damaged(exc: Exception) -> Refused:
    return Refused(
        f"is damaged as a zip ({type(exc).__name__}); pack it again and send it once more.",
        code="zip_damaged",
    )
