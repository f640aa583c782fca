"""Headers that do not say what is there."""

from struct import pack

import numpy as np
from pydicom.uid import (
    MPEG2MPML,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    RLELossless,
)

from tests.factories.archive import make_compressed, make_dataset, make_file
from tests.factories.hostile.bombs import jpeg, jpeg2000, rle, runs
from tests.factories.hostile.case import (
    ITEM_END,
    SEQUENCE_END,
    TAKEN,
    UNDEFINED,
    Case,
    case,
    element,
    item,
    pixels_of,
    with_front,
    with_pixels,
)


def fragments(*values: bytes, end: bytes = SEQUENCE_END, table: bytes = b"") -> bytes:
    """One RLE image of 12 x 10 pixels, its pixel data put together by hand."""
    whole = make_compressed([rle([runs(120)])], RLELossless)
    value = item(table) + b"".join(values) + end
    return whole[: pixels_of(whole)] + element(0x7FE00010, "OB", value, UNDEFINED)


def one_frame_of_two() -> bytes:
    whole = make_compressed([SOUND, SOUND], RLELossless)
    return whole[: pixels_of(whole)] + element(
        0x7FE00010, "OB", item(b"") + item(SOUND) + SEQUENCE_END, UNDEFINED
    )


def syntax(name: bytes) -> bytes:
    return make_file().replace(b"1.2.840.10008.1.2.1\0", name.ljust(20, b"\0"))


def palette(**elements: object) -> bytes:
    table = pack("<4H", 0, 1, 2, 3)
    colours = {f"{c}PaletteColorLookupTableData": table for c in ("Red", "Green", "Blue")}
    sizes = {f"{c}PaletteColorLookupTableDescriptor": [4, 0, 16] for c in ("Red", "Green", "Blue")}
    return make_file(
        np.zeros((12, 10), np.uint8),
        PhotometricInterpretation="PALETTE COLOR",
        **(colours | sizes | elements),
    )


SOUND = rle([runs(120)])

LIES: list[Case] = [
    case("pixels of 0xFFFFFFFE bytes", lambda: with_pixels(bytes(240), 0xFFFFFFFE), "cut_off"),
    case("pixels of undefined length, uncompressed", lambda: with_pixels(bytes(240), UNDEFINED), "contradiction"),
    case("pixels without end", lambda: fragments(item(SOUND), end=b""), "cut_off"),
    case("no pixels", lambda: with_pixels(b""), "no_pixels"),
    case("a byte too few", lambda: with_pixels(bytes(239)), "contradiction"),
    case("an announced byte too few", lambda: with_pixels(bytes(240), 239), "contradiction"),
    case("two frames where one is said", lambda: with_pixels(bytes(480)), TAKEN, "contradiction"),
    case("three frames where one is said", lambda: with_pixels(bytes(720)), "contradiction"),
    case("half of a frame too much", lambda: with_pixels(bytes(360)), TAKEN),
    case("pixels of unknown VR", lambda: with_pixels(bytes(240), vr="UN"), TAKEN),
    case("floating-point pixels", lambda: with_pixels(b"").replace(pack("<HH", 0x7FE0, 0x0010), pack("<HH", 0x7FE0, 0x0008)), "float_pixels"),
    case("a fragment beyond the file", lambda: fragments(item(SOUND, 1 << 30)), "cut_off"),
    case("a fragment of undefined length", lambda: fragments(item(SOUND, UNDEFINED)), "damaged"),
    case("an item's end among fragments", lambda: fragments(item(SOUND), ITEM_END), "damaged"),
    case("empty fragments", lambda: fragments(item(b""), item(b"")), "no_pixels"),
    case("no fragments", lambda: fragments(), "no_pixels"),
    case("an offset table that lies", lambda: fragments(item(SOUND), table=pack("<L", 0x7FFFFFF0)), TAKEN),
    case("an offset table of four thousand frames", lambda: fragments(item(SOUND), table=pack("<4000L", *range(4000))), TAKEN),
    case("two frames in one fragment", one_frame_of_two, "contradiction"),
    case("rle of no segments", lambda: make_compressed([bytes(64)], RLELossless), "damaged"),
    case("rle of 4 billion segments", lambda: make_compressed([b"\xff" * 64], RLELossless), "damaged"),
    case("rle segments in a circle", lambda: make_compressed([rle([runs(120)] * 2, [64, 64])], RLELossless, BitsAllocated=16), "damaged"),
    case("rle segment beyond the frame", lambda: make_compressed([rle([runs(120)], [1 << 30])], RLELossless), "damaged"),
    case("rle segment in its own header", lambda: make_compressed([rle([runs(120)], [4])], RLELossless), "damaged"),
    case("rle cut in a run", lambda: make_compressed([rle([runs(120)[:-1]])], RLELossless), "undecodable", TAKEN),
    case("jpeg as jpeg 2000", lambda: make_compressed([jpeg(12, 10)], JPEG2000Lossless), "undecodable"),
    case("jpeg 2000 as jpeg", lambda: make_compressed([jpeg2000(12, 10)], JPEGBaseline8Bit), "undecodable"),
    case("uncompressed as jpeg", lambda: make_compressed([bytes(120)], JPEGBaseline8Bit), "damaged"),
    case("12 bits in a jpeg of 8", lambda: make_compressed([jpeg(12, 10, bits=12)], JPEGBaseline8Bit), "contradiction"),
    case("video", lambda: make_compressed([bytes(64)], MPEG2MPML), "unsupported_transfer_syntax"),
    case("unknown transfer syntax", lambda: syntax(b"1.2.3.4"), "unknown_transfer_syntax"),
    case("transfer syntax that is a UID of something else", lambda: syntax(b"1.2.840.10008.1.1"), "unknown_transfer_syntax"),
    case("no transfer syntax", lambda: syntax(b""), "no_transfer_syntax"),
    case("uncompressed pixels named jpeg", lambda: syntax(b"1.2.840.10008.1.2.4.50").replace(b"UI\x14\0" + b"1.2.840.10008.1.2.4.", b"UI\x16\0" + b"1.2.840.10008.1.2.4."), "contradiction", "cut_off", "damaged"),
    case("rows of zero", lambda: make_file(Rows=0), "bad_attribute"),
    case("rows in two numbers", lambda: make_file(Rows=[12, 13]), "bad_attribute"),
    case("rows as a word", lambda: with_front(b"").replace(pack("<HH2sHH", 0x28, 0x10, b"US", 2, 12), pack("<HH2sH2s", 0x28, 0x10, b"LO", 2, b"xy")), "bad_attribute"),
    case("rows of one byte", lambda: with_front(b"").replace(pack("<HH2sHH", 0x28, 0x10, b"US", 2, 12), pack("<HH2sHB", 0x28, 0x10, b"US", 1, 12)), "damaged", "bad_attribute", "missing_attribute"),
    case("rows twice", lambda: make_file().replace(pack("<HH2sHH", 0x28, 0x11, b"US", 2, 10), pack("<HH2sHH", 0x28, 0x10, b"US", 2, 9)), "missing_attribute"),
    case("frames: -1", lambda: make_file(NumberOfFrames=-1), "bad_attribute"),
    case("frames: 1A", lambda: with_front(element(0x00280008, "IS", b"1A")), "bad_attribute"),
    case("frames: a hundred digits", lambda: with_front(element(0x00280008, "IS", b"9" * 100)), "bad_attribute"),
    case("more bits stored than allocated", lambda: make_file(BitsStored=17), "bad_attribute"),
    case("12 bits allocated", lambda: make_file(BitsAllocated=12, BitsStored=12), "bad_attribute"),
    case("pixel representation 7", lambda: make_file(PixelRepresentation=7), "bad_attribute"),
    case("three samples of grey", lambda: make_file(SamplesPerPixel=3, PlanarConfiguration=0), "contradiction"),
    case("two samples", lambda: make_file(SamplesPerPixel=2), "contradiction"),
    case("an unknown colour", lambda: make_file(PhotometricInterpretation="MAUVE"), "bad_attribute"),
    case("slope of words", lambda: with_front(element(0x00281053, "DS", b"one ")), "bad_attribute"),
    case("endless slope", lambda: with_front(element(0x00281053, "DS", b"1e999 ")), "bad_attribute"),
    case("palette that is not there", lambda: make_file(np.zeros((12, 10), np.uint8), PhotometricInterpretation="PALETTE COLOR"), "bad_attribute"),
    case("palette of 65,536 entries in 8 bytes", lambda: palette(RedPaletteColorLookupTableDescriptor=[0, 0, 16]), "bad_attribute"),
    case("palette", palette, TAKEN),
    case("no SOPInstanceUID", lambda: make_file(SOPInstanceUID=None), "missing_attribute"),
    case("a path as SOPInstanceUID", lambda: make_file(SOPInstanceUID="../../../etc/passwd"), "bad_attribute"),
    case("a UID of 200 digits", lambda: make_file(StudyInstanceUID="1." + "2" * 198), "bad_attribute"),
    case("no study", lambda: make_file(StudyInstanceUID=None), TAKEN),
    case("an unknown character set", lambda: with_front(element(0x00080005, "CS", b"ISO 9999 ")), TAKEN, "damaged"),
    case("a modality table that lies", lambda: make_file(ModalityLUTSequence=[make_dataset(LUTDescriptor=[65535, 0, 16], LUTData=b"\0\0")]), "bad_attribute", "damaged"),
]  # fmt: skip
