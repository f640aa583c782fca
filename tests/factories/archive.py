"""Files as they come from outside, and the rows that they become."""

from typing import Any

from archive.ingest import ingest_bytes
from archive.models import Instance
from tests.factories.dicom import (
    file_bytes,
    make_compressed,
    make_dataset,
    make_file,
    make_picture,
)

__all__ = [
    "file_bytes",
    "make_compressed",
    "make_dataset",
    "make_file",
    "make_instance",
    "make_picture",
]


def make_instance(pixels: Any = None, **elements: Any) -> Instance:
    """An image that came in by the front door."""
    item = ingest_bytes("sample.dcm", make_file(pixels, **elements))
    assert item.outcome == "taken", item.reason
    return Instance.objects.select_related("series__study__patient").get(
        sop_instance_uid=item.sop_instance_uid
    )
