"""Where each frame stands in the pixel data, so that it is served straight from the file, never decoded.

A frame is a list of [offset, length] in bytes, counted from the first byte of the pixel data's value: one pair for
native data, one for each fragment of encapsulated data (PS3.5 A.4).
"""

from struct import unpack_from

from .refused import Refused

Frame = list[list[int]]

ITEM, SEQUENCE_END = (0xFFFE, 0xE000), (0xFFFE, 0xE0DD)
# what a frame of JPEG, JPEG-LS or JPEG 2000 starts with
STARTS = (b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP  ")


def native_frames(number_of_frames: int, bits_per_frame: int) -> list[Frame]:
    """The frames of uncompressed pixel data, one behind the other."""
    if number_of_frames > 1 and bits_per_frame % 8:
        raise Refused(
            "has several frames of single bits that do not start on whole bytes; convert it to 8 bits a pixel."
        )
    size = -(-bits_per_frame // 8)
    return [[[index * size, size]] for index in range(number_of_frames)]


def encapsulated_frames(data: memoryview, number_of_frames: int) -> tuple[list[Frame], int]:
    """The frames of compressed pixel data and the length of its value, end marker included.

    `data` starts at the first item (the Basic Offset Table). Raises Refused when it is cut or its
    fragments cannot be told apart.
    """
    items, end = _items(data)
    table, fragments = items[0], items[1:]
    if not fragments or not any(length for _, length in fragments):
        raise Refused("has no pixels: its pixel data is empty; send it again from the source.")
    if number_of_frames == 1:
        return [fragments], end
    if len(fragments) == number_of_frames:
        return [[fragment] for fragment in fragments], end
    starts = _by_table(data, table, fragments) or _by_marker(data, fragments)
    if len(starts) != number_of_frames:
        raise Refused(
            f"says that it has {number_of_frames} frames, but {len(starts)} are found in its pixel data;"
            " send it again from the source."
        )
    ends = [*starts[1:], len(fragments)]
    return [fragments[a:b] for a, b in zip(starts, ends, strict=True)], end


def _items(data: memoryview) -> tuple[Frame, int]:
    items: Frame = []
    at = 0
    while at + 8 <= len(data):
        group, element, length = unpack_from("<HHL", data, at)
        at += 8
        if (group, element) == SEQUENCE_END and items:
            return items, at
        if (group, element) != ITEM or length == 0xFFFFFFFF:
            raise Refused("is damaged inside its pixel data; send it again from the source.")
        if at + length > len(data):
            break
        items.append([at, length])
        at += length
    raise Refused("is cut off inside its pixel data; send the whole file again.")


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
