"""Cycles, depths, and sequences that do not end."""

from struct import pack

from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from tests.factories.archive import make_file
from tests.factories.hostile.case import (
    ITEM_END,
    SEQUENCE_END,
    TAKEN,
    UNDEFINED,
    Case,
    case,
    element,
    item,
    start_of,
    with_front,
)

CODE, PRIVATE, DIRECTORY = 0x00081032, 0x00091010, 0x00041220


def deep(depth: int, tag: int = CODE, vr: str = "SQ", *, ends: bool = True) -> bytes:
    """Sequences of undefined length in one another."""
    close = (ITEM_END + SEQUENCE_END) * depth if ends else b""
    return (element(tag, vr, b"", UNDEFINED) + item(b"", UNDEFINED)) * depth + close


def deep_by_length(depth: int, tag: int = CODE, vr: str = "SQ") -> bytes:
    inner = b""
    for _ in range(depth):
        inner = element(tag, vr, item(inner))
    return inner


def deep_without_vr(depth: int) -> bytes:
    inner = b""
    for _ in range(depth):
        inner = pack("<HHL", CODE >> 16, CODE & 0xFFFF, len(inner) + 8) + item(inner)
    return inner


def dicomdir(*, by_meta: bool) -> bytes:
    """A directory whose only record follows itself, and is its own child."""
    whole = make_file()
    name = b"1.2.840.10008.1.3.10".ljust(26, b"\0")
    if by_meta:
        return whole.replace(b"1.2.840.10008.5.1.4.1.1.1\0", name)
    record = element(0x00041400, "UL", pack("<L", 400)) + element(0x00041420, "UL", pack("<L", 400))
    return whole[: start_of(whole)] + element(DIRECTORY, "SQ", item(record))


STRUCTURES: list[Case] = [
    case("dicomdir that follows itself", lambda: dicomdir(by_meta=True), "dicomdir"),
    case("dicomdir under another name", lambda: dicomdir(by_meta=False), "no_image"),
    case("image with a directory that follows itself", lambda: with_front(element(DIRECTORY, "SQ", item(element(0x00041400, "UL", pack("<L", 400))))), TAKEN),
    case("depth 300", lambda: with_front(deep(300)), "too_deep"),
    case("depth 300 by length", lambda: with_front(deep_by_length(300)), "too_deep"),
    case("depth 300 without VRs", lambda: with_front(deep_without_vr(300), ImplicitVRLittleEndian), "too_deep"),
    case("depth 300 of unknown VR", lambda: with_front(deep(300, vr="UN")), "too_deep"),
    case("depth 300 of unknown VR by length", lambda: with_front(deep_by_length(300, vr="UN")), "too_deep", TAKEN, "cut_off", "damaged"),
    case("depth 10,000, private", lambda: with_front(deep(10_000, PRIVATE)), "too_deep"),
    case("depth 1,000 by length, private", lambda: with_front(deep_by_length(1_000, PRIVATE)), TAKEN),
    case("depth 100,000 without end", lambda: with_front(deep(100_000, ends=False)), "too_deep"),
    case("depth 17", lambda: with_front(deep(17)), "too_deep"),
    case("depth 16", lambda: with_front(deep(16)), TAKEN),
    case("sequence without end", lambda: with_front(element(CODE, "SQ", b"", UNDEFINED)), "damaged", "no_image"),
    case("item without end", lambda: with_front(element(CODE, "SQ", item(b"", UNDEFINED), UNDEFINED)), "no_image", "damaged"),
    case("item longer than its sequence", lambda: with_front(element(CODE, "SQ", item(b"", 4_000))), "cut_off"),
    case("sequence longer than the file", lambda: with_front(element(CODE, "SQ", item(b""), 1 << 30)), "cut_off"),
    case("element longer than its item", lambda: with_front(element(CODE, "SQ", item(element(0x00080100, "SH", b"", 90)))), "cut_off"),
    case("sequence of things that are no items", lambda: with_front(element(CODE, "SQ", b"no items here!!!")), "damaged"),
    case("end of an item that never began", lambda: with_front(ITEM_END), "damaged"),
    case("end of a sequence that never began", lambda: with_front(SEQUENCE_END), "cut_off"),
    case("text without end", lambda: with_front(element(0x00080008, "UT", b"abc", UNDEFINED)), "cut_off"),
    case("bytes of undefined length", lambda: with_front(element(0x00082228, "OB", b"abcd" + SEQUENCE_END, UNDEFINED)), TAKEN, "damaged"),
    case("big endian of little-endian bytes", lambda: make_file().replace(b"1.2.840.10008.1.2.1\0", ExplicitVRBigEndian.encode() + b"\0"), "cut_off", "damaged", "no_image"),
]  # fmt: skip
