"""What is torn in a knee: planned before anything is drawn, with the spread that makes some tears hard to see."""

from dataclasses import dataclass

import numpy as np

ZONES = {  # the middle of each zone and half its reach, as an angle round the meniscus: 0 outward, + towards the back
    "anterior_horn": (-1.25, 0.45),
    "body": (0.0, 0.45),
    "posterior_horn": (1.3, 0.5),
    "posterior_root": (2.05, 0.22),
}
TYPES = ("horizontal", "vertical", "radial", "complex")
SHARES = {"posterior_horn": 0.6, "body": 0.2, "anterior_horn": 0.1, "posterior_root": 0.1}


@dataclass(frozen=True)
class MeniscusTear:
    """`angle` and `reach` in radians round the meniscus; `half_mm`: half its width; `signal` 0 black to 1 as fluid."""

    meniscus: str  # medial or lateral
    zone: str
    type: str
    angle: float
    reach: float
    depth: float  # where a longitudinal tear runs: 0 inner edge to 1 rim
    half_mm: float
    signal: float


@dataclass(frozen=True)
class KneeTears:
    """`degeneration`: signal inside a meniscus that does not reach its surface, by meniscus."""

    meniscus: MeniscusTear | None
    acl: bool  # completely torn
    acl_signal: float
    degeneration: dict[str, float]
    effusion: float  # 0 to 1


def draw_tears(meniscus: bool, acl: bool, rng: np.random.Generator) -> KneeTears:
    """The findings of one knee."""
    tear = _draw_meniscus_tear(rng) if meniscus else None
    degeneration = {
        side: float(rng.uniform(0.25, 0.45)) if rng.random() < 0.3 else 0.0
        for side in ("medial", "lateral")
        if tear is None or tear.meniscus != side
    }
    hurt = 0.35 * (tear is not None) + 0.5 * acl
    return KneeTears(
        meniscus=tear,
        acl=acl,
        acl_signal=float(rng.uniform(0.42, 0.72)),
        degeneration=degeneration,
        effusion=float(np.clip(rng.normal(0.15 + hurt * 0.7, 0.15), 0.0, 1.0)),
    )


def _draw_meniscus_tear(rng: np.random.Generator) -> MeniscusTear:
    side = "medial" if rng.random() < 0.65 else "lateral"
    zone = str(rng.choice(list(SHARES), p=list(SHARES.values())))
    kind = "root" if zone == "posterior_root" else str(rng.choice(TYPES, p=(0.4, 0.25, 0.2, 0.15)))
    middle, reach = ZONES[zone]
    return MeniscusTear(
        meniscus=side,
        zone=zone,
        type=kind,
        angle=middle + float(rng.uniform(-0.4, 0.4)) * reach,
        reach=reach * float(rng.uniform(0.6, 1.0)),
        depth=float(rng.uniform(0.4, 0.75)),
        half_mm=float(rng.uniform(0.45, 0.9)),
        signal=float(rng.uniform(0.42, 0.9)),
    )
