"""A synthetic radiograph of one knee whose Kellgren-Lawrence grade is known, because it was drawn to it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from phantoms.anatomy import KneeShape, shape_knee
from phantoms.canvas import FIELD_MM, Canvas
from phantoms.film import develop, draw_exposure
from phantoms.findings import KneeFindings, draw_findings
from phantoms.rendering import absorb

MOST_DRAWN_ROWS = 1250  # finer than this only the noise is drawn


@dataclass(frozen=True)
class KneePhantom:
    """One picture and all that is known of it."""

    pixels: npt.NDArray[np.uint16]  # (rows, columns), larger is brighter
    bits_stored: int
    pixel_spacing_mm: float
    grade: int
    laterality: str
    findings: KneeFindings
    joint: dict[str, tuple[float, float]]  # compartment → (row, column) of its narrowest place
    marker: tuple[float, float]  # (row, column) of the lead letter's middle


def draw_knee(*, grade: int, laterality: str, size: tuple[int, int], seed: int) -> KneePhantom:
    """Draw a knee: grade 0 to 4, laterality "R" or "L", size (rows, columns) in pixels; same seed, same picture.

    Raises ValueError for another grade or laterality.
    """
    if laterality not in ("R", "L"):
        raise ValueError(f'Laterality "{laterality}" is unknown: give "R" or "L".')
    rng = np.random.default_rng(seed)
    findings = draw_findings(grade, rng)
    shape = shape_knee(findings, rng)
    canvas = _place(laterality, size, rng)
    # A right knee is seen from the front with its outer side on the left.
    exposure = draw_exposure(marker_left=laterality == "R", rng=rng)
    bits = int(rng.choice([14, 16]))
    absorption = absorb(canvas, shape, findings, rng)
    pixels = develop(absorption, canvas, exposure, letter=laterality, size=size, bits=bits, rng=rng)
    spacing = FIELD_MM[0] / size[0]
    return KneePhantom(
        pixels=pixels,
        bits_stored=bits,
        pixel_spacing_mm=spacing,
        grade=grade,
        laterality=laterality,
        findings=findings,
        joint=_joint_pixels(canvas, shape, size[0] / canvas.rows),
        marker=(exposure.marker[1] / spacing, exposure.marker[0] / spacing),
    )


def _place(laterality: str, size: tuple[int, int], rng: np.random.Generator) -> Canvas:
    rows = min(size[0], MOST_DRAWN_ROWS)
    columns = round(size[1] * rows / size[0])
    return Canvas(
        rows=rows,
        columns=columns,
        mm=FIELD_MM[0] / rows,
        centre=(FIELD_MM[1] / 2 + rng.normal(0, 3.5), FIELD_MM[0] / 2 + rng.normal(0, 6.0)),
        turn=float(np.radians(rng.normal(0, 2.2))),
        scale=float(rng.uniform(0.92, 1.1)),
        mirrored=laterality == "L",
    )


def _joint_pixels(canvas: Canvas, shape: KneeShape, finer: float) -> dict[str, tuple[float, float]]:
    places = {}
    for side, place in shape.joint.items():
        x, y = canvas.to_pixels([place])[0]
        places[side] = (float((y + 0.5) * finer - 0.5), float((x + 0.5) * finer - 0.5))
    return places
