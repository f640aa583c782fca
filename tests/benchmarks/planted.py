"""Files full of names that are none: each word planted in them is unlike any other, so that it is found again."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import count
from struct import pack

import imagecodecs
import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pydicom import config
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import (
    ComprehensiveSRStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGLSLossless,
)

from tests.factories.dicom import file_bytes, make_compressed, make_dataset

TEXT = {"LO", "SH", "LT", "ST", "UT", "UC", "UR", "PN", "AE", "CS"}
MOMENTS = {"DA": "", "DT": "101500"}
BYTES = {"OB", "OW", "UN", "OB or OW", "US or OW"}
ROOT = "1.2.826.0.1.3680043.77777"
# a file that says something odd of its pixels is refused, and shows nothing then
NEEDED = {"PhotometricInterpretation", "SOPClassUID", "TransferSyntaxUID"}
FOUND = re.compile(
    rb"QX[0-9]{6}Z|1\.2\.826\.0\.1\.3680043\.77777\.[0-9]+|(?<![0-9])191704[0-9]{2}(?![0-9])", re.I
)


@dataclass
class Plants:
    """The words that were handed out."""

    words: set[bytes] = field(default_factory=set)
    numbers: Iterator[int] = field(default_factory=lambda: count(100_000))

    def word(self) -> str:
        return self._keep(f"QX{next(self.numbers)}Z")

    def uid(self) -> str:
        return self._keep(f"{ROOT}.{next(self.numbers)}")

    def day(self) -> str:
        """Within a span that is shorter than the shortest shift: no moved date is another planted one."""
        return self._keep(f"191704{1 + next(self.numbers) % 20:02d}")

    def _keep(self, text: str) -> str:
        self.words.add(text.encode())
        return text


def found_in(data: bytes, plants: Plants) -> set[bytes]:
    return {one.upper() for one in FOUND.findall(data)} & plants.words


def files(plants: Plants) -> dict[str, bytes]:
    """Files by path; folders and names hold words too. Readable ones and some that must be refused."""
    config.settings.writing_validation_mode = config.IGNORE  # words in places that take none
    made = {kind: make(plants) for kind, make in MAKERS.items()}
    return {f"{plants.word()}/{plants.word()} {kind}.dcm": data for kind, data in made.items()}


def picture(plants: Plants) -> tuple[str, bytes, str]:
    """A PNG, and a line of the CSV that says whose it is."""
    told = PngInfo()
    told.add_text("Author", plants.word())
    told.add_itxt("Comment", plants.word())
    buffer = BytesIO()
    pixels = np.random.default_rng(5).integers(0, 255, (40, 40), np.uint8)
    Image.fromarray(pixels).save(buffer, "PNG", pnginfo=told)
    name = f"{plants.word()}.png"
    return name, buffer.getvalue(), f"{name},{plants.word()},R,KNEE"


def _filled(plants: Plants, top: bool = True) -> Dataset:
    """A word in each text element that DICOM knows, a UID in each UI, and what else can hold words."""
    ds = make_dataset() if top else Dataset()
    for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
        if not 0x0008 <= tag >> 16 < 0x7FE0 or keyword in NEEDED:
            continue
        if vr in TEXT:
            ds.add_new(Tag(tag), vr, plants.word())
        elif vr == "UI":
            ds.add_new(Tag(tag), vr, plants.uid())
        elif vr in MOMENTS:
            ds.add_new(Tag(tag), vr, plants.day() + MOMENTS[vr])
        elif vr in BYTES:
            ds.add_new(Tag(tag), vr.split(" ")[0] if vr != "US or OW" else "OW", _even(plants))
    for group in (0x0009, 0x0019, 0x0029, 0x0043, 0x7053):
        ds.add_new(Tag(group, 0x0010), "LO", plants.word())
        ds.add_new(Tag(group, 0x0011), "LO", "SIEMENS MR HEADER")
        for element, vr in ((0x1001, "LO"), (0x1002, "UT"), (0x110C, "LO"), (0x11F0, "PN")):
            ds.add_new(Tag(group, element), vr, plants.word())
        ds.add_new(Tag(group, 0x1003), "OB", _even(plants))
        ds.add_new(Tag(group, 0x1004), "SQ", Sequence([_item(plants)]))
    for number in range(3):
        ds.add_new(Tag(0x6000 + 2 * number, 0x3000), "OW", _even(plants))
        ds.add_new(Tag(0x6000 + 2 * number, 0x0022), "LO", plants.word())
        ds.add_new(Tag(0x5000 + 2 * number, 0x3000), "OW", _even(plants))
    return ds


def _even(plants: Plants) -> bytes:
    return plants.word().encode() + b"!"


def _item(plants: Plants) -> Dataset:
    item = Dataset()
    item.PatientName, item.PatientID, item.TextValue = plants.word(), plants.word(), plants.word()
    return item


def _deep(plants: Plants) -> Dataset:
    """The same inside sequences that are kept and such that are not, down to four levels."""
    ds = _filled(plants)
    for keyword in (
        *("ReferencedImageSequence", "SharedFunctionalGroupsSequence", "AnatomicRegionSequence"),
        *("OtherPatientIDsSequence", "ContentSequence", "RequestAttributesSequence"),
    ):
        inner = _filled(plants, top=False)
        for outer in (
            "DerivationImageSequence",
            "SourceImageSequence",
            "PurposeOfReferenceCodeSequence",
        ):
            around = _item(plants)
            setattr(around, outer, Sequence([inner]))
            inner = around
        setattr(ds, keyword, Sequence([_filled(plants, top=False), inner]))
    return ds


def _native(syntax: str) -> Callable[[Plants], bytes]:
    def make(plants: Plants) -> bytes:
        ds = _deep(plants)
        ds.add_new(0xFFFCFFFC, "OB", _even(plants))
        data = bytearray(file_bytes(ds, syntax))
        data[: len(b"QX000000Z")] = plants.word().encode()
        return bytes(data) + plants.word().encode()

    return make


def _meta(plants: Plants) -> bytes:
    ds = make_dataset(PatientName=plants.word(), PatientID=plants.word(), StudyDate=plants.day())
    data = file_bytes(ds)
    more = b"".join(
        pack("<HH2sH", 2, element, vr, 10) + plants.word().encode() + b" "
        for element, vr in ((0x0013, b"SH"), (0x0016, b"AE"), (0x0017, b"AE"))
    )
    length = int.from_bytes(data[140:144], "little")
    end = 144 + length
    return data[:140] + pack("<L", length + len(more)) + data[144:end] + more + data[end:]


def _segment(marker: int, content: str) -> bytes:
    return pack(">BBH", 0xFF, marker, len(content) + 2) + content.encode()


def _compressed(kind: str, syntax: str) -> Callable[[Plants], bytes]:
    pixels = (np.arange(120, dtype=np.uint8) * 2).reshape(12, 10)

    def make(plants: Plants) -> bytes:
        frame = bytes(getattr(imagecodecs, f"{kind}_encode")(pixels, **OPTIONS.get(kind, {})))
        if kind == "jpeg2k":
            at = 4 + int.from_bytes(frame[4:6])
            extra = pack(">HHH", 0xFF64, 13, 1) + plants.word().encode()
        else:
            at = 2
            markers = (0xFE, 0xE0, 0xE1, 0xE8, 0xED, 0xEE)
            extra = b"".join(_segment(marker, plants.word()) for marker in markers)
        frame = frame[:at] + extra + frame[at:] + plants.word().encode() + b"!"
        return make_compressed([frame], syntax, PatientName=plants.word(), PatientID=plants.word())

    return make


OPTIONS = {"jpeg2k": {"codecformat": "j2k", "reversible": True}}


def _held(plants: Plants) -> bytes:
    return file_bytes(
        make_dataset(BurnedInAnnotation="YES", PatientName=plants.word(), PatientID=plants.word())
    )


def _report(plants: Plants) -> bytes:
    ds = make_dataset(SOPClassUID=ComprehensiveSRStorage, PatientName=plants.word())
    del ds.PixelData
    ds.ContentSequence = Sequence([_item(plants), _item(plants)])
    return file_bytes(ds)


def _cut(plants: Plants) -> bytes:
    return file_bytes(make_dataset(PatientName=plants.word(), StudyInstanceUID=plants.uid()))[:-60]


def _lying(**elements: str) -> Callable[[Plants], bytes]:
    """Refused for a value that is itself a word."""

    def make(plants: Plants) -> bytes:
        ds = make_dataset(PatientName=plants.word())
        for keyword, vr in elements.items():
            ds.add_new(keyword, vr, plants.word())
        return file_bytes(ds)

    return make


def _strange_syntax(plants: Plants) -> bytes:
    return file_bytes(make_dataset(PatientName=plants.word())).replace(
        b"1.2.840.10008.1.2.1\0", plants.word().encode().ljust(20, b"\0")
    )


MAKERS: dict[str, Callable[[Plants], bytes]] = {
    "explicit": _native(ExplicitVRLittleEndian),
    "implicit": _native(ImplicitVRLittleEndian),
    "big endian": _native(ExplicitVRBigEndian),
    "meta": _meta,
    "jpeg": _compressed("jpeg8", JPEGBaseline8Bit),
    "jpeg ls": _compressed("jpegls", JPEGLSLossless),
    "jpeg 2000": _compressed("jpeg2k", JPEG2000Lossless),
    "held": _held,
    "report": _report,
    "cut": _cut,
    "no uid": _lying(SOPInstanceUID="UI"),
    "no rows": _lying(Rows="LO"),
    "no bits": _lying(BitsAllocated="LO"),
    "odd photometry": _lying(PhotometricInterpretation="CS"),
    "odd class": _lying(SOPClassUID="UI"),
    "strange syntax": _strange_syntax,
    "no dicom": lambda plants: plants.word().encode() * 40,
    "empty": lambda plants: b"",
}
