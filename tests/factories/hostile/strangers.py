"""Files that are something else as well, files cut anywhere, and VRs that do not fit."""

import gzip
import zipfile
from collections.abc import Callable
from io import BytesIO

import numpy as np
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from tests.factories.archive import file_bytes, make_compressed, make_dataset, make_file
from tests.factories.hostile.bombs import meta_end
from tests.factories.hostile.case import TAKEN, Case, case, element, start_of, with_front
from tests.factories.hostile.lies import SOUND


def zipped() -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("image.dcm", make_file())
    return buffer.getvalue()


def with_preamble(preamble: bytes) -> bytes:
    return preamble.ljust(128, b"\0")[:128] + make_file()[128:]


def bare(transfer_syntax_uid: str, *, meta: bool = False) -> bytes:
    """Without preamble, and without a meta group unless `meta`."""
    whole = file_bytes(make_dataset(), transfer_syntax_uid)
    return whole[132:] if meta else whole[meta_end(whole) :]


def relabelled(vr: bytes) -> bytes:
    """All short text VRs of the header changed to another."""
    whole = make_file()
    head = whole[start_of(whole) :]
    for old in (b"UI", b"CS", b"LO", b"PN", b"DA", b"IS"):
        head = head.replace(old + b"\x02\0", vr + b"\x02\0").replace(
            old + b"\x04\0", vr + b"\x04\0"
        )
    return whole[: start_of(whole)] + head


def body_of(transfer_syntax_uid: str, named: str) -> bytes:
    """The elements of one transfer syntax under the name of another."""
    other, whole = (
        file_bytes(make_dataset(), named),
        file_bytes(make_dataset(), transfer_syntax_uid),
    )
    return other[: meta_end(other)] + whole[meta_end(whole) :]


def cut(make: Callable[[], bytes], share: float) -> Callable[[], bytes]:
    def half() -> bytes:
        whole = make()
        return whole[: int(len(whole) * share)]

    return half


def deflated_image() -> bytes:
    return file_bytes(make_dataset(), DeflatedExplicitVRLittleEndian)


CUT_CODES = ("cut_off", "no_image", "not_dicom", "no_transfer_syntax", "damaged", "missing_attribute", "no_pixels")  # fmt: skip
WHOLE: dict[str, Callable[[], bytes]] = {
    "uncompressed": lambda: make_file(np.zeros((64, 64), np.uint16)),
    "rle": lambda: make_compressed([SOUND] * 40, RLELossless),
    "deflated": deflated_image,
    "implicit": lambda: file_bytes(make_dataset(np.zeros((64, 64), np.uint16)), ImplicitVRLittleEndian),
}  # fmt: skip
CUTS = [
    case(f"{name}, cut at {share:.0%}", cut(make, share), *CUT_CODES)
    for name, make in WHOLE.items()
    for share in (0.02, 0.1, 0.3, 0.6, 0.9, 0.99)
]

STRANGERS: list[Case] = [
    *CUTS,
    case("nothing", lambda: b"", "empty"),
    case("four letters", lambda: bytes(128) + b"DICM", "no_transfer_syntax"),
    case("zeros", lambda: bytes(1 << 20), "not_dicom"),
    case("ones", lambda: b"\xff" * (1 << 20), "not_dicom"),
    case("noise", lambda: np.random.default_rng(1).bytes(1 << 20), "not_dicom"),
    case("text", lambda: b"Dear colleague,\n" * 1_000, "not_dicom"),
    case("xml with an entity of a file", lambda: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>', "not_dicom"),
    case("zip", zipped, "not_dicom"),
    case("gzip", lambda: gzip.compress(make_file()), "not_dicom"),
    case("windows program", lambda: with_preamble(b"MZ" + b"\x90" * 60), TAKEN),
    case("linux program", lambda: with_preamble(b"\x7fELF\x02\x01\x01"), TAKEN),
    case("web page", lambda: with_preamble(b"<script>alert(1)</script><!--"), TAKEN),
    case("tiff", lambda: with_preamble(b"II*\0\x08\0\0\0"), TAKEN),
    case("zip behind the pixels", lambda: make_file() + zipped(), TAKEN),
    case("pdf behind the pixels", lambda: make_file() + b"%PDF-1.7\n", TAKEN),
    case("second image behind the first", lambda: make_file() + make_file(), TAKEN),
    case("elements behind the pixels", lambda: make_file() + element(0xFFFCFFFC, "OB", b"Smith^John"), TAKEN),
    case("old export", lambda: bare(ImplicitVRLittleEndian), TAKEN),
    case("old export with VRs", lambda: bare("1.2.840.10008.1.2.1"), TAKEN),
    case("old export, big endian", lambda: bare(ExplicitVRBigEndian), TAKEN),
    case("meta group without preamble", lambda: bare("1.2.840.10008.1.2.1", meta=True), TAKEN),
    case("old export, cut", lambda: bare(ImplicitVRLittleEndian)[:-100], "cut_off"),
    case("implicit named explicit", lambda: body_of(ImplicitVRLittleEndian, "1.2.840.10008.1.2.1"), TAKEN),
    case("explicit named implicit", lambda: body_of("1.2.840.10008.1.2.1", ImplicitVRLittleEndian), TAKEN),
    case("uncompressed named deflated", lambda: body_of("1.2.840.10008.1.2.1", DeflatedExplicitVRLittleEndian), "damaged", "cut_off"),
    case("deflated named explicit", lambda: body_of(DeflatedExplicitVRLittleEndian, "1.2.840.10008.1.2.1"), "damaged", "cut_off", "no_image"),
    case("big endian named little", lambda: body_of(ExplicitVRBigEndian, "1.2.840.10008.1.2.1"), "cut_off", "no_image", "damaged"),
    case("unknown VRs", lambda: relabelled(b"ZZ"), TAKEN, "damaged", "missing_attribute", "bad_attribute"),
    case("numbers for texts", lambda: relabelled(b"FD"), TAKEN, "damaged", "missing_attribute", "bad_attribute"),
    case("dates of nonsense", lambda: make_file(StudyDate="99999999", PatientBirthDate="yesterday"), TAKEN),
    case("sequence as a text", lambda: with_front(element(0x00081032, "LO", b"abcd")), TAKEN, "damaged"),
    case("text as a sequence", lambda: with_front(element(0x00080080, "SQ", b"Sample Hospital.")), "damaged"),
    case("sequence of bytes in an unknown VR", lambda: with_front(element(0x00081032, "UN", b"\x01\x02\x03\x04")), TAKEN, "damaged", "cut_off"),
]  # fmt: skip
