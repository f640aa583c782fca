"""A header as the DICOM JSON model (PS3.18 F), fit to be stored in PostgreSQL and given to any viewer."""

from math import isfinite
from typing import Any

from pydicom.dataset import Dataset

# bulk data stays in the file; a palette is small and no viewer can do without it
BULK = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
KEPT = frozenset(range(0x00281201, 0x00281204)) | frozenset(range(0x00281221, 0x00281224))
MAX_INLINE_BYTES = 1 << 18


def dicom_json(header: Dataset, path: str = "") -> dict[str, Any]:
    """Elements that cannot be put into words (damaged values) are left out; they stay in the file.

    Of bulk data stands where it is: its BulkDataURI is the path within the instance, by tags and, in sequences, item
    numbers from 1 ("00283010/1/00283006"); dicomweb/metadata.py makes an address of it.
    """
    tags = (
        header.keys()
    )  # going through the dataset itself would read every value, damaged ones too
    return {f"{tag:08X}": value for tag in tags if (value := _element(header, tag, path))}


def _element(dataset: Dataset, tag: Any, path: str) -> dict[str, Any] | None:
    try:
        element = dataset[tag]
        here = f"{path}{tag:08X}"
        if element.VR == "SQ":
            items = enumerate(element.value, start=1)
            return {
                "vr": "SQ",
                "Value": [dicom_json(item, f"{here}/{number}/") for number, item in items],
            }
        if element.VR in BULK and (tag not in KEPT or len(element.value or b"") > MAX_INLINE_BYTES):
            return {"vr": element.VR, "BulkDataURI": here} if element.value else {"vr": element.VR}
        cleaned: dict[str, Any] = _clean(element.to_json_dict(None, MAX_INLINE_BYTES))
        return cleaned
    except Exception:  # a value that breaks its VR raises anything, and is not worth a refusal
        return None


def _clean(value: Any) -> Any:
    """What PostgreSQL's jsonb does not take goes: NUL characters, lone surrogates, NaN and infinities."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_clean(item) for item in value]
    return value
