"""Pictures with writing on them, as scanners and technologists leave it."""

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Grey8 = npt.NDArray[np.uint8]


def limb(rows: int = 600, columns: int = 500, seed: int = 1) -> Grey8:
    """Something soft and noisy like a limb on film, without any writing."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:rows, 0:columns]
    across = np.exp(-(((x - columns / 2) / (columns / 5)) ** 2))
    along = 0.8 + 0.2 * np.cos(y / rows * 6)
    noise = rng.normal(0, 4, (rows, columns))
    picture: Grey8 = np.clip(200 * across * along + noise, 0, 255).astype(np.uint8)
    return picture


def write(
    picture: Grey8, text: str, at: tuple[int, int], size: int = 24, value: int = 255
) -> Grey8:
    """The picture with `text` written at (x, y)."""
    drawn = Image.fromarray(picture)
    ImageDraw.Draw(drawn).text(at, text, fill=value, font=ImageFont.load_default(size))
    return np.asarray(drawn)
