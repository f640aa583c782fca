"""A radiograph of a limb in one view, before the detector."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PIL import Image
from scipy import ndimage
from scipy.interpolate import Akima1DInterpolator, PchipInterpolator

from phantoms.canvas import Canvas, Picture, resize
from phantoms.grain import Grain, grow_grain
from phantoms.limbs.bone import Bone, Limb, View
from phantoms.limbs.breaks import Break
from phantoms.limbs.density import absorb_bone, depth_inside
from phantoms.limbs.fragments import Cut, apart, cut_of, moved

Outline = npt.NDArray[np.float64]  # (points, 2): x, y in mm
Box = tuple[
    float, float, float, float
]  # left, top, right, bottom in continuous pixels of the canvas
MARGIN_MM = 2.5
SHORT_MM = 26.0
SEEN = 0.03  # change of absorption along a line that is worth a box in a lateral


def absorb_view(
    canvas: Canvas, limb: Limb, number: int, broken: Break | None, rng: np.random.Generator
) -> tuple[Picture, Box | None]:
    """Absorption (rows, columns), and the box round the break, in view 0 (frontal) or 1 (lateral)."""
    view = (limb.frontal, limb.lateral)[number]
    grain = grow_grain(canvas, rng)
    outlines = [_outline(bone.outline, rng) for bone in view.bones]
    total = _soft_tissue(canvas, view, grain, rng)
    cut, box, hit = None, None, -1
    if broken:
        hit = _hit(view, outlines, broken)
        cut = cut_of(broken, outlines[hit], number, limb.distal, rng)
    for at, (bone, outline) in enumerate(zip(view.bones, outlines, strict=True)):
        shape = moved(outline, cut.move) if cut and _follows(limb, bone, cut) else outline
        part, where = canvas.around(shape)
        drawn = _draw_bone(part, bone, shape, _turned(grain, at).cut(where), rng)
        if at == hit and cut:
            pieces = apart(part, drawn, *part.anatomical(), cut)
            drawn = pieces.absorption
            # nobody would box what cannot be seen; the frontal view was chosen to show it
            box = _box(pieces.line, where, canvas) if not number or pieces.contrast > SEEN else None
        total[where] += drawn
    return total, box


def _hit(view: View, outlines: list[Outline], broken: Break) -> int:
    """Which of the drawn parts of the broken bone the line crosses: a malleolus is a part of its own in a lateral."""
    widths = {
        at: float(np.ptp(near)) if len(near) else 0.0
        for at, (bone, outline) in enumerate(zip(view.bones, outlines, strict=True))
        if bone.name == broken.bone
        for near in [outline[np.abs(outline[:, 1] - broken.level_mm) < 1.5, 0]]
    }
    return max(widths, key=lambda at: widths[at])


def _follows(limb: Limb, bone: Bone, cut: Cut) -> bool:
    """Whether this bone goes with the broken-off end: a hand goes with its radius, a foot with its tibia's shaft."""
    leads = cut.broken.bone in ("radius", "tibia") and cut.broken.inside[0] == -1000
    return leads and bone.name in limb.follow


def _turned(grain: Grain, number: int) -> Grain:
    return grain.turned() if number % 2 else grain


def _draw_bone(
    part: Canvas,
    bone: Bone,
    shape: Outline,
    grain: Grain,
    rng: np.random.Generator,
) -> Picture:
    x, y = part.anatomical()
    drawn = absorb_bone(part, bone, part.mask(shape), y, grain)
    if bone.wall.shaft > 2.8 and rng.random() < 0.4:
        drawn *= _vessel_canal(x, y, shape, rng)
    return drawn


def _vessel_canal(x: Picture, y: Picture, shape: Outline, rng: np.random.Generator) -> Picture:
    """A nutrient artery's channel: a fine dark line, steep, in the wall of a shaft. It is no break."""
    inner = shape[np.abs(shape[:, 1]) < 150]
    level = rng.uniform(0.5, 0.75) * float(inner[np.argmax(np.abs(inner[:, 1])), 1])
    near = shape[np.abs(shape[:, 1] - level) < 3, 0]
    at, steep = rng.uniform(near.min() + 2, near.max() - 2), rng.uniform(-0.35, 0.35)
    across = (x - at - steep * (y - level)) / 0.5
    along = (y - level) / rng.uniform(5.0, 10.0)
    line = np.exp(-np.square(across) - np.square(np.square(along)))
    return np.asarray(1.0 - rng.uniform(0.08, 0.22) * line, dtype=np.float32)


def _box(line: Picture, where: tuple[slice, slice], canvas: Canvas) -> Box | None:
    rows, columns = np.nonzero(line > 0.4)
    if not len(rows):
        return None
    spare = MARGIN_MM / canvas.mm
    left, right = columns.min() + where[1].start - spare, columns.max() + where[1].start + 1 + spare
    top, bottom = rows.min() + where[0].start - spare, rows.max() + where[0].start + 1 + spare
    return (
        float(max(left, 0.0)),
        float(max(top, 0.0)),
        float(min(right, canvas.columns)),
        float(min(bottom, canvas.rows)),
    )


def _outline(points: object, rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """A smooth closed line, sampled every 0.3 mm, through points shaken a little."""
    knots = np.array(points, dtype=float)
    size = np.ptp(knots, axis=0).min()
    knots += rng.normal(0.0, min(0.6, 0.02 * size), knots.shape)
    closed = np.vstack([knots[-2:], knots, knots[:2]])
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(closed, axis=0).T))])
    line = Akima1DInterpolator(along, closed)(np.arange(along[1], along[-2], 0.3))
    soft = ndimage.gaussian_filter1d(line, 2.0, axis=0, mode="wrap")
    if np.ptp(knots, axis=0).max() < SHORT_MM:  # which the line above cuts the corners of
        middle = soft.mean(axis=0)
        soft = middle + (soft - middle) * (1.0 + 1.1 / size)
    return np.asarray(soft)


def _soft_tissue(canvas: Canvas, view: View, grain: Grain, rng: np.random.Generator) -> Picture:
    """Skin, fat and muscle: two nested bodies, drawn coarsely since nothing in them is sharp."""
    coarse = 3
    rows, columns = -(-canvas.rows // coarse), -(-canvas.columns // coarse)
    small = replace(canvas, rows=rows, columns=columns, mm=canvas.mm * coarse)
    stout, fat = rng.uniform(0.94, 1.12), rng.uniform(2.5, 5.0)
    total = np.zeros((rows, columns), dtype=np.float32)
    depth = depth_inside(small.mask(_skin(view, stout)), small.mm)
    for rim, weight in ((0.0, 0.4), (fat, 0.5)):
        inside = np.clip((depth - rim) / 34.0, 0.0, 1.0)
        total += weight * np.sqrt(inside * (2.0 - inside))
    whole = resize(
        small.blur(total, 0.6), (rows * coarse, columns * coarse), Image.Resampling.BICUBIC
    )
    whole = whole[: canvas.rows, : canvas.columns]
    return np.asarray(whole * (1.0 + 0.015 * grain.patches + 0.025 * grain.bundles))


def _skin(view: View, stout: float) -> npt.NDArray[np.float64]:
    y, left, right = np.array(view.skin, dtype=float).T
    fine = np.arange(y[0], y[-1], 1.0)
    sides = [PchipInterpolator(y, side * stout)(fine) for side in (left, right)]
    return np.vstack([np.column_stack([sides[0], fine]), np.column_stack([sides[1], fine])[::-1]])
