"""The VOI LUT of a file (PS3.3 C.11.2.1.1): what its maker would have seen of the measured values."""

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.pixels.processing import apply_voi

from . import store
from .models import Instance
from .pixels import LUT_DESCRIPTOR

VOI_LUT_SEQUENCE = "00283010"


def has_voi_lut(instance: Instance) -> bool:
    items = instance.metadata.get(VOI_LUT_SEQUENCE, {}).get("Value") or [{}]
    return LUT_DESCRIPTOR in items[0]


def by_voi_lut(instance: Instance, measured: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """`measured` (after the modality LUT, not mirrored) as 8 bits, by the first table; raises anything if it is damaged."""
    with store.originals().open(instance.file) as file:
        header = pydicom.dcmread(file, stop_before_pixels=True)
    shown = apply_voi(np.rint(measured).astype(np.int64), header)
    bits = int(header.VOILUTSequence[0].LUTDescriptor[2])
    return (shown >> max(bits - 8, 0)).clip(0, 255).astype(np.uint8)
