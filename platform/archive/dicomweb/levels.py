"""The levels of DICOM's model that can be searched, and where each stands seen from an instance."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Level:
    name: str
    rank: int
    path: str  # from an instance to this level's primary key


STUDY = Level("study", 0, "series__study_id")
SERIES = Level("series", 1, "series_id")
INSTANCE = Level("instance", 2, "pk")
