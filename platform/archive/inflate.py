"""Undoes the deflation of a dataset (PS3.5 A.5), to a limit: two megabytes may unfold to gigabytes."""

import zlib

from .limits import MAX_INFLATED_BYTES
from .refused import Refused


def inflate(data: memoryview) -> bytes:
    """The dataset; raises Refused when it is damaged, cut or larger than the limit."""
    stream = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        dataset = stream.decompress(data, MAX_INFLATED_BYTES)
    except zlib.error:
        raise Refused(
            "is damaged inside its deflated data; send it again from the source.", code="damaged"
        ) from None
    if stream.eof:
        return dataset
    if stream.unconsumed_tail or len(dataset) >= MAX_INFLATED_BYTES:
        raise Refused(
            f"unfolds to more than {MAX_INFLATED_BYTES >> 20:,} MB; export it as Explicit VR Little Endian.",
            code="inflates_too_far",
        )
    raise Refused("is cut off inside its deflated data; send the whole file again.", code="cut_off")
