"""What an image must look like on the screen, by pydicom's own pipeline (PS3.3 C.11), and what the screen shows."""

import base64
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pydicom
from playwright.sync_api import Page
from pydicom.dataset import Dataset
from pydicom.pixels.processing import (
    apply_color_lut,
    apply_modality_lut,
    apply_voi_lut,
    convert_color_space,
)

from archive.decode import add_plugins

add_plugins()  # 12-bit JPEG

Picture = npt.NDArray[np.float64]  # (rows, columns, 3), 0 to 255

# the pixels of the pane, and where its image lies: canvas = (a x + c y + e, b x + d y + f)
SHOWN = """
() => {
  const pane = document.querySelector('[data-testid="pane"]')
  const canvas = pane.querySelector('.cornerstone-canvas, canvas')
  const { width, height } = canvas
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height)
  let bytes = ''
  for (let at = 0; at < data.length; at += 32768) bytes += String.fromCharCode(...data.subarray(at, at + 32768))
  return { width, height, bytes: btoa(bytes), affine: pane.dataset.affine.split(' ').map(Number) }
}
"""


def expected(path: Path) -> Picture:
    """The frame that a stack opens with, as a screen of 256 grey values or colours shows it."""
    dataset = pydicom.dcmread(path, force=True)
    pixels = dataset.pixel_array
    frames = int(dataset.get("NumberOfFrames") or 1)
    if frames > 1:
        pixels = pixels[frames // 2 if frames > 8 else 0]
    if dataset.SamplesPerPixel == 3 or dataset.PhotometricInterpretation == "PALETTE COLOR":
        return _colour(dataset, pixels)
    grey = _grey(dataset, pixels)
    if dataset.PhotometricInterpretation == "MONOCHROME1":
        grey = 255 - grey
    return np.asarray(np.repeat(grey[..., None], 3, axis=2), np.float64)


def _colour(dataset: Dataset, pixels: npt.NDArray[np.generic]) -> Picture:
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        colours = apply_color_lut(pixels, dataset)
        return np.asarray(colours[..., :3] / (np.iinfo(colours.dtype).max / 255), np.float64)
    if dataset.PhotometricInterpretation.startswith("YBR_FULL"):
        pixels = convert_color_space(pixels, dataset.PhotometricInterpretation, "RGB")
    return np.asarray(pixels * (255 / (2**dataset.BitsStored - 1)), np.float64)


def _grey(dataset: Dataset, pixels: npt.NDArray[np.generic]) -> Picture:
    measured = np.asarray(apply_modality_lut(pixels, dataset))
    if "VOILUTSequence" in dataset:
        bits = int(dataset.VOILUTSequence[0].LUTDescriptor[2])
        shown = apply_voi_lut(measured.astype(np.int64), dataset)
        return np.asarray(shown * (255 / (2**bits - 1)), np.float64)
    if "WindowCenter" in dataset:
        return _scaled(dataset, np.asarray(apply_voi_lut(measured, dataset), np.float64))
    # nothing is said: from the 1st to the 99th percentile of 65,536 pixels
    step = max(1, measured.size // 65_536)
    ordered = np.sort(measured.ravel()[: measured.size // step * step : step])
    low, high = (ordered[int(share * (ordered.size - 1))] for share in (0.01, 0.99))
    scaled = (measured.astype(np.float64) - low) / max(high - low, 1e-3) * 255
    return np.asarray(np.clip(scaled, 0, 255), np.float64)


def _scaled(dataset: Dataset, windowed: Picture) -> Picture:
    """pydicom spreads a window over the range that the values can have."""
    bits = int(dataset.BitsStored)
    low, high = (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if "ModalityLUTSequence" in dataset:
        low, high = 0, 2 ** int(dataset.ModalityLUTSequence[0].LUTDescriptor[2]) - 1
    elif dataset.PixelRepresentation == 0:
        low, high = 0, 2**bits - 1
    slope, intercept = (
        float(dataset.get(k) or d) for k, d in (("RescaleSlope", 1), ("RescaleIntercept", 0))
    )
    low, high = low * slope + intercept, high * slope + intercept
    return np.asarray((windowed - low) / (high - low) * 255, np.float64)


def on_screen(page: Page) -> tuple[Picture, tuple[int, int]]:
    """The pane's pixels from the image's first one on, at one screen pixel an image pixel; and which pixel is first."""
    shown = page.evaluate(SHOWN)
    a, b, c, d, e, f = shown["affine"]
    assert (round(a, 3), round(b, 3), round(c, 3), round(d, 3)) == (1, 0, 0, 1), shown["affine"]
    assert abs(e - round(e)) + abs(f - round(f)) < 0.01, "The image lies between pixels."
    pixels = np.frombuffer(base64.b64decode(shown["bytes"]), np.uint8)
    canvas = pixels.reshape(shown["height"], shown["width"], 4)[..., :3].astype(np.float64)
    left, top = round(e), round(f)
    return canvas[max(0, top) :, max(0, left) :], (max(0, -top), max(0, -left))


def difference(page: Page, path: Path) -> float:
    """The largest step by which the screen differs from pydicom's picture, where the pane shows it."""
    wanted = expected(path)
    seen, (row, column) = on_screen(page)
    wanted = wanted[row : row + seen.shape[0], column : column + seen.shape[1]]
    seen = seen[: wanted.shape[0], : wanted.shape[1]]
    assert wanted.size, "Nothing of the image is on the screen."
    return float(np.abs(np.round(wanted) - seen).max())
