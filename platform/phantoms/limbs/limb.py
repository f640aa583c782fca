"""A synthetic study of one limb, two views, whole or broken: what is broken is known, because it was drawn so."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from phantoms.canvas import Canvas
from phantoms.film import develop, draw_exposure
from phantoms.limbs.bone import Limb, View
from phantoms.limbs.breaks import Break, draw_break
from phantoms.limbs.leg import LEG
from phantoms.limbs.picture import Box, absorb_view
from phantoms.limbs.wrist import WRIST

LIMBS = {"wrist": WRIST, "leg": LEG}


@dataclass(frozen=True)
class ViewPhantom:
    """One picture; `box` round the break, in continuous pixel coordinates with (0, 0) at the outer corner."""

    position: str
    pixels: npt.NDArray[np.uint16]  # (rows, columns), larger is brighter
    bits_stored: int
    pixel_spacing_mm: float
    box: Box | None


@dataclass(frozen=True)
class LimbPhantom:
    """Both views of one limb, and the break in it, if there is one."""

    limb: Limb
    laterality: str
    broken: Break | None
    views: tuple[ViewPhantom, ViewPhantom]


def draw_limb(
    *, limb: str, laterality: str, broken: bool, seed: int, spacing_mm: float = 0.2
) -> LimbPhantom:
    """Draw a "wrist" or a "leg" of side "R" or "L"; the same seed gives the same pictures.

    Raises ValueError for another limb or laterality.
    """
    if limb not in LIMBS:
        raise ValueError(f'Limb "{limb}" is unknown: give {" or ".join(LIMBS)}.')
    if laterality not in ("R", "L"):
        raise ValueError(f'Laterality "{laterality}" is unknown: give "R" or "L".')
    rng = np.random.default_rng([seed, 7])
    plan, shape = LIMBS[limb], float(rng.uniform(0.92, 1.08))
    fracture = draw_break(limb, rng) if broken else None
    frontal, lateral = (
        _draw_view(plan, number, laterality, fracture, shape, spacing_mm, rng) for number in (0, 1)
    )
    return LimbPhantom(plan, laterality, fracture, (frontal, lateral))


def _draw_view(
    limb: Limb,
    number: int,
    laterality: str,
    broken: Break | None,
    scale: float,
    spacing_mm: float,
    rng: np.random.Generator,
) -> ViewPhantom:
    view = (limb.frontal, limb.lateral)[number]
    canvas = _place(view, laterality, scale, spacing_mm, rng)
    absorption, box = absorb_view(canvas, limb, number, broken, rng)
    size = (canvas.rows, canvas.columns)
    exposure = draw_exposure(
        marker_left=view.marker_left == (laterality == "R"), rng=rng, detector_mm=view.detector_mm
    )
    bits = int(rng.choice([12, 14]))
    pixels = develop(absorption, canvas, exposure, letter=laterality, size=size, bits=bits, rng=rng)
    return ViewPhantom(view.position, pixels, bits, spacing_mm, box)


def _place(
    view: View, laterality: str, scale: float, spacing_mm: float, rng: np.random.Generator
) -> Canvas:
    rows, columns = (round(mm / spacing_mm) for mm in view.detector_mm)
    mirrored = laterality == "L"
    x = view.detector_mm[1] - view.origin_mm[0] if mirrored else view.origin_mm[0]
    return Canvas(
        rows=rows,
        columns=columns,
        mm=spacing_mm,
        centre=(x + rng.normal(0, 2.5), view.origin_mm[1] + rng.normal(0, 4.0)),
        turn=float(np.radians(rng.normal(0, 2.5))),
        scale=scale,
        mirrored=mirrored,
    )
