"""The Image Pixel attributes (PS3.3 C.7.6.3) of a file, checked."""

from dataclasses import dataclass

from pydicom.dataset import Dataset

from .limits import MAX_FRAME_BYTES, MAX_FRAMES, MAX_TOTAL_BYTES
from .refused import Refused


@dataclass(frozen=True)
class Image:
    rows: int
    columns: int
    number_of_frames: int
    samples_per_pixel: int
    bits_allocated: int
    bits_stored: int
    photometric_interpretation: str

    @property
    def bits_per_frame(self) -> int:
        bits = self.rows * self.columns * self.samples_per_pixel * self.bits_allocated
        # two pixels share their colour samples
        return bits // 3 * 2 if self.photometric_interpretation == "YBR_FULL_422" else bits


def read_image(header: Dataset) -> Image:
    """Raises Refused when an attribute is missing, senseless or asks for too much."""
    allocated = _number(header, "BitsAllocated", 1, 64)
    image = Image(
        rows=_number(header, "Rows", 1, 65_535),
        columns=_number(header, "Columns", 1, 65_535),
        number_of_frames=_number(header, "NumberOfFrames", 1, MAX_FRAMES, default=1),
        samples_per_pixel=_number(header, "SamplesPerPixel", 1, 4, default=1),
        bits_allocated=allocated,
        bits_stored=_number(header, "BitsStored", 1, allocated, default=allocated),
        photometric_interpretation=str(header.get("PhotometricInterpretation") or "").strip()[:16],
    )
    if not image.photometric_interpretation:
        raise Refused(
            "lacks PhotometricInterpretation, so its pixels have no meaning; export it again."
        )
    if image.bits_allocated not in (1, 8, 16, 32, 64):
        raise Refused(
            f"has {image.bits_allocated} bits allocated, which DICOM does not know; export it again."
        )
    frame = image.bits_per_frame // 8
    if frame > MAX_FRAME_BYTES or frame * image.number_of_frames > MAX_TOTAL_BYTES:
        raise Refused(
            f"declares {frame * image.number_of_frames >> 20:,} MB of pixels, more than is taken; split it."
        )
    return image


def _number(
    header: Dataset, keyword: str, least: int, most: int, default: int | None = None
) -> int:
    value = header.get(keyword)
    if value in (None, ""):
        if default is None:
            raise Refused(f"lacks {keyword}, so its pixels cannot be laid out; export it again.")
        return default
    try:
        number = int(value)
    except (TypeError, ValueError):
        raise Refused(
            f"has {keyword} {str(value)[:20]!r}, which is no number; export it again."
        ) from None
    if not least <= number <= most:
        raise Refused(f"has {keyword} {number}; {least} to {most} is possible. Export it again.")
    return number
