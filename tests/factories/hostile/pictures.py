"""PNG and JPEG files made to do harm, as they come with a row of the CSV."""

import zlib
from io import BytesIO
from struct import pack

import numpy as np
from PIL import Image

from tests.factories.archive import make_picture
from tests.factories.hostile.bombs import END, jpeg, many_scans
from tests.factories.hostile.case import TAKEN, Case, case

SIGNATURE = b"\x89PNG\r\n\x1a\n"
GREY, RGB, PALETTE, RGBA = 0, 2, 3, 6  # colour types (PNG 11.2.1)
TOO_LARGE = ("too_many_pixels", "damaged")


def png(
    rows: int, columns: int, unpacked: int, bits: int = 8, colour: int = GREY, more: bytes = b""
) -> bytes:
    """A PNG that says its size and holds so many bytes of zeros; `more`: chunks before them."""
    header = pack(">LLBBBBB", columns, rows, bits, colour, 0, 0, 0)
    data = chunk(b"IDAT", zeros(unpacked))
    return SIGNATURE + chunk(b"IHDR", header) + more + data + chunk(b"IEND", b"")


def chunk(kind: bytes, value: bytes) -> bytes:
    return pack(">L", len(value)) + kind + value + pack(">L", zlib.crc32(kind + value))


def zeros(count: int) -> bytes:
    """So many of them as a zlib stream (RFC 1950), one megabyte's block again and again."""
    packer = zlib.compressobj(9, wbits=-15)
    megabyte = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    rest = packer.compress(bytes(count % (1 << 20))) + packer.flush()
    checksum = pack(">HH", count % 65_521, 1)
    return b"\x78\xda" + megabyte * (count >> 20) + rest + checksum


def with_exif(value: bytes) -> bytes:
    """A sound JPEG with this Exif segment."""
    picture = make_picture("JPEG")
    body = b"Exif\0\0" + value
    return picture[:2] + b"\xff\xe1" + pack(">H", len(body) + 2) + body + picture[2:]


def exif_in_circles() -> bytes:
    """A directory whose only entry, and whose next directory, is itself (TIFF 6.0, section 2)."""
    return with_exif(b"II*\0" + pack("<LHHHLLL", 8, 1, 0x8769, 4, 1, 8, 8))


def turned() -> bytes:
    """An orientation that does not exist."""
    return with_exif(b"II*\0" + pack("<LHHHLLL", 8, 1, 0x0112, 3, 1, 99, 0))


def animated(frames: int) -> bytes:
    buffer = BytesIO()
    pictures = [
        Image.fromarray(np.full((12, 10), index % 256, np.uint8)) for index in range(frames)
    ]
    pictures[0].save(buffer, "PNG", save_all=True, append_images=pictures[1:])
    return buffer.getvalue()


def in_pieces() -> bytes:
    """A sound PNG whose pixels come byte by byte."""
    data = b"".join(chunk(b"IDAT", bytes([byte])) for byte in zeros(1_000_000))
    header = pack(">LLBBBBB", 999, 1_000, 8, GREY, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", header) + data + chunk(b"IEND", b"")


def miscounted() -> bytes:
    picture = bytearray(make_picture())
    picture[29] ^= 0xFF  # the checksum of its header
    return bytes(picture)


PICTURES: list[Case] = [
    case("png of 60000 x 60000", lambda: png(60_000, 60_000, 1 << 20), *TOO_LARGE),
    case("png of 12000 x 12000", lambda: png(12_000, 12_000, 12_000 * 12_001), *TOO_LARGE),
    case("png of 2 billion x 2 billion", lambda: png(0x7FFFFFFF, 0x7FFFFFFF, 1 << 10), *TOO_LARGE),
    case("png of one row of 64 million", lambda: png(1, 64_000_000, 64_000_001), "bad_attribute", "too_many_pixels", "damaged"),
    case("png of 8000 x 8000 in a few bytes", lambda: png(8_000, 8_000, 8_000 * 8_001), TAKEN, "too_costly_time"),
    case("png of 4000 x 4000 x 64 bits in a few bytes", lambda: png(4_000, 4_000, 4_000 * 32_001, 16, RGBA), TAKEN, "too_costly_time", "too_costly_memory"),
    case("png that says more than it holds", lambda: png(4_000, 4_000, 40_000), "damaged"),
    case("png that holds more than it says", lambda: png(10, 12, 1 << 29), TAKEN, "damaged"),
    case("png without size", lambda: png(0, 0, 0), "damaged"),
    case("png without pixels", lambda: png(10, 12, 0), "damaged"),
    case("png of 3 bits", lambda: png(10, 12, 1_000, 3), "damaged"),
    case("png without its palette", lambda: png(10, 12, 1_000, 8, PALETTE), "damaged"),
    case("png with a text of 512 megabytes", lambda: png(10, 12, 156, more=chunk(b"zTXt", b"a\0\0" + zeros(1 << 29))), TAKEN, "damaged"),
    case("png with a thousand texts of a megabyte", lambda: png(10, 12, 156, more=chunk(b"zTXt", b"a\0\0" + zeros(1 << 20)) * 1_000), TAKEN, "damaged"),
    case("png with a profile of 512 megabytes", lambda: png(10, 12, 156, more=chunk(b"iCCP", b"a\0\0" + zeros(1 << 29))), TAKEN, "damaged"),
    case("png with a million empty chunks", lambda: png(10, 12, 156, more=chunk(b"teXt", b"") * 1_000_000), TAKEN, "damaged", "too_costly_time"),
    case("png in pieces of one byte", in_pieces, TAKEN),
    case("png with a wrong checksum", miscounted, "damaged"),
    case("png of a thousand pictures", lambda: animated(1_000), TAKEN),
    case("png, cut", lambda: make_picture()[:-40], "damaged"),
    case("png, only its first bytes", lambda: SIGNATURE, "damaged"),
    case("jpeg picture of 65500 x 65500", lambda: jpeg(65_500, 65_500), *TOO_LARGE),
    case("jpeg picture of 8000 x 8000 without data", lambda: jpeg(8_000, 8_000), "damaged"),
    case("jpeg picture of ten thousand scans", lambda: many_scans(12, 10, 10_000), "too_costly_time"),
    case("large jpeg picture of ninety scans", lambda: many_scans(4_000, 4_000, 80), TAKEN, "too_costly_time"),
    case("jpeg picture without size", lambda: jpeg(0, 0), "damaged"),
    case("jpeg picture, cut", lambda: make_picture("JPEG", (200, 100))[:900], "damaged"),
    case("jpeg picture, only its ends", lambda: b"\xff\xd8\xff" + END, "damaged"),
    case("jpeg picture with Exif in circles", exif_in_circles, TAKEN, "damaged"),
    case("jpeg picture turned nowhere", turned, TAKEN),
    case("jpeg picture with a program behind it", lambda: make_picture("JPEG") + b"MZ" + bytes(1 << 20), TAKEN),
]  # fmt: skip
