"""What a browser decodes wrongly or slowly is kept as HTJ2K, and not one pixel changes."""

from io import BytesIO
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    JPEG2000Lossless,
    JPEGExtended12Bit,
    JPEGLosslessSV1,
)

from archive.prepare import Prepared, prepare
from archive.refused import Refused
from tests.factories.archive import file_bytes, make_compressed, make_dataset, make_file
from tests.factories.hostile.bombs import jpeg2000
from tests.factories.verdict import POLICY, SOURCE_HASH, check_taken

Pixels = npt.NDArray[Any]
RNG = np.random.default_rng(3)
SIDE = 800


def smooth(kind: str, samples: int = 1, bits: int = 16) -> Pixels:
    """Like a radiograph: gradients and a little noise, over all values of so many bits."""
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    picture = (x + y) / 2 * ((1 << bits) - 20) + RNG.normal(0, 3, (SIDE, SIDE))
    channels = [np.roll(picture, 7 * channel, 1) for channel in range(samples)]
    values = np.stack(channels, -1) if samples > 1 else picture
    low = -(1 << (bits - 1)) if kind.startswith("i") else 0
    return (values.clip(0, (1 << bits) - 1) + low).astype(kind)


def taken(data: bytes) -> tuple[Prepared, Dataset]:
    """Checked against pydicom's decode of the original."""
    prepared = prepare(data, SOURCE_HASH, POLICY)
    check_taken(data, prepared)
    return prepared, pydicom.dcmread(BytesIO(b"".join(prepared.parts)))


def colour(pixels: Pixels, **elements: Any) -> bytes:
    shown = {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    return make_file(pixels[..., 0], **(shown | {"PixelData": pixels.tobytes()} | elements))


@pytest.mark.parametrize("kind", ["u1", "u2", "i2"])
def test_it_compresses_large_grey_frames(kind: str) -> None:
    pixels = smooth(kind, bits=8 if kind == "u1" else 16)
    pixels = np.tile(pixels, (2, 2))

    prepared, stored = taken(make_file(pixels))

    assert stored.file_meta.TransferSyntaxUID == HTJ2KLossless
    assert (stored.pixel_array == pixels).all()
    assert sum(map(len, prepared.parts)) < pixels.nbytes


def test_it_compresses_each_frame_by_itself() -> None:
    pixels = np.stack([smooth("u2"), smooth("u2", bits=12), smooth("u2", bits=10)])

    prepared, stored = taken(make_file(pixels))

    assert len(prepared.instance["frames"]) == 3
    assert (stored.pixel_array == pixels).all()


@pytest.mark.parametrize("planar", [0, 1])
def test_it_compresses_large_colour_frames(planar: int) -> None:
    pixels = smooth("u1", 3, bits=8)
    laid_out = np.ascontiguousarray(pixels.transpose(2, 0, 1)) if planar else pixels

    _, stored = taken(colour(pixels, PlanarConfiguration=planar, PixelData=laid_out.tobytes()))

    assert stored.PhotometricInterpretation == "YBR_RCT"
    assert (stored.pixel_array == pixels).all()


def test_it_turns_no_colours_of_ybr() -> None:
    pixels = smooth("u1", 3, bits=8)

    _, stored = taken(colour(pixels, PhotometricInterpretation="YBR_FULL"))

    assert stored.PhotometricInterpretation == "YBR_FULL"
    assert stored.file_meta.TransferSyntaxUID == HTJ2KLossless


def test_it_compresses_subsampled_colours_whatever_their_size() -> None:
    """Browsers show them black."""
    pixels = RNG.integers(0, 255, (12, 10, 2), np.uint8)

    _, stored = taken(
        colour(pixels, PhotometricInterpretation="YBR_FULL_422", PixelData=pixels.tobytes())
    )

    assert stored.PhotometricInterpretation == "YBR_FULL"
    assert stored.file_meta.TransferSyntaxUID == HTJ2KLossless


def test_it_leaves_small_frames_and_noise_as_they_are() -> None:
    for pixels in (smooth("u2")[:400], RNG.integers(0, 65_535, (900, 900), np.uint16)):
        _, stored = taken(make_file(pixels))

        assert stored.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_it_clears_what_stands_in_unused_bits() -> None:
    pixels = smooth("u2", bits=12)

    _, stored = taken(make_file(pixels | np.uint16(0xA000), BitsStored=12, HighBit=11))

    assert (stored.pixel_array == pixels).all()


@pytest.mark.parametrize(("bits", "wanted"), [(12, HTJ2KLossless), (16, HTJ2KLossless)])
def test_it_decodes_jpeg_lossless(bits: int, wanted: str) -> None:
    pixels = smooth("u2", bits=bits)
    frame = imagecodecs.jpeg8_encode(pixels, lossless=True, bitspersample=bits)

    _, stored = taken(frame_file(bytes(frame), JPEGLosslessSV1, bits))

    assert stored.file_meta.TransferSyntaxUID == wanted
    assert (stored.pixel_array == pixels).all()
    assert "LossyImageCompression" not in stored


def test_it_decodes_jpeg_2000_without_loss() -> None:
    pixels = smooth("u2")
    frame = imagecodecs.jpeg2k_encode(pixels, reversible=True, level=0, codecformat="j2k")

    _, stored = taken(frame_file(bytes(frame), JPEG2000Lossless, 16))

    assert stored.file_meta.TransferSyntaxUID == HTJ2KLossless
    assert (stored.pixel_array == pixels).all()


def test_it_keeps_the_pixels_of_12_bit_jpeg_and_tells_of_their_loss() -> None:
    frame = bytes(imagecodecs.jpeg8_encode(smooth("u2", bits=12), level=90, bitspersample=12))

    _, stored = taken(frame_file(frame, JPEGExtended12Bit, 12))

    assert stored.file_meta.TransferSyntaxUID == HTJ2KLossless
    assert (stored.pixel_array == imagecodecs.jpeg8_decode(frame)).all()
    assert stored.LossyImageCompression == "01"
    assert stored.LossyImageCompressionMethod == "ISO_10918_1"
    assert float(stored.LossyImageCompressionRatio) > 1


def test_it_unpacks_single_bits() -> None:
    bits = RNG.integers(0, 2, (3, 11, 7), np.uint8)
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()

    _, stored = taken(
        make_file(
            bits,
            BitsAllocated=1,
            BitsStored=1,
            HighBit=0,
            PixelData=packed + b"\0" * (len(packed) % 2),
        )
    )

    assert (stored.pixel_array == bits).all()


def test_it_inflates() -> None:
    _, stored = taken(file_bytes(make_dataset(), DeflatedExplicitVRLittleEndian))

    assert stored.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_it_refuses_frames_that_cannot_be_decoded() -> None:
    frame = jpeg2000(SIDE, SIDE)  # a header and an end

    with pytest.raises(Refused, match="frame 1 cannot be decoded") as caught:
        prepare(frame_file(frame, JPEG2000Lossless, 16), SOURCE_HASH, POLICY)

    assert caught.value.code == "undecodable"


def frame_file(frame: bytes, transfer_syntax_uid: str, bits: int) -> bytes:
    return make_compressed(
        [frame],
        transfer_syntax_uid,
        Rows=SIDE,
        Columns=SIDE,
        BitsAllocated=16,
        BitsStored=bits,
        HighBit=bits - 1,
    )
