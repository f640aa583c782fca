"""From a radiograph's pixels to the small grey square that networks read."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

PREPARATION = "v1"  # part of every cache key: change it whenever `prepare` gives other pixels

_LOW, _HIGH = 0.5, 99.5
_ENOUGH_FOR_PERCENTILES = 250_000


def prepare(pixels: NDArray[Any], *, mirror: bool, size: int) -> NDArray[np.uint8]:
    """Scale robustly to 0-255, fit into (size, size) keeping the aspect, pad with black; mirrored left to right if asked.

    pixels: (H, W), any number type, after the modality LUT, larger = brighter. ValueError for anything else.
    """
    if pixels.ndim != 2 or 0 in pixels.shape:
        raise ValueError(
            f"An image must be a grey plane of rows and columns, not of shape {pixels.shape}."
        )
    scaled = _scale(pixels)
    fitted = _fit(scaled, size)
    square = np.zeros((size, size), dtype=np.uint8)
    top, left, height, width = fitted_place(pixels.shape, size)
    square[top : top + height, left : left + width] = fitted
    return np.ascontiguousarray(square[:, ::-1]) if mirror else square


def fitted_place(shape: tuple[int, ...], size: int) -> tuple[int, int, int, int]:
    """Where an image of (rows, columns) lies in its square before it is mirrored: top, left, height, width."""
    ratio = size / max(shape)
    height, width = (max(1, round(side * ratio)) for side in shape)
    return (size - height) // 2, (size - width) // 2, height, width


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


def _fit(plane: NDArray[np.float32], size: int) -> NDArray[np.uint8]:
    ratio = size / max(plane.shape)
    _, _, height, width = fitted_place(plane.shape, size)
    # BOX averages exactly the area that a new pixel covers; enlarging needs interpolation instead.
    method = Image.Resampling.BOX if ratio < 1 else Image.Resampling.BILINEAR
    resized = (
        Image.fromarray(plane).resize((width, height), method)
        if ratio != 1
        else Image.fromarray(plane)
    )
    fitted: NDArray[np.uint8] = np.rint(np.clip(np.asarray(resized), 0, 255)).astype(np.uint8)
    return fitted
