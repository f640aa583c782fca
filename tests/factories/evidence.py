"""Images as the case rule sees them, without a database."""

from typing import Any

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from annotation.evidence.image import TAGS, Image
from archive.metadata import dicom_json


def make_seen(
    name_side: str = "", markers: str = "", frames: list[str] | None = None, **elements: Any
) -> Image:
    """An image with these attributes, by keyword."""
    header = Dataset()
    for keyword, value in elements.items():
        setattr(header, keyword, value)
    attributes = {tag: value for tag, value in dicom_json(header).items() if tag in TAGS}
    return Image(1, "1.2", 1, 1, "1.3", 1, 1, name_side, markers, attributes, frames or [], [])


def coded(value: str, scheme: str, **more: Any) -> Sequence:
    """A code sequence of one item."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, "as coded"
    for keyword, content in more.items():
        setattr(item, keyword, content)
    return Sequence([item])
