"""The detector and its processing: collimation, quantum noise, edge enhancement, exposure, bits."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from phantoms.canvas import FIELD_MM, Canvas, Picture, resize
from phantoms.markers import draw_marker


@dataclass(frozen=True)
class Exposure:
    """How this picture was taken."""

    field: tuple[float, float, float, float]  # collimated field in mm: left, top, right, bottom
    shuttered: bool  # the part outside the field is blackened, as most systems do
    gain: float
    offset: float
    noise: float
    marker: tuple[float, float]  # centre in mm from the top left corner (x, y)
    marker_mm: float
    marker_turn: float


def draw_exposure(
    *, marker_left: bool, rng: np.random.Generator, detector_mm: tuple[float, float] = FIELD_MM
) -> Exposure:
    """One exposure on a detector of (rows, columns) mm, with the marker inside the field on the wanted side."""
    rows, columns = detector_mm
    half = rng.uniform(78.0, 94.0) * columns / 200.0
    middle = columns / 2 + rng.normal(0.0, 2.0)
    left, right = max(middle - half, 2.0), min(middle + half, columns - 2.0)
    top, bottom = rng.uniform(3.0, 16.0), rows - rng.uniform(3.0, 16.0)
    height = rng.uniform(10.0, 13.0)
    inset = height * 0.75 + rng.uniform(1.0, 3.0)
    return Exposure(
        field=(left, top, right, bottom),
        shuttered=bool(rng.random() < 0.92),
        gain=float(rng.uniform(0.85, 1.15)),
        offset=float(rng.normal(0.0, 0.03)),
        noise=float(rng.uniform(0.7, 1.4)),
        marker=(
            left + inset if marker_left else right - inset,
            float(rows / 2 + rng.choice([-1, 1]) * rng.uniform(52.0, 88.0) * rows / 250.0),
        ),
        marker_mm=float(height),
        marker_turn=float(rng.normal(0.0, 0.06)),
    )


def develop(
    absorption: Picture,
    canvas: Canvas,
    exposure: Exposure,
    *,
    letter: str,
    size: tuple[int, int],
    bits: int,
    rng: np.random.Generator,
) -> np.ndarray[tuple[int, int], np.dtype[np.uint16]]:
    """Stored pixels (rows, columns), larger is brighter, of `bits` bits."""
    lead = _lead(canvas, exposure, letter)
    crisp = canvas.blur(absorption, 0.16)
    crisp += lead * (2.2 - crisp)
    picture = resize(_enhance(crisp, canvas), size, Image.Resampling.BICUBIC)
    picture += _noise(size, exposure.noise, rng)
    picture *= np.float32(exposure.gain)
    picture += np.float32(exposure.offset)
    _collimate(picture, exposure, (canvas.rows * canvas.mm, canvas.columns * canvas.mm))
    np.clip(picture, 0.0, 1.0, out=picture)
    picture *= np.float32(2**bits - 1)
    return np.rint(picture).astype(np.uint16)


def _lead(canvas: Canvas, exposure: Exposure, letter: str) -> Picture:
    finer = 2
    image = Image.new("L", (canvas.columns * finer, canvas.rows * finer), 0)
    unit = finer / canvas.mm
    centre = (exposure.marker[0] * unit, exposure.marker[1] * unit)
    draw_marker(image, letter, centre, exposure.marker_mm * unit, exposure.marker_turn)
    return np.asarray(image.reduce(finer), dtype=np.float32) / np.float32(255)


def _enhance(absorption: Picture, canvas: Canvas) -> Picture:
    """Tone curve and multi-frequency processing, as a computed-radiography plate reader applies them."""
    broad = canvas.blur(absorption, 14.0)
    middle = canvas.blur(absorption, 2.0)
    detail = absorption - middle
    body = 0.45 * broad + 0.6 * (middle - broad) + 0.95 * detail
    return np.asarray(0.03 + 0.72 * body)


def _noise(size: tuple[int, int], strength: float, rng: np.random.Generator) -> Picture:
    """Quantum noise, a little correlated by the detector's own blur."""
    grain = rng.standard_normal((size[0] + 1, size[1] + 1), dtype=np.float32)
    mixed: Picture = grain[1:, 1:] + grain[:-1, 1:] + grain[1:, :-1]
    mixed *= np.float32(0.006 * (size[0] / 640) ** 0.4 * strength)
    return mixed


def _collimate(picture: Picture, exposure: Exposure, detector_mm: tuple[float, float]) -> None:
    """Outside the field nothing was exposed: black behind an electronic shutter, else pale."""
    rows, columns = picture.shape
    left, top, right, bottom = exposure.field
    fade = 0.5
    x = (np.arange(columns) + 0.5) * (detector_mm[1] / columns)
    y = (np.arange(rows) + 0.5) * (detector_mm[0] / rows)
    across = np.clip(np.minimum(x - left, right - x) / fade, 0, 1).astype(np.float32)
    down = np.clip(np.minimum(y - top, bottom - y) / fade, 0, 1).astype(np.float32)
    outside = np.float32(0.0 if exposure.shuttered else 0.75)
    picture -= outside
    picture *= across[None, :]
    picture *= down[:, None]
    picture += outside
