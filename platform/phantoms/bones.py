"""How much each bone absorbs: a rounded body of trabeculae, a bright cortex, and the lines inside."""

from dataclasses import dataclass

import numpy as np

from phantoms.canvas import Canvas, Picture
from phantoms.findings import KneeFindings
from phantoms.grain import Grain


@dataclass(frozen=True)
class Surroundings:
    """The part of the picture around one bone."""

    canvas: Canvas
    x: Picture  # anatomical mm, towards medial
    y: Picture  # anatomical mm, towards the foot
    grain: Grain
    medial_joint: tuple[float, float]  # (x, y) of the narrowest medial place
    findings: KneeFindings


def absorb_femur(around: Surroundings, bone: Picture, rng: np.random.Generator) -> Picture:
    """Condyles, notch walls, the scar of the growth plate, and the shaft's two walls."""
    canvas, x, y, grain = around.canvas, around.x, around.y, around.grain
    shaft = _shaft(y, 48.0, 110.0)
    depth = _bulk(canvas, bone, 3.2) * (0.36 - 0.2 * shaft)
    depth *= 0.88 + 0.18 * (_near(x, y, (23.0, -17.0)) + _near(x, y, (-23.0, -17.0)))
    depth *= _texture(grain, 0.065 - 0.04 * shaft, 0.07 - 0.03 * shaft, 0.045)
    near_joint = np.exp(-np.square((y + 1.0) / 5.0))
    rim = 0.26 * _edge(canvas, bone, 0.5) + 0.16 * near_joint * _edge(canvas, bone, 1.0)
    rim += 0.5 * shaft * _edge(canvas, bone, 3.4)
    strong = rng.uniform(0.05, 0.17, 2)
    lean = rng.uniform(0.06, 0.18, 2)
    inner = _line(x, 10.5 + rng.normal(0, 1.0) + float(lean[0]) * y, 0.65) * float(strong[0])
    inner += _line(x, -9.5 + rng.normal(0, 1.0) - float(lean[1]) * y, 0.65) * float(strong[1])
    inner *= np.clip((-y - 8) / 4, 0, 1) * np.clip((36 + y) / 16, 0, 1)
    level = -32.0 + rng.normal(0, 2.0) + rng.uniform(0.002, 0.007) * x * x
    inner += _scar(around, level, 40.0) * rng.uniform(0.03, 0.09)
    depth += rim + bone * inner
    return depth + _sclerosis(around, bone, 0.55)


def absorb_tibia(around: Surroundings, bone: Picture, rng: np.random.Generator) -> Picture:
    """Plateau with its bright plate, spines, the scar of the growth plate, and the shaft."""
    canvas, x, y, grain = around.canvas, around.x, around.y, around.grain
    shaft = _shaft(y, 42.0, 105.0)
    depth = _bulk(canvas, bone, 2.8) * (0.36 - 0.2 * shaft)
    depth *= _texture(grain, 0.075 - 0.05 * shaft, 0.07 - 0.03 * shaft, 0.055)
    near_joint = np.clip((13.0 - y) / 6.0, 0.0, 1.0)
    rim = 0.25 * _edge(canvas, bone, 0.5) + 0.28 * near_joint * _edge(canvas, bone, 1.3)
    rim += 0.5 * shaft * _edge(canvas, bone, 3.2)
    level = 21.0 + rng.normal(0, 1.5) - rng.uniform(0.001, 0.005) * x * x
    inner = _scar(around, level, 32.0) * rng.uniform(0.02, 0.07)
    inner += _back_rims(around) * rng.uniform(0.03, 0.1)
    depth += rim + bone * inner
    return depth + _sclerosis(around, bone, 0.7)


def absorb_fibula(around: Surroundings, bone: Picture, _rng: np.random.Generator) -> Picture:
    """A thin rod with a knob."""
    canvas, y = around.canvas, around.y
    shaft = _shaft(y, 32.0, 85.0)
    depth = _bulk(canvas, bone, 3.0) * (0.15 - 0.06 * shaft)
    depth *= _texture(around.grain.turned(), 0.06, 0.09, 0.05)
    depth += 0.12 * _edge(canvas, bone, 0.5) + 0.26 * shaft * _edge(canvas, bone, 2.0)
    return depth


def absorb_patella(around: Surroundings, bone: Picture, rng: np.random.Generator) -> Picture:
    """A faint disc over the femur, unsharp because it lies far from the detector."""
    canvas = around.canvas
    depth = _bulk(canvas, bone, 4.0) * rng.uniform(0.1, 0.16)
    depth *= _texture(around.grain.turned(), 0.04, 0.1, 0.1)
    return canvas.blur(depth + 0.09 * _edge(canvas, bone, 0.9), 0.45)


def _sclerosis(around: Surroundings, bone: Picture, strength: float) -> Picture:
    """Dense bone under the surface of the medial compartment; deeper where there is more of it."""
    much = around.findings.sclerosis
    middle, level = around.medial_joint
    above = np.abs(around.y - level)
    where: Picture = np.exp(
        -np.square(np.square((around.x - middle) / 13.0)) - above / (4.0 + 8.0 * much)
    )
    return strength * much * where * _edge(around.canvas, bone, 2.5 + 4.5 * much)


def _back_rims(around: Surroundings) -> Picture:
    """The far edge of each half of the plateau, seen through it as a faint bowed line below the near one."""
    x, level = around.x, around.medial_joint[1]
    rims = np.zeros_like(x)
    for middle, bow in ((23.0, 3.0), (-22.0, 4.0)):
        across = (x - middle) / 14.0
        line = _line(around.y, level + 4.5 + bow * (1.0 - np.square(across)), 0.9)
        rims += line * np.clip(2.0 * (1.0 - np.abs(across)), 0.0, 1.0)
    return rims


def _edge(canvas: Canvas, bone: Picture, mm: float) -> Picture:
    """1 on the bone's edge, falling to 0 over about `mm` inside it."""
    return np.asarray(np.clip(2.0 * bone * (1.0 - canvas.blur(bone, mm)), 0.0, 1.0))


def _bulk(canvas: Canvas, bone: Picture, mm: float) -> Picture:
    """Depth of a rounded bone, 0 at its edge to 1 inside."""
    inside = np.clip(2.0 * canvas.blur(bone, mm) - 1.0, 0.0, 1.0)
    return np.asarray(bone * np.sqrt(inside))


def _texture(
    grain: Grain, struts: float | Picture, mesh: float | Picture, patches: float
) -> Picture:
    texture = 1.0 + struts * grain.struts + mesh * grain.mesh + patches * grain.patches
    return np.asarray(texture)


def _shaft(y: Picture, start: float, full: float) -> Picture:
    """0 in the wide bone end to 1 in the shaft, where the cortex is thick."""
    return np.asarray(np.clip((np.abs(y) - start) / (full - start), 0.0, 1.0))


def _near(x: Picture, y: Picture, at: tuple[float, float]) -> Picture:
    """A soft spot of 16 mm around a point."""
    return np.asarray(np.exp(-np.square((x - at[0]) / 16.0) - np.square((y - at[1]) / 17.0)))


def _line(across: Picture, at: Picture | float, mm: float) -> Picture:
    return np.asarray(np.exp(-np.square((across - at) / mm)))


def _scar(around: Surroundings, level: Picture, half: float) -> Picture:
    """The closed growth plate: an uneven, broken line at a level (mm)."""
    patches = around.grain.patches
    uneven = _line(around.y, level + 0.8 * patches, 0.75)
    broken: Picture = np.clip(0.75 + 0.5 * patches, 0.0, 1.2)
    ends: Picture = np.clip((half - np.abs(around.x)) / 12, 0, 1)
    return uneven * broken * ends
