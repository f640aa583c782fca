"""What is refused, each with a sentence that says what is wrong and what to do."""

import re
import struct
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    MPEG2MPML,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from archive import limits
from archive.inspect import inspect
from archive.refused import CODES, Refused
from tests.factories.archive import file_bytes, make_compressed, make_dataset, make_file


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as caught:
        inspect(data)
    text = str(caught.value)
    assert caught.value.code in CODES
    assert text[0].islower(), "it goes on from the file's name"
    assert text.endswith("."), "it is a sentence"
    return text


END = b"\xff\xd9"


def jpeg_header(rows: int, columns: int) -> bytes:
    """The start of a JPEG, SOI and SOF0, and its end."""
    return (
        b"\xff\xd8\xff\xc0" + struct.pack(">HBHHB", 11, 8, rows, columns, 1) + b"\x01\x11\x00" + END
    )


def jpeg2000_header(rows: int, columns: int) -> bytes:
    """What a JPEG 2000 codestream says of itself: SOC and SIZ, one tile, one component of 8 bits, and its end."""
    sizes = (columns, rows, 0, 0, columns, rows, 0, 0)
    return b"\xff\x4f\xff\x51" + struct.pack(">HH8LHBBB", 41, 0, *sizes, 1, 7, 1, 1) + END


def nested(depth: int) -> Dataset:
    inner = Dataset()
    inner.CodeValue = "x"
    for _ in range(depth):
        outer = Dataset()
        outer.ConceptNameCodeSequence = Sequence([inner])
        inner = outer
    return inner


def test_it_reads_an_image() -> None:
    data = make_file()

    inspected = inspect(data)

    assert (inspected.image.rows, inspected.image.columns, inspected.image.bits_stored) == (
        12,
        10,
        16,
    )
    assert inspected.frames == [[[0, 240]]]
    assert bytes(inspected.pixels) == data[-240:]


def rescaled(slope: str = "2", intercept: str = "-1024") -> Dataset:
    """The functional groups of a frame whose values mean something else (PS3.3 C.7.6.16.2.9)."""
    values, groups = Dataset(), Dataset()
    values.RescaleSlope, values.RescaleIntercept = slope, intercept
    groups.PixelValueTransformationSequence = Sequence([values])
    return groups


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"hello", "is neither DICOM, PNG nor JPEG"),
        (bytes(128) + b"DICM", "does not name its transfer syntax"),
        (file_bytes(make_dataset(), "1.2.840.10008.1.2.1.99")[:-40], "is cut off inside its deflated data"),
        (make_file(Rows=None), "lacks Rows"),
        (make_file(Rows=0), "has Rows 0; 1 to 65535 is possible"),
        (make_file(BitsAllocated=12, BitsStored=12), "has 12 bits allocated"),
        (make_file(BitsStored=None), "lacks BitsStored"),
        (make_file(PhotometricInterpretation="BEAUTIFUL"), "has an unknown PhotometricInterpretation"),
        (make_file(SamplesPerPixel=3, PlanarConfiguration=0), "contradicts itself: MONOCHROME2 has 1 samples"),
        (make_file(RescaleSlope="NaN"), "has a RescaleSlope that is no number"),
        (make_file(PerFrameFunctionalGroupsSequence=Sequence([rescaled(), rescaled("inf")])), "has a RescaleSlope that is no number"),
        (make_file(SharedFunctionalGroupsSequence=Sequence([rescaled("1", "NaN")])), "has a RescaleIntercept that is no number"),
        (make_file(PhotometricInterpretation=None), "lacks PhotometricInterpretation"),
        (make_file(Rows=13), "is cut off|contradicts itself: 13 rows"),
        (make_file(NumberOfFrames=30_000), "has NumberOfFrames 30000; 1 to 20000"),
        (make_file(Rows=65_535, Columns=65_535), "declares 8,191 MB of pixels"),
        (make_file(PixelData=b""), "has no pixels: its pixel data is empty"),
        (make_file(PixelData=None), r"holds no image \(Computed Radiography Image Storage, no pixel data\)"),
    ],
)  # fmt: skip
def test_it_refuses_what_cannot_be_an_image(data: bytes, says: str) -> None:
    assert re.match(says, refusal(data))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (make_compressed([b"x" * 20], MPEG2MPML), "is stored as MPEG2 Main Profile"),
        (
            make_file().replace(b"1.2.840.10008.1.2.1\0", b"1.2.3.4".ljust(20, b"\0")),
            "has an unknown transfer syntax",
        ),
        (make_compressed([b""], JPEGBaseline8Bit), "its pixel data is empty"),
        (
            make_compressed([jpeg_header(40_000, 40_000)], JPEGBaseline8Bit),
            "contradicts itself: frame 1 is 40000 x 40000 pixels",
        ),
        (
            make_compressed(
                [jpeg2000_header(12, 10), jpeg2000_header(40_000, 10)], JPEG2000Lossless
            ),
            "contradicts itself: frame 2 is 40000 x 10 pixels by its own header and 12 x 10 by DICOM's",
        ),
        (make_compressed([b"\xff\xd8\xff\xc0"], JPEGBaseline8Bit), "is damaged in frame 1"),
        (
            make_compressed([b"\xff\x4f\xff\x51" + bytes(4)], JPEG2000Lossless),
            "is damaged in frame 1",
        ),
        (make_compressed([b"not a JPEG"], JPEGBaseline8Bit), "is damaged in frame 1"),
    ],
)
def test_it_refuses_compressed_files_that_lie(data: bytes, says: str) -> None:
    assert says in refusal(data)


def test_it_takes_compressed_files_that_do_not() -> None:
    data = make_compressed([jpeg2000_header(12, 10)] * 3, JPEG2000Lossless)

    assert len(inspect(data).frames) == 3


def test_it_refuses_a_file_that_was_cut_anywhere() -> None:
    whole = make_file()

    for length in range(1, len(whole)):
        refusal(whole[:length])


def test_it_refuses_a_compressed_file_that_was_cut_in_its_pixels() -> None:
    whole = make_compressed([b"\x00" * 64], RLELossless)

    for length in range(len(whole) - 80, len(whole)):
        assert "pixel data" in refusal(whole[:length])


def test_it_refuses_an_announced_length_that_is_not_there() -> None:
    whole = make_file()
    at = whole.rindex(struct.pack("<HH", 0x7FE0, 0x0010)) + 8

    endless = whole[:at] + struct.pack("<L", 0xFFFFFFFE) + whole[at + 4 :]
    undefined = whole[:at] + struct.pack("<L", 0xFFFFFFFF) + whole[at + 4 :]

    assert "4,294,967,294 bytes of pixels are announced and 240 are there" in refusal(endless)
    assert "has compressed pixel data but names an uncompressed" in refusal(undefined)


@pytest.mark.parametrize("undefined_length", [False, True])
def test_it_refuses_sequences_in_sequences_without_end(undefined_length: bool) -> None:
    def deep(depth: int) -> bytes:
        ds = make_dataset()
        ds.ProcedureCodeSequence = Sequence([nested(depth)])
        for element in ds.iterall():
            element.is_undefined_length = undefined_length and element.VR == "SQ"
        return file_bytes(ds)

    assert inspect(deep(10))
    assert "deep" in refusal(deep(60))


def test_it_refuses_a_sequence_that_breaks_the_parser() -> None:
    opening = struct.pack("<HH2sxxL", 0x0008, 0x1032, b"SQ", 0xFFFFFFFF) + struct.pack(
        "<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF
    )
    whole = make_file()
    at = whole.index(struct.pack("<HH2s", 0x0008, 0x0016, b"UI"))

    assert "more than 16 deep" in refusal(whole[:at] + opening * 3_000 + whole[at:])


def test_it_refuses_a_dicomdir_without_reading_it() -> None:
    data = bytearray(make_file())
    class_uid = b"1.2.840.10008.5.1.4.1.1.1\x00"
    at = data.index(class_uid)
    data[at : at + len(class_uid)] = b"1.2.840.10008.1.3.10\x00\x00\x00\x00\x00\x00"

    assert "is a DICOMDIR, only an index" in refusal(bytes(data))


def test_it_refuses_files_that_are_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archive.transfer_syntax.MAX_FILE_BYTES", 1 << 20)

    assert limits.MAX_FILE_BYTES == 1 << 30
    assert "is larger than 1 MB" in refusal(bytes(1 << 20) + make_file())


def test_it_drops_what_stands_behind_the_last_frame() -> None:
    ds = make_dataset()
    ds.PixelData += b"secret  " * 2

    assert b"secret" not in bytes(inspect(file_bytes(ds)).pixels)


@pytest.mark.parametrize("seed", range(8))
def test_it_refuses_or_takes_mutants_but_never_fails(seed: int) -> None:
    """Random bytes of a whole and of a compressed file are changed; anything but Refused fails the test."""
    rng = np.random.default_rng(seed)
    originals: list[Callable[[], bytes]] = [
        make_file,
        lambda: make_compressed([jpeg_header(12, 10) + bytes(40)] * 2, JPEGBaseline8Bit),
    ]
    for make in originals:
        data = make()
        for _ in range(150):
            mutant = bytearray(data)
            for _ in range(int(rng.integers(1, 6))):
                mutant[int(rng.integers(132, len(data)))] = int(rng.integers(0, 256))
            with suppress(Refused):
                inspect(bytes(mutant))
