"""What no viewer shows of the pixels holds nothing afterwards, and the pixels are the same."""

from collections.abc import Callable
from io import BytesIO
from struct import pack

import imagecodecs
import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.encaps import encapsulate
from pydicom.pixels.encoders.base import get_encoder
from pydicom.uid import (
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
    RLELossless,
)

from archive.hidden import without_hidden
from archive.inspect import inspect
from archive.jpeg_comments import without_comments
from archive.native import tidy
from tests.factories.archive import file_bytes, make_compressed, make_dataset

CANARY = b"Canary7"
PIXELS = (np.arange(120, dtype=np.uint8) * 2).reshape(12, 10)


def segment(marker: int, content: bytes) -> bytes:
    return pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg() -> bytes:
    buffer = BytesIO()
    Image.fromarray(PIXELS).save(buffer, "JPEG", quality=95)
    data = buffer.getvalue()
    extra = b"".join(
        segment(marker, CANARY * 3) for marker in (0xFE, 0xE1, 0xE2, 0xED, 0xEF, 0xE0, 0xEE)
    )
    adobe = segment(0xEE, b"Adobe\0\x64\0\0\0\0\0" + CANARY)
    return data[:2] + extra + adobe + data[2:] + CANARY


def jpeg_ls() -> bytes:
    data = bytes(imagecodecs.jpegls_encode(PIXELS))
    return data[:2] + segment(0xFE, CANARY) + segment(0xE8, b"SPIFF\0" + CANARY) + data[2:] + CANARY


def jpeg2000() -> bytes:
    data = bytes(imagecodecs.jpeg2k_encode(PIXELS, codecformat="j2k", reversible=True))
    siz_end = 4 + int.from_bytes(data[4:6])
    comment = segment(0x64, b"\0\1" + CANARY)
    return data[:siz_end] + comment + data[siz_end:] + CANARY


def jp2() -> bytes:
    data = bytes(imagecodecs.jpeg2k_encode(PIXELS, codecformat="jp2", reversible=True))
    box = pack(">L4s", 8 + len(CANARY), b"xml ") + CANARY
    return data[:12] + data[12:32] + box + data[32:]


FRAMES: dict[str, tuple[Callable[[], bytes], str]] = {
    "jpeg": (jpeg, JPEGBaseline8Bit),
    "jpeg-ls": (jpeg_ls, JPEGLSLossless),
    "jpeg 2000": (jpeg2000, JPEG2000Lossless),
}


def pixels_of(data: bytes) -> object:
    return pydicom.dcmread(BytesIO(data)).pixel_array.tolist()


@pytest.mark.parametrize("name", FRAMES)
def test_it_blanks_comments_and_keeps_the_pixels(name: str) -> None:
    make, syntax = FRAMES[name]
    frame = make()
    assert CANARY in frame

    clean = without_comments(frame)

    assert b"anary" not in clean
    assert len(clean) == len(frame)
    before, after = (pixels_of(make_compressed([one], syntax)) for one in (frame, clean))
    assert after == before


def test_it_keeps_the_colours_that_adobe_s_segment_says() -> None:
    clean = without_comments(jpeg())

    assert clean.count(b"Adobe\0\x64\0\0\0\0\0") == 1


def test_it_frees_the_boxes_that_no_pixel_needs() -> None:
    frame = jp2()
    assert CANARY in frame

    clean = without_comments(frame)

    assert b"anary" not in clean
    assert (imagecodecs.jpeg2k_decode(clean) == PIXELS).all()


@pytest.mark.parametrize(
    "frame", [b"", b"\xff\xd8", b"\xff\xd8\xff\xfe", b"\xff\x4f\xff\x51\0", jpeg()[:60]]
)
def test_it_survives_frames_that_end_too_early(frame: bytes) -> None:
    assert len(without_comments(frame)) == len(frame)


def test_it_clears_the_bits_above_the_pixels() -> None:
    rng = np.random.default_rng(1)
    values = rng.integers(0, 1 << 12, (12, 10), np.uint16)
    overlay = values | (rng.integers(0, 15, (12, 10), np.uint16) << 12)
    data = file_bytes(make_dataset(overlay, BitsStored=12, HighBit=11))

    cleaned = tidy(inspect(data))

    assert (np.frombuffer(cleaned.pixels, "<u2").reshape(12, 10) == values).all()


def test_it_extends_the_sign_over_them() -> None:
    values = np.arange(-60, 60, dtype=np.int16).reshape(12, 10)
    data = file_bytes(
        make_dataset(values & 0x0FFF, BitsStored=12, HighBit=11, PixelRepresentation=1)
    )

    cleaned = tidy(inspect(data))

    assert (np.frombuffer(cleaned.pixels, "<i2").reshape(12, 10) == values).all()


@pytest.mark.parametrize("kind", ["u2", "i2"])
def test_it_brings_down_pixels_that_stand_in_the_upper_bits(kind: str) -> None:
    values = (np.arange(120).reshape(12, 10) - (60 if kind == "i2" else 0)).astype(kind) * 30
    data = file_bytes(make_dataset(values << 4, BitsStored=12, HighBit=15))

    inspected = tidy(inspect(data))

    assert (np.frombuffer(inspected.pixels, f"<{kind}").reshape(12, 10) == values).all()
    assert inspected.header.HighBit == 11


def test_it_believes_the_pixels_where_the_high_bit_is_wrong() -> None:
    values = np.arange(120, dtype=np.uint16).reshape(12, 10)

    inspected = tidy(inspect(file_bytes(make_dataset(values, BitsStored=12, HighBit=15))))

    assert (np.frombuffer(inspected.pixels, "<u2").reshape(12, 10) == values).all()


def test_it_blanks_what_stands_behind_the_pixels_of_rle() -> None:
    rle = get_encoder(RLELossless)
    [frame] = rle.iter_encode(
        PIXELS,
        rows=12,
        columns=10,
        samples_per_pixel=1,
        bits_allocated=8,
        bits_stored=8,
        number_of_frames=1,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
    )
    data = make_compressed([frame + CANARY + b"!"], RLELossless)
    assert CANARY in data

    cleaned = without_hidden(inspect(data))

    assert b"anary" not in bytes(cleaned.pixels)
    assert bytes(cleaned.pixels) == bytes(
        inspect(make_compressed([frame + bytes(8)], RLELossless)).pixels
    )


def test_it_drops_an_offset_table_that_is_wrong_and_keeps_a_right_one() -> None:
    frames = [jpeg(), jpeg()]
    for right in (True, False):
        ds = make_dataset(np.zeros((12, 10), np.uint8), NumberOfFrames=2)
        ds.PixelData = encapsulate(frames, has_bot=True)
        if not right:
            ds.PixelData = ds.PixelData[:8] + b"Canary7!" + ds.PixelData[16:]
        ds["PixelData"].is_undefined_length = True
        inspected = inspect(file_bytes(ds, JPEGBaseline8Bit))

        cleaned = without_hidden(inspected)

        shown = [
            b"".join(bytes(cleaned.pixels[a : a + n]) for a, n in frame) for frame in cleaned.frames
        ]
        assert shown == [
            without_comments(bytes(inspected.pixels[a : a + n])) for [[a, n]] in inspected.frames
        ]
        first = cleaned.frames[0][0][0] - 8
        offsets = pack("<2L", *(frame[0][0] - 8 - first for frame in cleaned.frames))
        table = bytes(cleaned.pixels[8:first])
        assert table == offsets if right else table in (b"", offsets)
        assert b"anary" not in bytes(cleaned.pixels)
