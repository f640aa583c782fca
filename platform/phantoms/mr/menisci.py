"""A meniscus fills the wedge between the cartilages, in a ring that is open towards the notch; tears run through it."""

from dataclasses import dataclass
from functools import reduce

import numpy as np

from phantoms.mr import palette
from phantoms.mr.layer import Layer
from phantoms.mr.shapes import inside
from phantoms.mr.stack import Field, Grid, Point
from phantoms.mr.tears import KneeTears, MeniscusTear

# middle (x, y) and outer half widths of the ring
RINGS = {"medial": ((20.5, 3.0), (19.0, 24.0)), "lateral": ((-20.5, 3.5), (18.5, 20.5))}
HEIGHT_MM = 7.0


def corners_of(side: str) -> tuple[Point, Point]:
    """Between which a meniscus lies."""
    (x, y), (wide, deep) = RINGS[side]
    return (x - wide - 2, y - deep - 2, -4.0), (x + wide + 2, y + deep + 2, HEIGHT_MM + 1.0)


@dataclass(frozen=True)
class Wedge:
    """A meniscus as a body, and where each voxel lies in it."""

    body: Field
    angle: Field  # round the ring: 0 outward, + towards the back
    along: Field  # 0 at the inner edge to 1 at the rim
    level: Field  # mm over the middle between the cartilages
    mean: float  # radius of the ring, mm


def paint_meniscus(
    layer: Layer, side: str, femur: Field, tibia: Field, tears: KneeTears
) -> Field | None:
    """`femur`, `tibia`: mm from the cartilages' surfaces. Answers the share of each voxel that is torn, if any is."""
    if not layer.image.size:
        return None
    wedge = _wedge(layer.grid, side, femur, tibia)
    layer.paint(wedge.body, palette.MENISCUS + 0.02 * layer.texture.fine)
    if much := tears.degeneration.get(side, 0.0):
        glow = np.exp(
            -np.square(wedge.level)
            - np.square((wedge.along - 0.65) / 0.2)
            - np.square((wedge.angle - 1.3) / 0.4)
        )
        layer.blend(np.asarray(glow * inside(wedge.body + 1.2, 0.8)), much)
    if tears.meniscus is None or tears.meniscus.meniscus != side:
        return None
    share = inside(_gap(tears.meniscus, wedge), 0.9) * inside(wedge.body, 0.6)
    layer.blend(np.asarray(share), tears.meniscus.signal)
    return np.asarray(share, dtype=np.float32)


def _wedge(grid: Grid, side: str, femur: Field, tibia: Field) -> Wedge:
    (middle_x, middle_y), (wide, deep) = RINGS[side]
    outward = grid.x if middle_x > 0 else -grid.x
    out, back = (outward - abs(middle_x)) / wide, (grid.y - middle_y) / deep
    angle, radius = np.arctan2(back, out), np.sqrt(out * out + back * back)
    # wide at the back on the medial side, even on the lateral one
    inner = 0.5 - (0.1 if side == "medial" else 0.0) * np.sin(angle)
    mean = (wide + deep) / 2
    open_side = np.minimum(abs(middle_x) - 4.5 - outward, 0.55 * deep - np.abs(grid.y - middle_y))
    parts = (
        (radius - 1.0) * mean,
        (inner - radius) * mean,
        5.5 - outward,
        open_side,
        0.1 - femur,
        0.1 - tibia,
        grid.z - HEIGHT_MM,
        -2.6 - grid.z,
    )
    return Wedge(
        body=np.asarray(reduce(np.maximum, parts)),
        angle=angle,
        along=(radius - inner) / (1.0 - inner),
        level=(tibia - femur) / 2,
        mean=mean,
    )


def _gap(tear: MeniscusTear, wedge: Wedge) -> Field:
    """The tear as a body: a thin sheet, cut off where it ends."""
    angle, along, mean = wedge.angle, wedge.along, wedge.mean
    turn = np.abs(angle - tear.angle)
    reach = (turn - tear.reach) * mean * 0.75
    width = mean * 0.5
    sheets = {
        "horizontal": np.maximum(np.abs(wedge.level + 0.8 * (along - 0.5)), (along - 0.9) * width),
        "vertical": np.abs(along - tear.depth) * width,
        "radial": np.maximum(turn * mean * 0.7, (along - 0.85) * width),
    }
    sheets["root"] = sheets["radial"]
    sheets["complex"] = np.minimum(sheets["horizontal"], sheets["vertical"])
    sheet = sheets[tear.type] - tear.half_mm
    return np.asarray(np.maximum(sheet, reach))
