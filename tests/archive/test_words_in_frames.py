"""No comment, no Exif and no trailing byte of a compressed frame is kept, and no pixel changes for it."""

from io import BytesIO
from struct import pack

import imagecodecs
import numpy as np
import pytest
from PIL import Image
from pydicom.uid import JPEG2000, JPEGBaseline8Bit, JPEGLSLossless

from archive.prepare import prepare
from tests.factories.archive import make_compressed
from tests.factories.verdict import POLICY, SOURCE_HASH, check_taken

NAME = b"Smith^John"
PIXELS = (np.arange(120, dtype=np.uint8) * 2).reshape(12, 10)


def jpeg() -> bytes:
    buffer = BytesIO()
    Image.fromarray(PIXELS).save(buffer, "JPEG")
    return buffer.getvalue()


def jpeg_ls() -> bytes:
    return bytes(imagecodecs.jpegls_encode(PIXELS))


def jpeg_2000() -> bytes:
    return bytes(imagecodecs.jpeg2k_encode(PIXELS, codecformat="j2k", reversible=True))


def with_segment(frame: bytes, marker: int) -> bytes:
    return frame[:2] + pack(">BBH", 0xFF, marker, len(NAME) + 2) + NAME + frame[2:]


def with_j2k_comment(frame: bytes) -> bytes:
    at = frame.index(b"\xff\x52")  # COD
    return frame[:at] + b"\xff\x64" + pack(">HH", len(NAME) + 4, 1) + NAME + frame[at:]


@pytest.mark.parametrize(
    ("frame", "transfer_syntax_uid"),
    [
        (with_segment(jpeg(), 0xFE), JPEGBaseline8Bit),
        (with_segment(jpeg(), 0xE1), JPEGBaseline8Bit),
        (with_segment(jpeg(), 0xE2), JPEGBaseline8Bit),
        (jpeg() + NAME, JPEGBaseline8Bit),
        (with_segment(jpeg_ls(), 0xFE), JPEGLSLossless),
        (jpeg_ls() + NAME, JPEGLSLossless),
        (with_j2k_comment(jpeg_2000()), JPEG2000),
        (jpeg_2000() + NAME, JPEG2000),
    ],
    ids=["COM", "APP1", "APP2", "behind", "JPEG-LS COM", "JPEG-LS behind", "J2K COM", "J2K behind"],
)
def test_it_keeps_no_words_in_frames(frame: bytes, transfer_syntax_uid: str) -> None:
    data = make_compressed([frame, frame], transfer_syntax_uid)
    assert data.count(NAME) == 2

    prepared = prepare(data, SOURCE_HASH, POLICY)

    assert NAME not in b"".join(prepared.parts)
    check_taken(data, prepared)
