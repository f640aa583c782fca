"""Where each frame stands in the pixel data, so that it is served straight from the file, never decoded.

A frame is a list of [offset, length] in bytes, counted from the first byte of the pixel data's value: one pair for
native data, one for each fragment of encapsulated data (PS3.5 A.4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from struct import pack, unpack_from

from .part10 import Part
from .refused import Refused
from .survey import PIXEL_DATA

Frame = list[list[int]]

ITEM, SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD)
# what a frame of JPEG, JPEG-LS or JPEG 2000 starts with
STARTS = (b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ")


def native_frames(number_of_frames: int, bits_per_frame: int) -> list[Frame]:
    """The frames of uncompressed pixel data, one behind the other; single bits are one (native.py splits them)."""
    if bits_per_frame % 8:
        return [[[0, -(-bits_per_frame * number_of_frames // 8)]]]
    size = -(-bits_per_frame // 8)
    return [[[index * size, size]] for index in range(number_of_frames)]


@dataclass(frozen=True)
class Encapsulated:
    frames: list[Frame]
    end: int  # of the value, end marker included
    table_is_right: bool  # the Basic Offset Table says where these frames are, or is empty


def encapsulated_frames(data: memoryview, number_of_frames: int) -> Encapsulated:
    """The frames of compressed pixel data; `data` starts at the first item (the Basic Offset Table).

    Raises Refused when it is cut or its fragments cannot be told apart.
    """
    items, end = _items(data)
    table, fragments = items[0], items[1:]
    if not fragments or not any(length for _, length in fragments):
        raise Refused(
            "has no pixels: its pixel data is empty; send it again from the source.",
            code="no_pixels",
            tag=PIXEL_DATA,
        )
    listed = _by_table(data, table, fragments)
    if number_of_frames == 1:
        starts = [0]
    elif len(fragments) == number_of_frames:
        starts = list(range(number_of_frames))
    else:
        starts = listed or _by_marker(data, fragments)
    if len(starts) != number_of_frames:
        raise Refused(
            f"says that it has {number_of_frames} frames, but {len(starts)} are found in its pixel data;"
            " send it again from the source.",
            code="contradiction",
            tag=PIXEL_DATA,
        )
    ends = [*starts[1:], len(fragments)]
    frames = [fragments[a:b] for a, b in zip(starts, ends, strict=True)]
    return Encapsulated(frames, end, table[1] == 0 or listed == starts)


def encapsulate(parts: Sequence[Part]) -> tuple[bytes, list[Frame]]:
    """Compressed frames as the value of PixelData, one fragment each (PS3.5 A.4), and where they stand in it."""
    sizes = [len(part) + len(part) % 2 for part in parts]
    offsets = [0, *accumulate(size + 8 for size in sizes)][:-1]
    table = pack(f"<{len(offsets)}L", *offsets) if offsets[-1] < 1 << 32 else b""
    pieces: list[Part] = [pack("<HHL", *ITEM, len(table)), table]
    frames: list[Frame] = []
    at = 8 + len(table)
    for part, size in zip(parts, sizes, strict=True):
        pieces += [pack("<HHL", *ITEM, size), part, b"\0" * (size - len(part))]
        frames.append([[at + 8, size]])
        at += 8 + size
    return b"".join([*pieces, pack("<HHL", *SEQUENCE_END, 0)]), frames


def frame_bytes(data: memoryview, frame: Frame) -> memoryview:
    """The bytes of one frame; they are copied only where they are in pieces."""
    if len(frame) == 1:
        offset, length = frame[0]
        return data[offset : offset + length]
    return memoryview(b"".join(data[offset : offset + length] for offset, length in frame))


def _items(data: memoryview) -> tuple[Frame, int]:
    items: Frame = []
    at = 0
    while at + 8 <= len(data):
        group, element, length = unpack_from("<HHL", data, at)
        at += 8
        if (group, element) == SEQUENCE_END and items:
            return items, at
        if (group, element) != ITEM or length == 0xFFFFFFFF:
            raise Refused(
                "is damaged inside its pixel data; send it again from the source.", tag=PIXEL_DATA
            )
        if at + length > len(data):
            break
        items.append([at, length])
        at += length
    raise Refused(
        "is cut off inside its pixel data; send the whole file again.",
        code="cut_off",
        tag=PIXEL_DATA,
    )


def _by_table(data: memoryview, table: list[int], fragments: Frame) -> list[int]:
    """The first fragment of each frame by the Basic Offset Table; empty when there is none or it is wrong."""
    offset, length = table
    if not length or length % 4:
        return []
    positions = unpack_from(f"<{length // 4}L", data, offset)
    first = fragments[0][0] - 8  # the table counts from the first fragment's item tag
    where = {fragment[0] - 8 - first: index for index, fragment in enumerate(fragments)}
    starts = [where.get(position, -1) for position in positions]
    return starts if starts == sorted(set(starts)) and starts[0] == 0 else []


def _by_marker(data: memoryview, fragments: Frame) -> list[int]:
    starts = [
        index
        for index, (offset, length) in enumerate(fragments)
        if bytes(data[offset : offset + min(length, 8)]).startswith(STARTS)
    ]
    return starts if starts and starts[0] == 0 else []
