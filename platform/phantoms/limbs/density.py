"""How much a bone absorbs: a tube with a wall of dense bone around trabeculae, as thick as it is wide."""

import numpy as np
from scipy import ndimage

from phantoms.canvas import Canvas, Picture
from phantoms.grain import Grain
from phantoms.limbs.bone import Bone

DENSE, SPONGY = np.float32(0.085), np.float32(0.03)  # absorption of a millimetre


def absorb_bone(canvas: Canvas, bone: Bone, mask: Picture, y: Picture, grain: Grain) -> Picture:
    """Absorption (rows, columns) of one bone; `mask` is its silhouette, y anatomical mm."""
    depth = depth_inside(mask, canvas.mm / canvas.scale)
    radius = _radius(depth, mask, canvas)
    start, full = bone.wall.between
    shaft: Picture = np.clip((np.abs(y) - start) / (full - start), 0.0, 1.0)
    wall: Picture = np.float32(bone.wall.end) + shaft * np.float32(bone.wall.shaft - bone.wall.end)
    outer = _chord(depth, radius)
    inner = _chord(depth - wall, np.maximum(radius - wall, 0.3))
    texture = 1.0 + 0.1 * grain.struts + 0.1 * grain.mesh + 0.1 * grain.patches
    spongy = inner * np.maximum(texture, 0.2) * (1.0 - 0.72 * shaft)
    uneven = 1.0 + 0.05 * grain.patches
    total = DENSE * (outer - inner) * uneven + SPONGY * spongy
    return np.asarray(np.float32(bone.weight) * total, dtype=np.float32)


def depth_inside(mask: Picture, mm: float) -> Picture:
    """How far each pixel lies inside the silhouette, in mm."""
    depth = ndimage.distance_transform_edt(mask > 0.5)
    smooth = ndimage.gaussian_filter(depth.astype(np.float32), (1.8, 1.2), truncate=2.5)
    return np.asarray(smooth * np.float32(mm) * (mask > 0.02), dtype=np.float32)


def _radius(depth: Picture, mask: Picture, canvas: Canvas) -> Picture:
    """Half the width of the bone at each row, changing slowly: a bone is about as deep as it is wide."""
    widest = depth.max(axis=1)
    reach = max(1, int(6.0 / canvas.mm))
    wide = ndimage.maximum_filter1d(widest, reach, mode="nearest")
    soft = ndimage.gaussian_filter1d(wide, reach / 2, mode="nearest")
    return np.asarray(np.maximum(soft, 1.0)[:, None] * np.ones_like(mask[:1]), dtype=np.float32)


def _chord(depth: Picture, radius: Picture) -> Picture:
    """Half of the way through a round tube of this radius, `depth` inside its edge."""
    inside = np.clip(depth, 0.0, radius)
    return np.asarray(np.sqrt(inside * (2.0 * radius - inside)))
