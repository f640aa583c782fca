"""What an image says of one of its frames, from its DICOM JSON: enhanced ones by functional groups (PS3.3 C.7.6.16)."""

from typing import Any

SHARED_GROUPS, FRAME_GROUPS = "52009229", "52009230"


def of_frame(metadata: dict[str, Any], frame: int, macro: str, wanted: str) -> dict[str, Any]:
    """The attributes among which `wanted` stands: an item of the macro's sequence, else those at the top."""
    for groups, index in ((FRAME_GROUPS, frame), (SHARED_GROUPS, 0)):
        items = metadata.get(groups, {}).get("Value") or []
        if index < len(items):
            found: dict[str, Any] = (items[index].get(macro, {}).get("Value") or [{}])[0]
            if wanted in found:
                return found
    return metadata


def number(attributes: dict[str, Any], tag: str, default: float) -> float:
    """The first value of an attribute that holds numbers."""
    values = attributes.get(tag, {}).get("Value") or [default]
    return float(values[0]) if values[0] is not None else default
