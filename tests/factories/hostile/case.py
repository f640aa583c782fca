"""A file made to do harm, and what may become of it."""

from collections.abc import Callable
from dataclasses import dataclass
from struct import pack

from pydicom.uid import ExplicitVRLittleEndian

from tests.factories.archive import file_bytes, make_dataset

TAKEN = "taken"
UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class Case:
    name: str
    make: Callable[[], bytes]
    outcomes: frozenset[str]  # codes of refusals, or "taken"


def case(name: str, make: Callable[[], bytes], *outcomes: str) -> Case:
    return Case(name, make, frozenset(outcomes))


def element(tag: int, vr: str, value: bytes, length: int | None = None) -> bytes:
    """In Explicit VR Little Endian; `length` is what it says, where that is a lie."""
    size = len(value) if length is None else length
    head = pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    if vr in ("OB", "OW", "OF", "SQ", "UN", "UT", "UC", "UR"):
        return head + pack("<HL", 0, size) + value
    return head + pack("<H", size & 0xFFFF) + value


def item(value: bytes, length: int | None = None) -> bytes:
    return pack("<HHL", 0xFFFE, 0xE000, len(value) if length is None else length) + value


ITEM_END = pack("<HHL", 0xFFFE, 0xE00D, 0)
SEQUENCE_END = pack("<HHL", 0xFFFE, 0xE0DD, 0)


def with_front(extra: bytes, transfer_syntax_uid: str = ExplicitVRLittleEndian) -> bytes:
    """A sound image with these bytes before its first element."""
    whole = file_bytes(make_dataset(), transfer_syntax_uid)
    at = start_of(whole)
    return whole[:at] + extra + whole[at:]


def start_of(whole: bytes) -> int:
    """Where the dataset of a file made here starts: at (0008,0016)."""
    return whole.index(pack("<HH", 0x0008, 0x0016))


def pixels_of(whole: bytes) -> int:
    """Where the pixel data element of an explicit file starts."""
    return whole.rindex(pack("<HH", 0x7FE0, 0x0010))


def with_pixels(value: bytes, length: int | None = None, vr: str = "OW") -> bytes:
    """A sound header with this value of PixelData."""
    whole = file_bytes(make_dataset())
    return whole[: pixels_of(whole)] + element(0x7FE00010, vr, value, length)
