"""Which bone is broken where and how: planned in millimetres and degrees before anything is drawn."""

from dataclasses import dataclass

import numpy as np

DISPLACED_MM, DISPLACED_DEGREES = 2.0, 7.0  # from here on a break is called displaced


@dataclass(frozen=True)
class Place:
    """Where a break is likely. Ranges are (least, most); slopes are mm along the bone for each mm across it."""

    bone: str
    segment: str  # proximal, shaft or distal
    share: float
    level_mm: tuple[float, float]  # y of its middle
    frontal_slope: tuple[float, float]
    lateral_slope: tuple[float, float]
    lateral_degrees: tuple[float, float]  # which way the distal part tilts in the lateral view
    inside: tuple[float, float] = (
        -1000.0,
        1000.0,
    )  # the x of the frontal view between which it runs
    shaft: bool = False


@dataclass(frozen=True)
class Break:
    """One fracture. In the view v (0 frontal, 1 lateral) the distal part is moved by `shift_mm[v]`, turned by `degrees[v]`."""

    bone: str
    segment: str
    displaced: bool
    level_mm: float
    slopes: tuple[float, float]
    degrees: tuple[float, float]
    shift_mm: tuple[float, float]
    shorten_mm: float
    gap_mm: float
    clarity: float  # 0 invisible to 1: how much of the bone is missing in the gap
    through: float  # which part of the bone's width the line crosses
    from_left: bool
    inside: tuple[float, float]
    roughness_mm: float


PLACES = {
    "wrist": (
        Place("radius", "distal", 0.7, (13, 26), (-0.25, 0.25), (-0.3, 0.3), (5, 24)),
        Place("radius", "shaft", 0.12, (48, 88), (-0.7, 0.7), (-0.5, 0.5), (-14, 14), shaft=True),
        Place("ulna", "distal", 0.08, (12, 30), (-0.3, 0.3), (-0.3, 0.3), (-6, 12)),
        Place("ulna", "shaft", 0.1, (45, 88), (-0.6, 0.6), (-0.5, 0.5), (-10, 10), shaft=True),
    ),
    "leg": (
        Place("fibula", "distal", 0.42, (-38, -6), (-0.4, 0.4), (0.9, 1.8), (-6, 6)),
        Place("tibia", "distal", 0.3, (4, 7), (-0.7, 0.1), (-0.2, 0.2), (-3, 3), inside=(12.0, 40.0)),
        Place("tibia", "distal", 0.1, (-42, -24), (-0.5, 0.5), (-0.4, 0.4), (-10, 10)),
        Place("tibia", "shaft", 0.18, (-140, -70), (-1.2, 1.2), (-0.8, 0.8), (-9, 9), shaft=True),
    ),
}  # fmt: skip


def draw_break(limb: str, rng: np.random.Generator) -> Break:
    """A break of this limb: two in five hardly moved, some of those hard to see."""
    places = PLACES[limb]
    shares = np.array([place.share for place in places])
    place = places[int(rng.choice(len(places), p=shares / shares.sum()))]
    moved = float(rng.uniform(0.5, 1.0)) if rng.random() < 0.6 else float(rng.uniform(0.0, 0.16))
    small = place.inside[0] > -1000  # a malleolus: it can neither tilt nor move far
    side = float(rng.choice([-1.0, 1.0]))
    degrees = (
        moved * side * float(rng.uniform(1, 8)),
        moved * float(rng.uniform(*place.lateral_degrees)),
    )
    most = 3.0 if small else 5.0 if place.shaft else 3.5
    shift = (
        moved * float(rng.uniform(0.4, 1.0)) * most * (1.0 if small else -side),
        moved * float(rng.normal(0, 0.5)) * most,
    )
    shorten = 0.0 if small else moved * float(rng.uniform(-0.3, 1.0)) * 3.0
    whole = moved > 0.2
    return Break(
        bone=place.bone,
        segment=place.segment,
        displaced=is_displaced(degrees, shift, shorten),
        level_mm=float(rng.uniform(*place.level_mm)),
        slopes=(float(rng.uniform(*place.frontal_slope)), float(rng.uniform(*place.lateral_slope))),
        degrees=degrees,
        shift_mm=shift,
        shorten_mm=shorten,
        gap_mm=float(rng.uniform(0.7, 1.5) if whole else rng.uniform(0.45, 1.0)),
        clarity=float(rng.uniform(0.75, 1.0) if whole else rng.uniform(0.45, 0.95)),
        through=1.0 if whole else float(rng.uniform(0.6, 1.0)),
        from_left=bool(rng.random() < 0.5),
        inside=place.inside,
        roughness_mm=float(rng.uniform(0.5, 1.3)),
    )


def is_displaced(
    degrees: tuple[float, float], shift_mm: tuple[float, float], shorten_mm: float
) -> bool:
    """Whether a radiologist would say so: by tilt, by step or by shortening."""
    tilt, step = np.hypot(*degrees), np.hypot(*shift_mm)
    return bool(tilt >= DISPLACED_DEGREES or max(step, shorten_mm) >= DISPLACED_MM)
