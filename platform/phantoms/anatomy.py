"""The outlines of a right knee seen from the front, in millimetres.

x grows towards medial, y towards the foot; the origin lies between the femoral condyles' lowest points. An outline is an
array (points, 2) of (x, y); the shafts run out of the picture.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage
from scipy.interpolate import Akima1DInterpolator

from phantoms.findings import KneeFindings

Outline = npt.NDArray[np.float64]

FEMUR = (
    (-14.5, -190), (-14.5, -130), (-15.5, -104), (-19.5, -80), (-28, -59), (-37, -43), (-42, -33), (-40.5, -26), (-38.5, -20),
    (-39, -14), (-38.5, -8.5), (-36, -4), (-30, -1.2), (-22, 0), (-15, -1.6), (-10.5, -5), (-7.5, -9.5), (-3.5, -12.5),
    (0.5, -13), (4.5, -11.8), (8.5, -7.8), (12, -3.6), (17, -0.9), (23, 0), (31, -1), (37, -4.2), (40, -9), (41, -16),
    (41.5, -23), (44, -31), (43.5, -38), (38, -48), (29, -62), (20.5, -82), (16, -104), (14.5, -130), (14.5, -190),
)  # fmt: skip
TIBIA = (
    (-14, 190), (-14, 130), (-15, 90), (-18, 66), (-24, 48), (-31.5, 30), (-36.5, 17), (-38.5, 9.5), (-38.6, 5),
    (-36.4, 1.6), (-31, 0.4), (-22, 0.3), (-15, 0), (-10.5, -1.6), (-7.5, -5), (-5, -7.6), (-2.8, -6.2), (0, -4.2),
    (3, -5.6), (5.6, -8.8), (8, -6.6), (11, -2.2), (15.5, -0.2), (23, 0.9), (31, 0.7), (36.4, 0.9), (39.2, 3.2),
    (39.8, 7.5), (38.6, 14), (35, 25), (28.5, 41), (21, 62), (16.5, 90), (14.5, 130), (14, 190),
)  # fmt: skip
FIBULA = (
    (-44, 190), (-44.5, 120), (-44, 70), (-44, 46), (-46.5, 33), (-48, 24), (-46, 17.5), (-41, 13), (-36, 14.5),
    (-32, 20), (-31, 27), (-33, 35), (-35.5, 47), (-34.5, 70), (-33.5, 120), (-33, 190),
)  # fmt: skip
PATELLA = (
    (0, -20), (-8, -22), (-16, -28), (-21, -37), (-21.5, -46), (-16, -54), (-7, -58), (4, -58.5), (14, -55), (20, -47),
    (20.5, -38), (16, -29), (8, -22.5), (0, -20),
)  # fmt: skip

# margin: (bone's own coordinates of the corner, direction in which an osteophyte grows)
FEMORAL_MARGINS = {"FL": ((-38.6, -8.5), (-0.93, -0.36)), "FM": ((40.0, -9.0), (0.93, -0.36))}
TIBIAL_MARGINS = {"TL": ((-38.6, 3.5), (-0.98, -0.2)), "TM": ((39.8, 3.0), (0.98, -0.22))}
# from x to x: where the joint space is measured
COMPARTMENT = {"medial": (15.0, 31.0), "lateral": (-30.0, -15.0)}


@dataclass(frozen=True)
class KneeShape:
    """The four bones in one frame, and where the joint space is narrowest, as (x, y) of its middle."""

    femur: Outline
    tibia: Outline
    fibula: Outline
    patella: Outline
    joint: dict[str, tuple[float, float]]


def shape_knee(findings: KneeFindings, rng: np.random.Generator) -> KneeShape:
    """Bones of an invented person, bent to the findings."""
    spines, notch = rng.uniform(0.75, 1.25), rng.uniform(0.8, 1.2)
    femur = _outline(_vary_middle(FEMUR, notch, above=True), rng)
    tibia = _outline(_vary_middle(TIBIA, spines, above=False), rng)
    _flatten_medial(femur, tibia, findings.deformity)
    for margin, (corner, direction) in FEMORAL_MARGINS.items():
        _grow_osteophyte(femur, corner, direction, findings.osteophytes[margin], rng)
    for margin, (corner, direction) in TIBIAL_MARGINS.items():
        _grow_osteophyte(tibia, corner, direction, findings.osteophytes[margin], rng)
    patella = _outline(PATELLA, rng) + rng.normal((-1.0, 0.0), (2.0, 3.5))
    fibula = _outline(FIBULA, rng) + rng.normal((4.5, 0.0), (2.0, 2.5))
    turn, drop = _pose_tibia(femur, tibia, findings)
    tibia, fibula = _posed(tibia, turn, drop), _posed(fibula, turn, drop)
    joint = {side: _narrowest(femur, tibia, side)[1] for side in COMPARTMENT}
    return KneeShape(femur, tibia, fibula, patella, joint)


def _vary_middle(points: tuple[tuple[float, float], ...], factor: float, *, above: bool) -> Outline:
    """Notch (above) or spines made deeper or higher: the middle 22 mm stretched in y."""
    moved = np.array(points, dtype=float)
    middle = (np.abs(moved[:, 0]) < 11) & (np.abs(moved[:, 1]) < 20)
    moved[middle, 1] *= factor
    return moved


def _outline(points: object, rng: np.random.Generator) -> Outline:
    """A smooth line, sampled every 0.25 mm, through points shaken a little."""
    knots = np.array(points, dtype=float)
    knots += ndimage.gaussian_filter1d(rng.normal(0.0, 1.1, knots.shape), 1.2, axis=0)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(knots, axis=0).T))])
    fine = np.arange(0.0, along[-1], 0.25)
    line = Akima1DInterpolator(along, knots)(fine)
    return np.asarray(ndimage.gaussian_filter1d(line, 1.0 / 0.25, axis=0, mode="nearest"))


def _flatten_medial(femur: Outline, tibia: Outline, deformity: float) -> None:
    """Attrition: the medial plateau sinks towards its edge and the condyle that stands on it grows flat."""
    if not deformity:
        return
    window = np.exp(-(((tibia[:, 0] - 29) / 9) ** 2)) * (np.abs(tibia[:, 1]) < 12)
    tibia[:, 1] += deformity * window
    low = (femur[:, 0] > 12) & (femur[:, 1] > -1.2)
    femur[low, 1] = -1.2 + 0.3 * (femur[low, 1] + 1.2)


def _grow_osteophyte(
    bone: Outline,
    corner: tuple[float, float],
    direction: tuple[float, float],
    size: float,
    rng: np.random.Generator,
) -> None:
    """Pull the outline out to a beak of `size` mm at the corner."""
    if size <= 0:
        return
    along = np.arange(len(bone)) * 0.25
    peak = along[np.argmin(np.hypot(*(bone - corner).T))]
    width = 1.3 + 0.38 * size
    beak = np.exp(-(np.abs((along - peak) / width) ** 1.4))
    lean = np.array(direction) + rng.normal(0.0, 0.12, 2)
    bone += size * beak[:, None] * lean


def _pose_tibia(femur: Outline, tibia: Outline, findings: KneeFindings) -> tuple[float, float]:
    """The turn (radians) and drop (mm) that give both compartments their width: a narrow medial one means varus."""
    turn, drop = 0.0, 5.0
    for _ in range(4):
        posed = _posed(tibia, turn, drop)
        (medial, (x_medial, _y)), (lateral, (x_lateral, _z)) = (
            _narrowest(femur, posed, side) for side in ("medial", "lateral")
        )
        off_medial, off_lateral = findings.medial_jsw_mm - medial, findings.lateral_jsw_mm - lateral
        slope = (off_medial - off_lateral) / (x_medial - x_lateral)
        turn += slope
        drop += off_medial - slope * x_medial
    return turn, drop


def _posed(bone: Outline, turn: float, drop: float) -> Outline:
    cosine, sine = np.cos(turn), np.sin(turn)
    return np.asarray(bone @ np.array([[cosine, sine], [-sine, cosine]]) + (0.0, drop))


def _narrowest(femur: Outline, tibia: Outline, side: str) -> tuple[float, tuple[float, float]]:
    """Smallest vertical gap in a compartment and the middle of it."""
    x = np.linspace(*COMPARTMENT[side], 60)
    above, below = _edge_at(femur, x), _edge_at(tibia, x)
    gap = below - above
    at = int(np.argmin(gap))
    return float(gap[at]), (float(x[at]), float((above[at] + below[at]) / 2))


def _edge_at(bone: Outline, x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """y of the articular surface at each x; the surface is the part near the joint."""
    near = bone[(np.abs(bone[:, 0]) < 34) & (bone[:, 1] > -16) & (bone[:, 1] < 16)]
    order = np.argsort(near[:, 0])
    return np.asarray(np.interp(x, near[order, 0], near[order, 1]))
