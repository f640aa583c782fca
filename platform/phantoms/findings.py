"""What a knee of a given Kellgren-Lawrence grade shows, with the spread that makes neighbours overlap.

Grades: Kellgren and Lawrence, Ann Rheum Dis 1957; 16: 494. Joint-space widths follow the order of size of fixed-flexion
radiographs of adults (medial 4 to 5 mm, lateral 5 to 6 mm when healthy); they are drawn, not measured on anybody.
"""

from dataclasses import dataclass

import numpy as np

# femur/tibia, medial/lateral: the four margins that an atlas grades
MARGINS = ("FM", "TM", "FL", "TL")

# grade: (mean, standard deviation) in millimetres
MEDIAL_JSW_MM = {0: (4.8, 0.5), 1: (4.4, 0.5), 2: (3.8, 0.55), 3: (2.2, 0.65), 4: (0.6, 0.55)}
LATERAL_JSW_MM = {0: (5.4, 0.5), 1: (5.3, 0.55), 2: (5.1, 0.6), 3: (5.0, 0.7), 4: (4.7, 0.9)}

# grade: (chance that a margin has one, smallest, largest) in millimetres
OSTEOPHYTE_MM = {
    0: (0.06, 0.3, 0.9),
    1: (0.65, 0.7, 1.9),
    2: (0.9, 1.6, 4.0),
    3: (0.95, 2.4, 5.4),
    4: (1.0, 3.4, 7.5),
}

# grade: (mean, standard deviation), 0 none to 1 ivory-white bone
SCLEROSIS = {0: (0.0, 0.05), 1: (0.06, 0.07), 2: (0.17, 0.1), 3: (0.48, 0.17), 4: (0.8, 0.17)}


@dataclass(frozen=True)
class KneeFindings:
    """What was drawn. Joint-space widths are the narrowest in the compartment, before projection, in millimetres."""

    medial_jsw_mm: float
    lateral_jsw_mm: float
    osteophytes: dict[str, float]  # margin (FM, TM, FL, TL) → how far it stands out, in millimetres
    sclerosis: float  # subchondral, medial, 0 to 1
    deformity: float  # flattening of the medial bone ends, in millimetres


def draw_findings(grade: int, rng: np.random.Generator) -> KneeFindings:
    """The findings of one knee. Raises ValueError for a grade outside 0 to 4."""
    if grade not in MEDIAL_JSW_MM:
        raise ValueError(f"Kellgren-Lawrence grade {grade} does not exist: give 0, 1, 2, 3 or 4.")
    medial = max(0.0, rng.normal(*MEDIAL_JSW_MM[grade]))
    lateral = max(2.0, rng.normal(*LATERAL_JSW_MM[grade]))
    return KneeFindings(
        medial_jsw_mm=round(float(medial), 2),
        lateral_jsw_mm=round(float(max(lateral, medial)), 2),
        osteophytes=_draw_osteophytes(grade, rng),
        sclerosis=round(float(np.clip(rng.normal(*SCLEROSIS[grade]), 0.0, 1.0)), 2),
        deformity=round(float(rng.uniform(0.5, 2.8)) if grade == 4 else 0.0, 2),
    )


def _draw_osteophytes(grade: int, rng: np.random.Generator) -> dict[str, float]:
    chance, smallest, largest = OSTEOPHYTE_MM[grade]
    sizes = {}
    for margin in MARGINS:
        present = rng.random() < chance
        size = rng.uniform(smallest, largest) * (1.0 if margin.endswith("M") else 0.75)
        sizes[margin] = round(float(size), 2) if present else 0.0
    if grade == 2 and max(sizes.values()) < 1.5:  # grade 2 means a definite osteophyte somewhere
        sizes["TM"] = 2.0
    return sizes
