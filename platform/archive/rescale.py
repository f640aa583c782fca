"""The modality LUT's slope and intercept of a frame, from the DICOM JSON of an instance."""

from typing import Any

from .functional_groups import number, of_frame

SLOPE, INTERCEPT, TRANSFORMATION = "00281053", "00281052", "00289145"


def rescale(metadata: dict[str, Any], frame: int) -> tuple[float, float]:
    """(slope, intercept): an enhanced image has them by frame (PS3.3 C.7.6.16.2.9), others at the top."""
    found = of_frame(metadata, frame, TRANSFORMATION, SLOPE)
    return number(found, SLOPE, 1.0), number(found, INTERCEPT, 0.0)
