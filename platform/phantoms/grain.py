"""Texture: what makes bone look like bone and muscle like muscle."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from phantoms.canvas import Canvas, Picture


@dataclass(frozen=True)
class Grain:
    """Four random textures on one grid, each with mean 0 and standard deviation 1."""

    struts: Picture  # fine upright lines along the load
    mesh: Picture  # fine, without direction
    patches: Picture  # thumb-sized differences of density
    bundles: Picture  # long, soft, upright: muscle

    def cut(self, where: tuple[slice, slice]) -> "Grain":
        """The same textures on a part of the grid."""
        return Grain(self.struts[where], self.mesh[where], self.patches[where], self.bundles[where])

    def turned(self) -> "Grain":
        """The same textures upside down: for a bone behind another, which must not repeat its pattern."""
        parts = (self.struts, self.mesh, self.patches, self.bundles)
        return Grain(*(part[::-1, ::-1] for part in parts))


def grow_grain(canvas: Canvas, rng: np.random.Generator) -> Grain:
    """Textures for the whole grid; sizes are in mm, so they look alike at every resolution."""
    size = (canvas.rows, canvas.columns)
    upright = rng.standard_normal(size, dtype=np.float32)
    struts = ndimage.gaussian_filter(upright, (1.2 / canvas.mm, 0.2 / canvas.mm), truncate=2.5)
    even = rng.standard_normal(size, dtype=np.float32)
    mesh = canvas.blur(even, 0.3)
    mesh -= canvas.blur(mesh, 1.4)
    bundles = ndimage.uniform_filter1d(canvas.blur(struts, 1.6), int(18 / canvas.mm), axis=0)
    patches = canvas.blur(even, 5.0)
    return Grain(*(_unit(part) for part in (struts, mesh, patches, bundles)))


def _unit(texture: Picture) -> Picture:
    # A part of the pixels is enough to learn the spread from.
    return np.asarray(texture * np.float32(1.0 / texture[::4, ::4].std()), dtype=np.float32)
