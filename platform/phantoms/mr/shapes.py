"""Bodies as fields: about the distance in mm from their surface, negative inside."""

import numpy as np
import numpy.typing as npt

from phantoms.mr.stack import Field, Grid, Point

REACH_MM = 90.0  # from the joint: no stack reaches further


def egg(grid: Grid, centre: Point, radii: Point) -> Field:
    """An ellipsoid whose distances hold only near its waist: quicker, for what has no sharp surface."""
    x, y, z = ((a - c) / r for a, c, r in zip((grid.x, grid.y, grid.z), centre, radii, strict=True))
    return _field((np.sqrt(x * x + y * y + z * z) - 1.0) * min(radii))


def ellipsoid(grid: Grid, centre: Point, radii: Point) -> Field:
    x, y, z = ((a - c) / r for a, c, r in zip((grid.x, grid.y, grid.z), centre, radii, strict=True))
    to_surface = np.sqrt(x * x + y * y + z * z)
    slope = np.sqrt((x / radii[0]) ** 2 + (y / radii[1]) ** 2 + (z / radii[2]) ** 2)
    return _field(to_surface * (to_surface - 1.0) / np.maximum(slope, np.float32(1e-4)))


def rod(
    grid: Grid,
    start: Point,
    end: Point,
    radius: float,
    *,
    end_radius: float | None = None,
    flat: Point = (1.0, 1.0, 1.0),
) -> Field:
    """A round rod; `flat` below 1 widens it along an axis into a band."""
    a, b, f = (np.array(v, dtype=float) for v in (start, end, flat))
    way = (b - a) * f
    x, y, z = (
        ((g - s) * w).astype(np.float32)
        for g, s, w in zip((grid.x, grid.y, grid.z), a, f, strict=True)
    )
    length = float(way @ way)
    along = np.clip((x * way[0] + y * way[1] + z * way[2]) / length, 0.0, 1.0).astype(np.float32)
    apart = (x - along * way[0]) ** 2 + (y - along * way[1]) ** 2 + (z - along * way[2]) ** 2
    grown = radius + ((end_radius if end_radius is not None else radius) - radius) * along
    return _field(np.sqrt(apart) - grown)


def tube(grid: Grid, levels: npt.ArrayLike) -> Field:
    """An upright elliptic tube; `levels` rows of z, half width in x, half width in y, middle y."""
    z, wide, deep, middle = np.array(levels, dtype=float).T
    here = grid.z
    a, b, m = (np.interp(here, z, v).astype(np.float32) for v in (wide, deep, middle))
    return _field((np.sqrt((grid.x / a) ** 2 + ((grid.y - m) / b) ** 2) - 1.0) * np.minimum(a, b))


def joined(a: Field, b: Field, mm: float) -> Field:
    """Both bodies with a rounded seam."""
    seam = np.maximum(mm - np.abs(a - b), 0.0)
    return _field(np.minimum(a, b) - seam * seam * (0.25 / mm))


def common(a: Field, b: Field, mm: float) -> Field:
    """What lies in both bodies, with a rounded edge."""
    return _field(-joined(-a, -b, mm))


def inside(body: Field, soft_mm: float) -> Field:
    """1 inside, 0 outside, over `soft_mm` at the surface."""
    return _field(np.clip(0.5 - body / np.float32(soft_mm), 0.0, 1.0))


def lumps(grid: Grid, cell_mm: Point, rng: np.random.Generator) -> Field:
    """Smooth random differences of spread 1 whose lumps have this size; the same in every stack for the same rng."""
    counts = [int(2 * REACH_MM / mm) + 3 for mm in cell_mm]
    values = rng.standard_normal(counts).astype(np.float32).transpose(grid.axes)
    for axis in grid.axes:  # each step spends the first axis and appends it, finer, at the end
        along = (grid.x, grid.y, grid.z)[axis].ravel()
        values = np.tensordot(values, _between(along, cell_mm[axis], counts[axis]), axes=(0, 1))
    return _field(1.6 * values)


def _between(along: Field, mm: float, count: int) -> Field:
    """Weights (places, cells) that go smoothly from cell to cell."""
    place = np.clip((along + REACH_MM) / mm, 0, count - 1.001)
    low = place.astype(int)
    share = place - low
    share = share * share * (3 - 2 * share)
    weights = np.zeros((len(place), count), dtype=np.float32)
    weights[np.arange(len(place)), low] = 1 - share
    weights[np.arange(len(place)), low + 1] = share
    return weights


def _field(values: npt.NDArray[np.floating]) -> Field:
    return np.asarray(values, dtype=np.float32)
