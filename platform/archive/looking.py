"""A frame as eyes, or the text detector, see it: 8 bits of grey, whatever the instance's state."""

from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image as Pictures

from .models import Instance
from .pixels import grey

LONGEST_SIDE = 1600
SAMPLE = 512  # rows and columns that the range of grey is taken from


def grey8(instance: Instance, frame: int) -> npt.NDArray[np.uint8]:
    """(rows, columns) as `windowed`; raises Undecodable."""
    return windowed(grey(instance, frame))


def windowed(values: npt.NDArray[np.generic]) -> npt.NDArray[np.uint8]:
    """8 bits between the 1st and the 99th percentile: writing is brighter or darker than either."""
    numbers = values.astype(np.float32, copy=False)
    step = max(1, min(numbers.shape) // SAMPLE)
    low, high = np.percentile(numbers[::step, ::step], (1, 99))
    if high <= low:  # nearly all of it is one value: what differs is to be seen
        low, high = numbers.min(), numbers.max()
    scale = np.float32(255.0 / max(float(high - low), 1e-6))
    shown: npt.NDArray[np.uint8] = np.clip((numbers - np.float32(low)) * scale, 0, 255).astype(
        np.uint8
    )
    return shown


def png(instance: Instance, frame: int) -> bytes:
    """The whole frame, at most 1,600 pixels on its longer side; raises Undecodable."""
    picture = Pictures.fromarray(grey8(instance, frame))
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Pictures.Resampling.BOX)
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
