"""What a stored transfer syntax is called on the wire (PS3.18 8.7.3)."""

from pydicom.uid import (
    HTJ2K,
    JPEG2000,
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

# media types of single frames, beside application/octet-stream: tables 8.7.3-2 and 8.7.3-5
IMAGE_TYPES: dict[str, tuple[str, ...]] = {
    RLELossless: ("image/dicom-rle", "image/x-dicom-rle"),
    JPEGBaseline8Bit: ("image/jpeg",),
    JPEGExtended12Bit: ("image/jpeg",),
    JPEGLossless: ("image/jpeg",),
    JPEGLosslessSV1: ("image/jpeg",),
    JPEGLSLossless: ("image/jls", "image/x-jls"),
    JPEGLSNearLossless: ("image/jls", "image/x-jls"),
    JPEG2000Lossless: ("image/jp2",),
    JPEG2000: ("image/jp2",),
    HTJ2KLossless: ("image/jphc",),
    HTJ2KLosslessRPCL: ("image/jphc",),
    HTJ2K: ("image/jphc",),
}
# a client that names no transfer syntax gets these as they came, all else uncompressed
LOSSY = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit, JPEGLSNearLossless, JPEG2000, HTJ2K})


def served(stored: str) -> str:
    """WADO-RS never speaks implicit VR; of bare pixels the bytes are the same."""
    return str(ExplicitVRLittleEndian) if stored == ImplicitVRLittleEndian else stored
