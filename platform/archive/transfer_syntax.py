"""Which transfer syntax a file names, found out before anything of it is inflated or decoded."""

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

DICOMDIR = "1.2.840.10008.1.3.10"

TAKEN = frozenset(
    {
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
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


def transfer_syntax_of(data: bytes) -> UID:
    """The transfer syntax named in the file's meta group; read by hand, before anything is inflated."""
    if not data:
        raise Refused("is empty; send it again.")
    if len(data) > MAX_FILE_BYTES:
        raise Refused(f"is larger than {MAX_FILE_BYTES >> 20:,} MB; split it into several files.")
    if data[128:132] != b"DICM":
        raise Refused("is neither DICOM, PNG nor JPEG; export it as DICOM.")
    values = _meta(data)
    if values.get(0x0002) == DICOMDIR:
        raise Refused(
            "is a DICOMDIR, only an index; the images that it lists are taken by themselves."
        )
    syntax = UID(values.get(0x0010, ""))
    if not syntax:
        raise Refused("does not name its transfer syntax; export it again as DICOM.")
    if syntax == DeflatedExplicitVRLittleEndian:
        raise Refused("is deflated, which is not taken; export it as Explicit VR Little Endian.")
    if not syntax.is_transfer_syntax or syntax.is_private:
        raise Refused(
            f"has the unknown transfer syntax {str(syntax)[:64]}; export it as Explicit VR Little Endian."
        )
    if syntax not in TAKEN or not _decodable(syntax):
        raise Refused(f"is stored as {syntax.name}, which is not taken; export it uncompressed.")
    return syntax


def _decodable(syntax: UID) -> bool:
    """What no decoder at hand can read is refused now, rather than failing in the middle of a training."""
    return not syntax.is_compressed or get_decoder(syntax).is_available


def _meta(data: bytes) -> dict[int, str]:
    """The text values of group 0002 by element (PS3.10 7.1: always Explicit VR Little Endian)."""
    values: dict[int, str] = {}
    at = 132
    while at + 8 <= len(data):
        group, element, vr, length = unpack_from("<HH2sH", data, at)
        if group != 0x0002:
            break
        at += 8
        if vr in (b"OB", b"OW", b"UN", b"SQ", b"UT"):
            (length,) = unpack_from("<L", data, at)
            at += 4
        if vr == b"UI":
            values[element] = data[at : at + length].decode("ascii", "replace").rstrip("\0 ")
        at += length
    return values
