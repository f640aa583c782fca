"""The radiograph before the detector: how much each path through the knee absorbs."""

import numpy as np
from scipy.interpolate import PchipInterpolator

from phantoms.anatomy import KneeShape
from phantoms.bones import Surroundings, absorb_femur, absorb_fibula, absorb_patella, absorb_tibia
from phantoms.canvas import Canvas, Picture
from phantoms.findings import KneeFindings
from phantoms.grain import Grain, grow_grain

SOFT_LEVELS_MM = (-130.0, -70.0, -10.0, 25.0, 75.0, 140.0)  # heights at which the widths below hold
LATERAL_WIDTH_MM = np.array((62.0, 58.0, 51.0, 51.0, 55.0, 50.0))
MEDIAL_WIDTH_MM = np.array((68.0, 62.0, 54.0, 52.0, 54.0, 47.0))


def absorb(
    canvas: Canvas, shape: KneeShape, findings: KneeFindings, rng: np.random.Generator
) -> Picture:
    """Absorption (rows, columns): about 1 in soft tissue, 1.3 to 1.8 in bone, 0 in air."""
    grain = grow_grain(canvas, rng)
    total = _soft_tissue(canvas, grain, rng)
    bones = (
        (shape.femur, absorb_femur),
        (shape.tibia, absorb_tibia),
        (shape.fibula, absorb_fibula),
        (shape.patella, absorb_patella),
    )
    for outline, absorb_bone in bones:
        part, where = canvas.around(outline)
        x, y = part.anatomical()
        around = Surroundings(part, x, y, grain.cut(where), shape.joint["medial"], findings)
        total[where] += absorb_bone(around, part.mask(outline), rng)
    return total


def _soft_tissue(canvas: Canvas, grain: Grain, rng: np.random.Generator) -> Picture:
    """Skin, fat and muscle as nested elliptic tubes."""
    x, y = canvas.anatomical()
    stout = rng.uniform(0.92, 1.22)
    fat = rng.uniform(5.0, 11.0) * stout
    # Widths change slowly: the turn of the picture may be left out.
    height = np.clip(y[:, canvas.columns // 2], SOFT_LEVELS_MM[0], SOFT_LEVELS_MM[-1])
    total = np.zeros_like(x)
    for rim, weight in ((0.0, 0.55), (fat, 0.42)):
        left = PchipInterpolator(SOFT_LEVELS_MM, rim - stout * LATERAL_WIDTH_MM)(height)
        right = PchipInterpolator(SOFT_LEVELS_MM, stout * MEDIAL_WIDTH_MM - rim)(height)
        middle = ((left + right) / 2).astype(np.float32)[:, None]
        inverse = (2 / (right - left)).astype(np.float32)[:, None]
        across = (x - middle) * inverse
        total += weight * np.sqrt(np.clip(1.0 - across * across, 0.0, 1.0))
    # Thigh and calf are thicker than the joint.
    total *= 0.94 + 0.1 * np.square(np.clip(np.abs(y) / 110.0, 0.0, 1.0))
    total *= 1.0 + 0.018 * grain.patches + 0.02 * grain.bundles
    return total
