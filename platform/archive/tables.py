"""Look-up tables of a header: they are tried before the file is taken, as its pixels mean nothing without them."""

import numpy as np
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_color_lut, apply_modality_lut, apply_voi

from .image import Image
from .refused import Refused

PALETTE, MODALITY_LUT, VOI_LUT = 0x00281101, 0x00283000, 0x00283010


def check_tables(header: Dataset, image: Image) -> None:
    """Raises Refused when the palette, the modality LUT or the VOI LUT cannot be applied (PS3.3 C.7.9, C.11.1, C.11.2)."""
    span = min(1 << image.bits_stored, 1 << 16)
    lowest = -(span // 2) if image.pixel_representation else 0
    sample = np.array(
        [[lowest, lowest + span - 1]], np.int64
    )  # a table may begin below all of them
    try:
        if image.photometric_interpretation == "PALETTE COLOR":
            tag, kind = PALETTE, "palette"
            apply_color_lut(sample.astype(np.uint16), header)
        if header.get("ModalityLUTSequence"):
            tag, kind = MODALITY_LUT, "modality look-up table"
            sample = apply_modality_lut(sample, header).astype(np.int64)
        if header.get("VOILUTSequence"):
            tag, kind = VOI_LUT, "VOI look-up table"
            apply_voi(sample, header)
    except MemoryError:
        raise
    except Exception as exc:  # pydicom raises a dozen kinds
        raise Refused(
            f"has a {kind} that cannot be used, so its pixels have no meaning; export it again.",
            code="bad_attribute",
            tag=tag,
        ) from exc
