"""Which transfer syntax a file names, found out before anything of it is inflated or decoded."""

from dataclasses import dataclass
from struct import unpack_from

from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from .limits import MAX_FILE_BYTES
from .refused import Refused
from .survey import LONG, PIXEL_DATA, SHORT, UNDEFINED

PROOF = 6  # elements that look right, one behind the other, make a file DICOM
DICOMDIR = "1.2.840.10008.1.3.10"

TAKEN = frozenset(
    {
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
        RLELossless,
        JPEGBaseline8Bit,
        JPEGExtended12Bit,
        JPEGLossless,
        JPEGLosslessSV1,
        JPEGLSLossless,
        JPEGLSNearLossless,
        JPEG2000Lossless,
        JPEG2000,
        HTJ2KLossless,
        HTJ2KLosslessRPCL,
        HTJ2K,
    }
)


@dataclass(frozen=True)
class Opening:
    """How a file starts."""

    transfer_syntax: UID
    start: int  # of the dataset, in bytes


def open_file(data: bytes) -> Opening:
    """The transfer syntax named in the file's meta group; read by hand, before anything is inflated.

    A file without that group (ACR-NEMA, exports of the nineties) is taken for what its first elements prove.
    """
    if not data:
        raise Refused("is empty; send it again.", code="empty")
    if len(data) > MAX_FILE_BYTES:
        raise Refused(
            f"is larger than {MAX_FILE_BYTES >> 20:,} MB; split it into several files.",
            code="too_large",
        )
    start = _meta_start(data)
    if start is None:
        return _bare(data)
    values, end = read_meta(data, start)
    if values.get(0x0002) == DICOMDIR:
        raise Refused(
            "is a DICOMDIR, only an index; the images that it lists are taken by themselves.",
            code="dicomdir",
            tag=0x00020002,
        )
    return Opening(_checked(UID(values.get(0x0010, ""))), end)


def _checked(syntax: UID) -> UID:
    if not syntax:
        raise Refused(
            "does not name its transfer syntax; export it again as DICOM.",
            code="no_transfer_syntax",
            tag=0x00020010,
        )
    if not syntax.is_transfer_syntax or syntax.is_private:
        raise Refused(
            "has an unknown transfer syntax; export it as Explicit VR Little Endian.",
            code="unknown_transfer_syntax",
            tag=0x00020010,
        )
    if syntax not in TAKEN or not _decodable(syntax):
        raise Refused(
            f"is stored as {syntax.name}, which is not taken; export it uncompressed.",
            code="unsupported_transfer_syntax",
            tag=0x00020010,
        )
    return syntax


def _decodable(syntax: UID) -> bool:
    """What no decoder at hand can read is refused now, rather than failing in the middle of a training."""
    return not syntax.is_compressed or get_decoder(syntax).is_available


def _meta_start(data: bytes) -> int | None:
    """Where the meta group starts; None when there is none."""
    if data[128:132] == b"DICM":
        return 132
    at = 4 if data[:4] == b"DICM" else 0
    return at if data[at : at + 4] in (b"\2\0\0\0", b"\2\0\1\0", b"\2\0\2\0") else None


def read_meta(data: bytes, at: int) -> tuple[dict[int, str], int]:
    """The UIDs of group 0002 by element (PS3.10 7.1: always Explicit VR Little Endian), and where it ends.

    Raises Refused where it is cut off.
    """
    values: dict[int, str] = {}
    while at + 8 <= len(data):
        group, element, vr, length = unpack_from("<HH2sH", data, at)
        if group != 0x0002:
            break
        value = at + 8
        if vr in LONG:
            if at + 12 > len(data):
                break
            (length,) = unpack_from("<L", data, value)
            value += 4
        if length > len(data) - value:
            raise Refused(
                "is cut off in its first group; send the whole file again.",
                code="cut_off",
                tag=group << 16 | element,
                offset=at,
            )
        if vr == b"UI":
            values[element] = data[value : value + length].decode("ascii", "replace").rstrip("\0 ")
        at = value + length
    return values, at


def _bare(data: bytes) -> Opening:
    for syntax in (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian):
        if _proves(data, syntax):
            return Opening(syntax, 0)
    raise Refused("is neither DICOM, PNG nor JPEG; export it as DICOM.", code="not_dicom")


def _proves(data: bytes, syntax: UID) -> bool:
    """Whether the first elements are those of an image: in order, from group 0008, of lengths that are there."""
    order = "<" if syntax.is_little_endian else ">"
    at, last, seen = 0, 0x00080000 - 1, 0
    while seen < PROOF and at + 12 <= len(data):
        group, element, vr, short = unpack_from(order + "HH2sH", data, at)
        (length,) = unpack_from(order + "L", data, at + 4)
        value = at + 8
        if not syntax.is_implicit_VR:
            if vr not in SHORT and vr not in LONG:
                return False
            length = short
            if vr in LONG:
                (length,) = unpack_from(order + "L", data, value)
                value += 4
        tag = group << 16 | element
        if tag <= last or group > 0x7FE0 or (seen == 0 and group != 0x0008):
            return False
        if length == UNDEFINED or tag == PIXEL_DATA:  # a sequence: so far all was as it should be
            return seen >= PROOF // 2
        if length > len(data) - value:
            return False
        last, at, seen = tag, value + length, seen + 1
    return seen >= PROOF
