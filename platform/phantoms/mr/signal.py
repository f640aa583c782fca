"""The scanner: coils that hear the near better than the far, an image that is a little soft, and noise."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from phantoms.mr.stack import Field, Grid

TOP = 1500  # stored value of pure fluid, about


def acquire(
    image: Field, grid: Grid, noise: float, rng: np.random.Generator
) -> npt.NDArray[np.uint16]:
    """Stored pixels (slices, rows, columns), 12 bits."""
    soft = ndimage.gaussian_filter(image, (0.0, 0.55, 0.55), truncate=3.0)
    far = np.maximum(np.abs(grid.z - 4.0) - 52.0, 0.0) / 26.0
    heard = np.exp(-far * far) * (1.0 + 0.0022 * np.abs(grid.y) + 0.0016 * np.abs(grid.x))
    soft *= heard.astype(np.float32)
    # The magnitude of two noisy channels: Rician, so that air is dark but not black.
    grain = noise * rng.standard_normal(soft.shape, dtype=np.float32)
    real, other = soft + grain, grain[::-1, ::-1, ::-1]
    magnitude = np.sqrt(real * real + other * other)
    return np.asarray(np.clip(np.rint(magnitude * TOP), 0, 4095), dtype=np.uint16)
