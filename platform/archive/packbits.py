"""Blanks what stands in an RLE frame behind its pixels (PS3.5 Annex G)."""

from struct import unpack_from

HEADER = 64


def without_tail(frame: bytes, pixels: int) -> bytes:
    """The same pixels and length; `pixels` is how many bytes each segment unpacks to."""
    if len(frame) < HEADER:
        return frame
    count, *offsets = unpack_from("<16L", frame)
    if not 1 <= count <= 15 or offsets[:count] != sorted(offsets[:count]):
        return frame
    data = bytearray(frame)
    data[4 + 4 * count : HEADER] = bytes(HEADER - 4 - 4 * count)
    ends = [*offsets[1:count], len(frame)]
    for start, end in zip(offsets[:count], ends, strict=True):
        used = _end(frame, start, min(end, len(frame)), pixels)
        data[used:end] = bytes(max(0, min(end, len(frame)) - used))
    return bytes(data)


def _end(frame: bytes, at: int, end: int, pixels: int) -> int:
    """Where a segment's last needed byte stands."""
    unpacked = 0
    while at < end and unpacked < pixels:
        count = frame[at]
        if count < 128:
            at += count + 2
            unpacked += count + 1
        elif count > 128:
            at += 2
            unpacked += 257 - count
        else:
            at += 1
    return min(at, end)
