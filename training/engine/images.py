"""From a radiograph's pixels to the small grey square that networks read."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from training.recipes.place import fitted

PREPARATION = "v1"  # part of every cache key: change it whenever `prepare` gives other pixels

_LOW, _HIGH = 0.5, 99.5
_ENOUGH_FOR_PERCENTILES = 250_000


class Crop(NamedTuple):
    """A square part of an image, in whole pixels of its own; it may reach over the edge, where it is black."""

    left: int
    top: int
    side: int


def prepare(
    pixels: NDArray[Any], *, mirror: bool, size: int, crop: Crop | None = None
) -> NDArray[np.uint8]:
    """Scale robustly to 0-255, fit into (size, size) keeping the aspect, pad with black; mirrored left to right if asked.

    pixels: (H, W), any number type, after the modality LUT, larger = brighter. ValueError for anything else. A `crop` is as
    bright as it is within its image, wherever exactly it was cut.
    """
    if pixels.ndim != 2 or 0 in pixels.shape:
        raise ValueError(
            f"An image must be a grey plane of rows and columns, not of shape {pixels.shape}."
        )
    scaled = _scale(pixels)
    if crop is not None:
        scaled = _cut(scaled, crop)
    height, width, top, left = fitted(scaled.shape[0], scaled.shape[1], size)
    square = np.zeros((size, size), dtype=np.uint8)
    square[top : top + height, left : left + width] = _fit(scaled, height, width)
    return np.ascontiguousarray(square[:, ::-1]) if mirror else square


def _scale(pixels: NDArray[Any]) -> NDArray[np.float32]:
    step = max(1, int(np.sqrt(pixels.size / _ENOUGH_FOR_PERCENTILES)))
    sample = pixels[::step, ::step].astype(np.float32)
    sample = sample[np.isfinite(sample)]
    if sample.size == 0:
        raise ValueError("The image holds no finite pixel value.")
    low, high = np.percentile(sample, [_LOW, _HIGH])
    if high <= low:  # a few bright pixels on an even ground, or nothing at all
        low, high = float(sample.min()), float(sample.max())
    plane = np.nan_to_num(
        pixels.astype(np.float32), nan=float(low), posinf=float(high), neginf=float(low)
    )
    if high <= low:
        return np.zeros_like(plane)
    scaled: NDArray[np.float32] = np.clip(
        (plane - np.float32(low)) * np.float32(255 / (high - low)), 0, 255
    )
    return scaled


def _cut(plane: NDArray[np.float32], crop: Crop) -> NDArray[np.float32]:
    rows, columns = (
        slice(max(0, at), max(0, min(at + crop.side, most)))
        for at, most in ((crop.top, plane.shape[0]), (crop.left, plane.shape[1]))
    )
    found = np.zeros((crop.side, crop.side), dtype=np.float32)
    part = plane[rows, columns]
    top, left = rows.start - crop.top, columns.start - crop.left
    found[top : top + part.shape[0], left : left + part.shape[1]] = part
    return found


def _fit(plane: NDArray[np.float32], height: int, width: int) -> NDArray[np.uint8]:
    # BOX averages exactly the area that a new pixel covers; enlarging needs interpolation instead.
    smaller = max(height, width) < max(plane.shape)
    method = Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR
    resized = (
        Image.fromarray(plane).resize((width, height), method)
        if max(height, width) != max(plane.shape)
        else Image.fromarray(plane)
    )
    found: NDArray[np.uint8] = np.rint(np.clip(np.asarray(resized), 0, 255)).astype(np.uint8)
    return found
