"""Femur, tibia, fibula and patella of a right knee as bodies."""

from dataclasses import dataclass

import numpy as np

from phantoms.mr.shapes import common, ellipsoid, joined, rod, tube
from phantoms.mr.stack import Field, Grid

FEMUR_TUBE = (
    (24, 35, 19, 2), (34, 35, 21, 0), (42, 32, 20.5, -1), (55, 25.5, 18.5, -4), (70, 19.5, 16.5, -6.5), (95, 15.5, 14.5, -8),
)  # fmt: skip
TIBIA_TUBE = (
    (-110, 12.5, 13, 5), (-75, 14, 15, 4), (-52, 18.5, 18, 3), (-34, 26.5, 21, 2.5), (-20, 33.5, 24, 3), (-9, 37, 25.5, 3.5),
    (0, 37.5, 25.5, 3.5),
)  # fmt: skip
FEMUR_CORNERS = ((-44.0, -38.0, -6.0), (44.0, 42.0, 130.0))
TIBIA_CORNERS = ((-44.0, -32.0, -130.0), (44.0, 36.0, 13.0))
PATELLA_CORNERS = ((-26.0, -60.0, 4.0), (26.0, -30.0, 62.0))
FIBULA_CORNERS = ((-46.0, 4.0, -130.0), (-22.0, 32.0, -6.0))
LOW, HIGH = (-48.0, -62.0, -130.0), (48.0, 46.0, 130.0)


@dataclass(frozen=True)
class Build:
    """How one person differs."""

    notch: float  # half width of the notch, mm
    condyle: float  # size of the condyles, about 1
    patella: float  # height of the patella over the joint, mm


def draw_build(rng: np.random.Generator) -> Build:
    return Build(*(float(rng.uniform(*r)) for r in ((8.5, 10.5), (0.96, 1.04), (30.0, 36.0))))


def femur(grid: Grid, build: Build) -> Field:
    """Two condyles, the block that bears the groove, and a shaft that widens towards them."""
    size = build.condyle
    body = tube(grid, FEMUR_TUBE)
    body = common(body, 26.0 - grid.z + np.zeros_like(body), 10.0)
    groove = ellipsoid(grid, (0, -10, 36), (22, 18.5, 17))
    total = joined(body, groove, 8.0)
    for side in (-1, 1):
        back = ellipsoid(grid, (side * 23, 7.5, 22.5 * size), (14, 21.5 * size, 21 * size))
        front = ellipsoid(grid, (side * 18.5, -6.5, 29), (17.5, 24 if side < 0 else 22.5, 26.6))
        total = joined(total, joined(back, front, 5.0), 4.0)
    notch = ellipsoid(grid, (0, 17, 9), (build.notch, 27, 21))
    return common(total, -notch, 3.0)


def tibia(grid: Grid) -> Field:
    """A plateau with two shallow dishes, the spines between them, and the tuberosity in front."""
    body = joined(tube(grid, TIBIA_TUBE), ellipsoid(grid, (-3, -18, -36), (9, 8, 15)), 6.0)
    body = joined(body, plateau(grid) + 0.8 * np.maximum(-7.0 - grid.z, 0.0), 6.0)
    aside, y = np.abs(grid.x), grid.y
    dish = 1.6 * np.exp(-(((aside - 22) / 12) ** 2) - ((y - 3) / 15) ** 2)
    spine = 9.0 * np.exp(-(((aside - 5) / 3.2) ** 2) - ((y - 3) / 7.5) ** 2)
    return common(body, grid.z + 2.6 + dish - spine, 2.0)


def plateau(grid: Grid) -> Field:
    """The outline of the tibia's top, at every height: two lobes side by side."""
    across, along = (grid.x / 37.5) ** 2, (grid.y - 3.5) / 25.5
    return np.asarray(24.0 * (np.sqrt(across * across + along * along) - 1.0), dtype=np.float32)


def fibula(grid: Grid) -> Field:
    head = ellipsoid(grid, (-34, 18, -20), (8.5, 9, 10))
    return joined(head, rod(grid, (-34, 18, -24), (-35, 16, -110), 6.0), 6.0)


def patella(grid: Grid, build: Build) -> Field:
    """A lens with a blunt keel behind and a point below."""
    z = build.patella
    lens = ellipsoid(grid, (0, -46, z), (22, 9.5, 19))
    keel = ellipsoid(grid, (2, -42, z + 1), (9, 7.5, 15))
    return joined(lens, keel, 5.0)
