"""A meniscus fills the wedge between the cartilages, in a ring that is open towards the notch; tears run through it."""

from functools import reduce

import numpy as np

from phantoms.mr import palette
from phantoms.mr.layer import Layer
from phantoms.mr.shapes import inside
from phantoms.mr.stack import Field, Point
from phantoms.mr.tears import KneeTears, MeniscusTear

# middle (x, y) and outer half widths of the ring
RINGS = {"medial": ((20.5, 3.0), (19.0, 24.0)), "lateral": ((-20.5, 3.5), (18.5, 20.5))}
HEIGHT_MM = 7.0


def corners_of(side: str) -> tuple[Point, Point]:
    """Between which a meniscus lies."""
    (x, y), (wide, deep) = RINGS[side]
    return (x - wide - 2, y - deep - 2, -4.0), (x + wide + 2, y + deep + 2, HEIGHT_MM + 1.0)


def paint_meniscus(
    layer: Layer, side: str, femur: Field, tibia: Field, tears: KneeTears
) -> Field | None:
    """`femur`, `tibia`: mm from the cartilages' surfaces. Answers the share of each voxel that is torn, if any is."""
    (middle_x, middle_y), (wide, deep) = RINGS[side]
    sign = 1 if middle_x > 0 else -1
    grid = layer.grid
    if not layer.image.size:
        return None
    out, back = (grid.x * sign - abs(middle_x)) / wide, (grid.y - middle_y) / deep
    angle, radius = np.arctan2(back, out), np.sqrt(out * out + back * back)
    # wide at the back on the medial side, even on the lateral one
    inner = 0.5 - (0.1 if side == "medial" else 0.0) * np.sin(angle)
    mean = (wide + deep) / 2
    open_side = np.minimum(
        abs(middle_x) - 4.5 - grid.x * sign, 0.55 * deep - np.abs(grid.y - middle_y)
    )
    parts = (
        (radius - 1.0) * mean,
        (inner - radius) * mean,
        5.5 - grid.x * sign,
        open_side,
        0.1 - femur,
        0.1 - tibia,
        grid.z - HEIGHT_MM,
        -2.6 - grid.z,
    )
    body = np.asarray(reduce(np.maximum, parts))
    layer.paint(body, palette.MENISCUS + 0.02 * layer.texture.fine)
    along = (radius - inner) / (1.0 - inner)
    level = (tibia - femur) / 2  # mm over the middle of the wedge
    if much := tears.degeneration.get(side, 0.0):
        glow = np.exp(
            -np.square(level / 1.0)
            - np.square((along - 0.65) / 0.2)
            - np.square((angle - 1.3) / 0.4)
        )
        layer.blend(np.asarray(glow * inside(body + 1.2, 0.8)), much)
    if tears.meniscus is None or tears.meniscus.meniscus != side:
        return None
    share = inside(_gap(tears.meniscus, angle, along, level, mean), 0.9) * inside(body, 0.6)
    layer.blend(np.asarray(share), tears.meniscus.signal)
    return np.asarray(share, dtype=np.float32)


def _gap(tear: MeniscusTear, angle: Field, along: Field, level: Field, mean: float) -> Field:
    """The tear as a body: a thin sheet, cut off where it ends."""
    turn = np.abs(angle - tear.angle)
    reach = (turn - tear.reach) * mean * 0.75
    width = mean * 0.5
    sheets = {
        "horizontal": np.maximum(np.abs(level + 0.8 * (along - 0.5)), (along - 0.9) * width),
        "vertical": np.abs(along - tear.depth) * width,
        "radial": np.maximum(turn * mean * 0.7, (along - 0.85) * width),
    }
    sheets["root"] = sheets["radial"]
    sheets["complex"] = np.minimum(sheets["horizontal"], sheets["vertical"])
    sheet = sheets[tear.type] - tear.half_mm
    return np.asarray(np.maximum(sheet, reach))
