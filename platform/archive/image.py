"""The Image Pixel attributes (PS3.3 C.7.6.3) of a file, checked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as DicomSequence

from .limits import MAX_FRAME_BYTES, MAX_FRAMES, MAX_TOTAL_BYTES
from .refused import Refused

SAMPLES = {"MONOCHROME1": 1, "MONOCHROME2": 1, "PALETTE COLOR": 1} | dict.fromkeys(
    ("RGB", "YBR_FULL", "YBR_FULL_422", "YBR_PARTIAL_422", "YBR_PARTIAL_420", "YBR_ICT", "YBR_RCT"),
    3,
)


@dataclass(frozen=True)
class Image:
    rows: int
    columns: int
    number_of_frames: int
    samples_per_pixel: int
    bits_allocated: int
    bits_stored: int
    photometric_interpretation: str
    pixel_representation: int = 0  # 1: signed
    planar_configuration: int = 0

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
        samples_per_pixel=_number(header, "SamplesPerPixel", 1, 4),
        bits_allocated=allocated,
        bits_stored=_number(header, "BitsStored", 1, allocated),
        photometric_interpretation=str(header.get("PhotometricInterpretation") or "").strip(" \0"),
        pixel_representation=_number(header, "PixelRepresentation", 0, 1),
        # of colour alone; what others say there has no meaning
        planar_configuration=_number(header, "PlanarConfiguration", 0, 1)
        if header.get("SamplesPerPixel") == 3
        else 0,
    )
    _check_meaning(image)
    _check_rescale(header)
    frame = image.bits_per_frame // (1 if image.bits_allocated == 1 else 8)  # bits become bytes
    if frame > MAX_FRAME_BYTES or frame * image.number_of_frames > MAX_TOTAL_BYTES:
        raise Refused(
            f"declares {frame * image.number_of_frames >> 20:,} MB of pixels, more than is taken; split it.",
            code="too_many_pixels",
            tag=tag_for_keyword("Rows"),
        )
    return image


def _check_meaning(image: Image) -> None:
    samples = SAMPLES.get(image.photometric_interpretation)
    if samples is None:
        what = "has an unknown" if image.photometric_interpretation else "lacks"
        raise Refused(
            f"{what} PhotometricInterpretation, so its pixels have no meaning; export it again.",
            code="bad_attribute" if image.photometric_interpretation else "missing_attribute",
            tag=tag_for_keyword("PhotometricInterpretation"),
        )
    if samples != image.samples_per_pixel:
        raise Refused(
            f"contradicts itself: {image.photometric_interpretation} has {samples} samples a pixel,"
            f" but SamplesPerPixel is {image.samples_per_pixel}; export it again.",
            code="contradiction",
            tag=tag_for_keyword("SamplesPerPixel"),
        )
    if image.bits_allocated == 1 and image.samples_per_pixel != 1:
        raise Refused(
            "has colours of a single bit, which cannot be shown; export it with 8 bits a sample.",
            code="unsupported_pixels",
            tag=tag_for_keyword("BitsAllocated"),
        )
    if image.bits_allocated not in (1, 8, 16, 32, 64):
        raise Refused(
            f"has {image.bits_allocated} bits allocated, which DICOM does not know; export it again.",
            code="bad_attribute",
            tag=tag_for_keyword("BitsAllocated"),
        )


def _check_rescale(header: Dataset) -> None:
    """A slope that cannot be read would be taken for 1, and nobody would know."""
    for place in (header, *_transformations(header)):
        for keyword in ("RescaleSlope", "RescaleIntercept"):
            value = place.get(keyword)
            try:
                good = value in (None, "") or isfinite(float(value))
            except (TypeError, ValueError):
                good = False
            if not good:
                raise _no_number(keyword)


def _transformations(header: Dataset) -> Iterator[Dataset]:
    """Where an enhanced image says it by frame, or of all frames (PS3.3 C.7.6.16.2.9)."""
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for item in _items(header, groups):
            yield from _items(item, "PixelValueTransformationSequence")


def _items(dataset: Dataset, keyword: str) -> Sequence[Dataset]:
    value = dataset.get(keyword)
    return value if isinstance(value, DicomSequence) else ()


def _number(
    header: Dataset, keyword: str, least: int, most: int, default: int | None = None
) -> int:
    value = header.get(keyword)
    tag = tag_for_keyword(keyword)
    if value in (None, ""):
        if default is None:
            raise Refused(
                f"lacks {keyword}, so its pixels cannot be laid out; export it again.",
                code="missing_attribute",
                tag=tag,
            )
        return default
    try:
        number = int(value)
    except (TypeError, ValueError, OverflowError):
        raise _no_number(keyword) from None
    if not least <= number <= most:
        raise Refused(
            f"has {keyword} {number}; {least} to {most} is possible. Export it again.",
            code="bad_attribute",
            tag=tag,
        )
    return number


def _no_number(keyword: str) -> Refused:
    """The value itself is not repeated: in a damaged file it may be a piece of a name."""
    return Refused(
        f"has a {keyword} that is no number; export it again.",
        code="bad_attribute",
        tag=tag_for_keyword(keyword),
    )
