"""What one bone is in one view: its outline and how thick its wall is."""

from dataclasses import dataclass

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Wall:
    """The bone's dense wall in mm, at its ends and in its shaft; |y| where it begins to thicken and is as thick as it grows."""

    end: float = 0.5
    shaft: float = 0.5
    between: tuple[float, float] = (1000.0, 1001.0)


@dataclass(frozen=True)
class Bone:
    """`outline`: (x, y) in mm, closed; a shaft runs out of the picture. `weight`: how much of it the view shows."""

    name: str
    outline: Points
    wall: Wall = Wall()
    weight: float = 1.0


@dataclass(frozen=True)
class View:
    """One projection of a right limb, as it hangs. x grows to the right, y down; the origin lies in the joint."""

    position: str  # ViewPosition
    detector_mm: tuple[float, float]  # rows, columns
    origin_mm: tuple[float, float]  # (x, y) of the origin from the detector's top left corner
    bones: tuple[Bone, ...]
    skin: tuple[tuple[float, float, float], ...]  # y, left edge, right edge in mm
    marker_left: bool


@dataclass(frozen=True)
class Limb:
    """Two views of one part of the body. `distal`: +1 where distal is down, -1 where it is up."""

    name: str
    body_part: str  # BodyPartExamined
    title: str
    distal: int
    frontal: View
    lateral: View
    follow: tuple[str, ...]  # bones that go with a distal fragment
