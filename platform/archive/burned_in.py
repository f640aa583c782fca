"""Which images may show a name in their pixels: by what their header says, before anybody looks at them.

Pure rules. An image is held for an admin, waits for the text detector (check_text.py), or is ready.
"""

from dataclasses import dataclass, field
from typing import Any

from pydicom.dataset import Dataset

from .image import Image
from .policy import Policy

READY, CHECKING, HELD = "ready", "checking", "held"

# made by a scanner from what it measured: text is no part of it
MEASURED_CLASSES = frozenset(
    {
        "1.2.840.10008.5.1.4.1.1.2",  # CT
        "1.2.840.10008.5.1.4.1.1.2.1",  # Enhanced CT
        "1.2.840.10008.5.1.4.1.1.2.2",  # Legacy Converted Enhanced CT
        "1.2.840.10008.5.1.4.1.1.4",  # MR
        "1.2.840.10008.5.1.4.1.1.4.1",  # Enhanced MR
        "1.2.840.10008.5.1.4.1.1.4.4",  # Legacy Converted Enhanced MR
        "1.2.840.10008.5.1.4.1.1.20",  # NM
        "1.2.840.10008.5.1.4.1.1.128",  # PET
        "1.2.840.10008.5.1.4.1.1.130",  # Enhanced PET
        "1.2.840.10008.5.1.4.1.1.128.1",  # Legacy Converted Enhanced PET
        "1.2.840.10008.5.1.4.1.1.66.4",  # Segmentation
        "1.2.840.10008.5.1.4.1.1.66.7",  # Label Map Segmentation
        "1.2.840.10008.5.1.4.1.1.481.2",  # RT Dose
        "1.2.840.10008.5.1.4.1.1.30",  # Parametric Map
    }
)
# pictures of a screen or a sheet of paper are made of text (values of ImageType)
SCREENS = (
    "SCREEN SAVE",
    "SCREEN",
    "SCREENSHOT",
    "DOSE_INFO",
    "DOSE REPORT",
    "REPORT",
    "PROTOCOL",
    "PATIENTPROTOCOL",
)
# their film scanners photograph whatever is written on the film
DIGITIZERS = ("VIDAR", "HOWTEK", "LUMISYS", "ARRAY CORP")
# an image this small cannot show a name that could be read
LEGIBLE_ROWS, LEGIBLE_COLUMNS = 16, 32

SENTENCES = {
    "burned_in_annotation": "The file itself says that identifying text is burned into its pixels (BurnedInAnnotation YES).",
    "screen_capture": "It is a picture of a screen or a report, which mostly shows the patient's name.",
    "text_found": "Text was found in its pixels.",
    "seen_by_admin": "An admin saw something in it that names the patient.",
    "not_checked": "Its pixels could not be searched for text.",
}


@dataclass(frozen=True)
class Hold:
    state: str = READY
    reasons: list[dict[str, str]] = field(default_factory=list)


def reason(code: str) -> dict[str, str]:
    """As an instance's hold_reasons have it."""
    return {"code": code, "sentence": SENTENCES[code]}


def judge(header: Dataset, image: Image, policy: Policy | None = None) -> Hold:
    """By BurnedInAnnotation (0028,0301), modality, SOP class, ImageType and manufacturer; before de-identification.

    What is suspect by its header is held whatever the text detector finds: that only draws the boxes.
    """
    reasons = _by_header(header)
    if policy and not policy.check_text:
        return Hold(HELD if reasons else READY, reasons)
    if not reasons and _cannot_show(header, image):
        return Hold()
    return Hold(CHECKING, reasons)


def _by_header(header: Dataset) -> list[dict[str, str]]:
    if _text(header, "BurnedInAnnotation") == "YES":
        return [reason("burned_in_annotation")]
    return [reason("screen_capture")] if any(one in SCREENS for one in _kinds(header)[2:]) else []


def _kinds(header: Dataset) -> list[str]:
    return [str(one).strip().upper() for one in _values(header.get("ImageType"))]


def _cannot_show(header: Dataset, image: Image) -> bool:
    if image.rows < LEGIBLE_ROWS or image.columns < LEGIBLE_COLUMNS or image.bits_allocated == 1:
        return True
    maker = _text(header, "Manufacturer")
    if any(maker.startswith(name) for name in DIGITIZERS) or "ConversionType" in header:
        return False
    if str(header.get("SOPClassUID", "")) not in MEASURED_CLASSES:
        return False
    # what was computed later may carry the text of whoever computed it
    kinds = _kinds(header)
    original = not kinds or kinds[0] in ("ORIGINAL", "MIXED")
    return original and image.samples_per_pixel == 1


def _text(header: Dataset, keyword: str) -> str:
    return str(header.get(keyword) or "").strip().upper()


def _values(value: Any) -> list[Any]:
    if value is None:
        return []
    return [value] if isinstance(value, str) else list(value)
