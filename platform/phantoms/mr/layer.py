"""A stack that is painted body by body, later ones over earlier ones."""

from dataclasses import dataclass, replace

import numpy as np

from phantoms.mr.shapes import inside, lumps
from phantoms.mr.stack import Field, Grid, Point, Slices

SOFT_MM = 0.9  # over which a surface fades: slices are thick and seldom cut it upright


@dataclass(frozen=True)
class Texture:
    """Random differences of spread 1 over a stack: fine and coarse lumps, and fine and coarse ones along the leg, and broad ones."""

    fine: Field
    coarse: Field
    fibres: Field
    bundles: Field
    broad: Field

    def cut(self, where: Slices) -> "Texture":
        parts = (self.fine, self.coarse, self.fibres, self.bundles, self.broad)
        return Texture(*(part[where] for part in parts))


@dataclass(frozen=True)
class Layer:
    """The part of a stack that is being painted; `image` is a view of the whole."""

    grid: Grid
    image: Field
    texture: Texture

    def part(self, low: Point, high: Point) -> tuple["Layer", Slices]:
        """What lies between two corners, and where in this layer that is."""
        grid, where = self.grid.around(low, high)
        cut = replace(self, grid=grid, image=self.image[where], texture=self.texture.cut(where))
        return cut, where

    def paint(self, body: Field, value: Field | float, soft_mm: float = SOFT_MM) -> None:
        """`body` as phantoms.mr.shapes makes them, on this part's grid."""
        self.blend(inside(body, soft_mm), value)

    def blend(self, share: Field, value: Field | float) -> None:
        self.image[...] += share * (np.asarray(value, dtype=np.float32) - self.image)


def new_layer(grid: Grid, rng: np.random.Generator) -> Layer:
    """An empty stack; the same rng gives the same textures in the same places of every stack."""
    texture = Texture(
        fine=lumps(grid, (2.2, 2.2, 2.2), rng),
        coarse=lumps(grid, (9.0, 9.0, 9.0), rng),
        fibres=lumps(grid, (2.4, 2.4, 26.0), rng),
        bundles=lumps(grid, (12.0, 12.0, 75.0), rng),
        broad=lumps(grid, (45.0, 45.0, 60.0), rng),
    )
    return Layer(grid, np.zeros(grid.shape, dtype=np.float32), texture)
