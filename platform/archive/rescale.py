"""The modality LUT's slope and intercept of a frame, from the DICOM JSON of an instance."""

from typing import Any

SLOPE, INTERCEPT = "00281053", "00281052"
SHARED_GROUPS, FRAME_GROUPS, TRANSFORMATION = "52009229", "52009230", "00289145"


def rescale(metadata: dict[str, Any], frame: int) -> tuple[float, float]:
    """(slope, intercept): an enhanced image has them by frame (PS3.3 C.7.6.16.2.9), others at the top."""
    for groups, index in ((FRAME_GROUPS, frame), (SHARED_GROUPS, 0)):
        items = metadata.get(groups, {}).get("Value") or []
        if index < len(items):
            found = (items[index].get(TRANSFORMATION, {}).get("Value") or [{}])[0]
            if SLOPE in found:
                return _number(found, SLOPE, 1.0), _number(found, INTERCEPT, 0.0)
    return _number(metadata, SLOPE, 1.0), _number(metadata, INTERCEPT, 0.0)


def _number(metadata: dict[str, Any], tag: str, default: float) -> float:
    values = metadata.get(tag, {}).get("Value") or [default]
    return float(values[0]) if values[0] is not None else default
