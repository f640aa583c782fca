"""Small files that ask for gigabytes or for hours."""

import zlib
from io import BytesIO
from struct import pack

import numpy as np
from PIL import Image
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLSLossless,
    RLELossless,
)

from tests.factories.archive import file_bytes, make_compressed, make_dataset, make_file
from tests.factories.hostile.case import TAKEN, Case, case, element, item, with_front

END = b"\xff\xd9"


def jpeg2000(rows: int, columns: int, tile: tuple[int, int] = (0, 0), samples: int = 1) -> bytes:
    """SOC, SIZ and an end: a codestream that says much and holds nothing."""
    tile_rows, tile_columns = tile if tile != (0, 0) else (rows, columns)
    sizes = (columns, rows, 0, 0, tile_columns, tile_rows, 0, 0)
    siz = pack(">HH8LH", 38 + 3 * samples, 0, *sizes, samples) + b"\x07\x01\x01" * samples
    return b"\xff\x4f\xff\x51" + siz + END


def jpeg(rows: int, columns: int, start: int = 0xC0, bits: int = 8) -> bytes:
    return (
        b"\xff\xd8"
        + pack(">BBHBHHB3s", 0xFF, start, 11, bits, rows, columns, 1, b"\x01\x11\0")
        + END
    )


def rle(segments: list[bytes], offsets: list[int] | None = None) -> bytes:
    if offsets is None:
        offsets = [64 + sum(map(len, segments[:index])) for index in range(len(segments))]
    return pack("<16L", len(segments), *offsets, *[0] * (15 - len(offsets))) + b"".join(segments)


def deflated(head: bytes, megabytes: int) -> bytes:
    """A file whose deflated dataset is `head` and so many megabytes of zeros."""
    whole = file_bytes(make_dataset(), DeflatedExplicitVRLittleEndian)
    first, zeros = (zlib.compressobj(9, wbits=-15) for _ in range(2))
    start = first.compress(head) + first.flush(zlib.Z_FULL_FLUSH)
    # after a full flush each block stands by itself, and can be had again and again
    megabyte = zeros.compress(bytes(1 << 20)) + zeros.flush(zlib.Z_FULL_FLUSH)
    return whole[: meta_end(whole)] + start + megabyte * megabytes + zeros.flush()


def meta_end(whole: bytes) -> int:
    """Where the meta group of a file made here ends, by its group length."""
    return 144 + int.from_bytes(whole[140:144], "little")


def many_scans(rows: int, columns: int, times: int) -> bytes:
    """A progressive JPEG with one of its scans over and over."""
    buffer = BytesIO()
    Image.fromarray(np.zeros((rows, columns), np.uint8)).save(buffer, "JPEG", progressive=True)
    picture = buffer.getvalue()
    scan = picture[picture.rindex(b"\xff\xda") : -2]
    return picture[:-2] + scan * times + END


def runs(bytes_wanted: int) -> bytes:
    """One RLE segment of zeros: two bytes for 128."""
    return b"\x81\0" * -(-bytes_wanted // 128)


BOMBS: list[Case] = [
    case("jpeg 2000 that hides 40000 x 40000", lambda: make_compressed([jpeg2000(40_000, 40_000)], JPEG2000Lossless), "contradiction"),
    case("jpeg 2000 of 40000 x 40000", lambda: make_compressed([jpeg2000(40_000, 40_000)], JPEG2000Lossless, Rows=40_000, Columns=40_000), "too_many_pixels"),
    case("jpeg 2000 of 65535 x 65535", lambda: make_compressed([jpeg2000(65_535, 65_535)], JPEG2000Lossless), "contradiction"),
    case("jpeg 2000 of 16000 x 16000 without data", lambda: make_compressed([jpeg2000(16_000, 16_000)], JPEG2000Lossless, Rows=16_000, Columns=16_000), "undecodable", "too_costly_memory"),
    case("jpeg 2000 of 16384 components", lambda: make_compressed([jpeg2000(12, 10, samples=16_384)], JPEG2000Lossless), "contradiction"),
    case("jpeg 2000 of a million tiles", lambda: make_compressed([jpeg2000(4_000, 4_000, tile=(4, 4))], JPEG2000Lossless, Rows=4_000, Columns=4_000), "damaged"),
    case("jpeg 2000 without tiles", lambda: make_compressed([jpeg2000(12, 10, tile=(0, 1))], JPEG2000Lossless), "damaged"),
    case("htj2k that hides 30000 x 30000", lambda: make_compressed([jpeg2000(30_000, 30_000)], HTJ2KLossless), "contradiction"),
    case("htj2k of 15000 x 15000 without data", lambda: make_compressed([jpeg2000(15_000, 15_000)], HTJ2KLossless, Rows=15_000, Columns=15_000), "undecodable", "too_costly_memory"),
    case("jpeg that hides 65500 x 65500", lambda: make_compressed([jpeg(65_500, 65_500)], JPEGBaseline8Bit), "contradiction"),
    case("jpeg of 16000 x 16000 without data", lambda: make_compressed([jpeg(16_000, 16_000)], JPEGBaseline8Bit, Rows=16_000, Columns=16_000), "undecodable", "too_costly_memory"),
    case("12-bit jpeg without data", lambda: make_compressed([jpeg(12, 10, 0xC1, 12)], JPEGExtended12Bit, BitsAllocated=16, BitsStored=12, HighBit=11), "undecodable"),
    case("jpeg-ls that hides 60000 x 60000", lambda: make_compressed([jpeg(60_000, 60_000, 0xF7)], JPEGLSLossless), "contradiction"),
    case("jpeg of ten thousand scans", lambda: make_compressed([many_scans(12, 10, 10_000)], JPEGBaseline8Bit), TAKEN),
    case("large jpeg of ten thousand scans", lambda: make_compressed([many_scans(2_000, 2_000, 10_000)], JPEGBaseline8Bit, Rows=2_000, Columns=2_000), "too_costly_time"),
    case("deflated zeros", lambda: deflated(b"", 4_200), "inflates_too_far"),
    case("deflated zeros in an element", lambda: deflated(element(0x00080008, "UN", b"", 0xFFFFFFF0), 300), "inflates_too_far"),
    case("rle of 15000 x 15000 in a few bytes", lambda: make_compressed([rle([runs(1 << 16)])], RLELossless, Rows=15_000, Columns=15_000), "undecodable"),
    case("rle of 64 times its size", lambda: make_compressed([rle([runs(4_096 * 4_096)])], RLELossless, Rows=4_096, Columns=4_096), TAKEN),
    case("rle that unfolds to more than its frame", lambda: make_compressed([rle([runs(1 << 26)])], RLELossless), TAKEN, "undecodable"),
    case("600,000 elements", lambda: with_front(element(0x00080005, "CS", b"") * 600_000), "too_many_elements"),
    case("a million empty items", lambda: with_front(element(0x00081032, "SQ", item(b"") * 1_000_000)), "too_many_elements"),
    case("a million empty items without end", lambda: with_front(element(0x00081032, "SQ", item(b"") * 1_000_000, 0xFFFFFFFF)), "too_many_elements"),
    case("20,000 frames", lambda: make_file(np.zeros((20_000, 1, 1), np.uint8)), TAKEN),
    case("20,001 frames", lambda: make_file(NumberOfFrames=20_001), "bad_attribute"),
    case("20,000 compressed frames", lambda: make_compressed([jpeg(12, 10)] * 20_000, JPEGBaseline8Bit), "undecodable"),
    case("65535 x 65535 without pixels", lambda: make_file(Rows=65_535, Columns=65_535), "too_many_pixels"),
    case("a text of ten megabytes", lambda: with_front(element(0x00080001, "UT", b"A" * (10 << 20))), TAKEN),
]  # fmt: skip
