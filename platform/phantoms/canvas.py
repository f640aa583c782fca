"""Millimetres to pixels: outlines to smooth-edged masks, and blurs that stay quick when wide."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

Picture = npt.NDArray[np.float32]

FIELD_MM = (250.0, 200.0)  # rows, columns: what the detector sees


@dataclass(frozen=True)
class Canvas:
    """A grid over the detector, and how the knee lies on it."""

    rows: int
    columns: int
    mm: float  # per pixel
    centre: tuple[float, float]  # of the joint, mm from the top left corner (x, y)
    turn: float  # radians
    scale: float
    mirrored: bool

    def to_pixels(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """Anatomical (x, y) in mm → (x, y) in pixels of this grid."""
        moved = np.asarray(points, dtype=float) * self.scale
        if self.mirrored:
            moved = moved * (-1.0, 1.0)
        cosine, sine = np.cos(self.turn), np.sin(self.turn)
        turned = moved @ np.array([[cosine, sine], [-sine, cosine]])
        return np.asarray((turned + self.centre) / self.mm - 0.5)

    def anatomical(self) -> tuple[Picture, Picture]:
        """x and y in anatomical mm at every pixel."""
        x = ((np.arange(self.columns) + 0.5) * self.mm - self.centre[0]).astype(np.float32)
        y = ((np.arange(self.rows) + 0.5) * self.mm - self.centre[1]).astype(np.float32)
        # Stay in 32 bits: a 64-bit scalar would double every array that follows.
        cosine = np.float32(np.cos(self.turn) / self.scale)
        sine = np.float32(np.sin(self.turn) / self.scale)
        across = cosine * x[None, :] + sine * y[:, None]
        down = cosine * y[:, None] - sine * x[None, :]
        return (-across if self.mirrored else across), down

    def around(self, outline: npt.ArrayLike) -> tuple["Canvas", tuple[slice, slice]]:
        """The part of the grid that holds an outline with 15 mm to spare, and where that part lies."""
        points, spare = self.to_pixels(outline), 15.0 / self.mm
        left, top = (int(v) for v in np.clip(points.min(axis=0) - spare, 0, None))
        right = int(np.clip(points[:, 0].max() + spare, left + 1, self.columns))
        bottom = int(np.clip(points[:, 1].max() + spare, top + 1, self.rows))
        centre = (self.centre[0] - left * self.mm, self.centre[1] - top * self.mm)
        part = replace(self, rows=bottom - top, columns=right - left, centre=centre)
        return part, (slice(top, bottom), slice(left, right))

    def mask(self, outline: npt.ArrayLike) -> Picture:
        """1 inside, 0 outside, fractions on the edge: drawn finer, then averaged."""
        finer = 4 if self.mm > 0.3 else 2
        points = (self.to_pixels(outline) + 0.5) * finer
        picture = Image.new("L", (self.columns * finer, self.rows * finer), 0)
        ImageDraw.Draw(picture).polygon([(float(x), float(y)) for x, y in points], fill=255)
        return np.asarray(picture.reduce(finer), dtype=np.float32) / np.float32(255)

    def blur(self, picture: Picture, mm: float) -> Picture:
        """Gaussian blur with a standard deviation in mm."""
        return blur(picture, mm / self.mm)


def blur(picture: Picture, sigma: float) -> Picture:
    """Gaussian blur; a wide one is done on a coarser copy."""
    coarser = int(sigma / 1.6)
    if coarser < 2:
        return np.asarray(ndimage.gaussian_filter(picture, sigma, truncate=3.0, mode="nearest"))
    rows, columns = picture.shape
    small = resize(picture, (-(-rows // coarser), -(-columns // coarser)), Image.Resampling.BOX)
    soft = ndimage.gaussian_filter(small, sigma / coarser, truncate=3.0, mode="nearest")
    return resize(np.asarray(soft), (rows, columns), Image.Resampling.BICUBIC)


def resize(picture: Picture, size: tuple[int, int], how: Image.Resampling) -> Picture:
    """Resample to (rows, columns)."""
    if picture.shape == size:
        return picture
    image = Image.fromarray(np.ascontiguousarray(picture, dtype=np.float32))
    return np.array(image.resize((size[1], size[0]), how), dtype=np.float32)
