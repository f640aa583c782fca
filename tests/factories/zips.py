"""Zips as they come from outside, good and hostile."""

import struct
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo


def make_zip(files: dict[str, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def make_entry(name: str, data: bytes, *, mode: int = 0) -> bytes:
    """A zip of one entry whose name is written as it stands; `mode` as stat has it."""
    info = ZipInfo("x" * len(name))
    info.external_attr = mode << 16
    buffer = BytesIO()
    with ZipFile(buffer, "w") as archive:
        archive.writestr(info, data)
    return buffer.getvalue().replace(b"x" * len(name), name.encode())


def encrypted(data: bytes) -> bytes:
    """A zip whose only entry says that it is encrypted, in both its headers."""
    local, central = data.index(b"PK\3\4"), data.index(b"PK\1\2")
    changed = bytearray(data)
    for at in (local + 6, central + 8):
        changed[at] |= 1
    return bytes(changed)


def overlapping(data: bytes, times: int) -> bytes:
    """A zip whose directory names its one entry many times: small, and without end when unpacked."""
    central, end = data.index(b"PK\1\2"), data.rindex(b"PK\5\6")
    directory = data[central:end] * times
    tail = bytearray(data[end:])
    struct.pack_into("<HHL", tail, 8, min(times, 0xFFFF), min(times, 0xFFFF), len(directory))
    return data[:central] + directory + bytes(tail)


def declaring(data: bytes, size: int) -> bytes:
    """A zip of one entry that declares another unpacked size, in both its headers."""
    local, central = data.index(b"PK\3\4"), data.index(b"PK\1\2")
    changed = bytearray(data)
    struct.pack_into("<L", changed, local + 22, size)
    struct.pack_into("<L", changed, central + 24, size)
    return bytes(changed)
