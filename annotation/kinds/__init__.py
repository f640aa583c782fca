"""The kinds of field. A new kind is one file here, in training/recipes and in frontend/src/kinds, and one line each.

A new kind of region also gets its line in REGIONS: its values are places on the images of the case.
"""

from annotation.kinds import choice, grade, number, presence
from annotation.kinds.boxes import Boxes
from annotation.kinds.kind import Kind
from annotation.kinds.mask import Mask
from annotation.kinds.measure import Measure
from annotation.kinds.points import Points
from annotation.kinds.polygon import Polygon
from annotation.kinds.regions import Regions

REGIONS: dict[str, Regions] = {
    "boxes": Boxes(),
    "points": Points(),
    "polygon": Polygon(),
    "mask": Mask(),
    "measure": Measure(),
}
KINDS: dict[str, Kind] = {
    "presence": presence,
    "grade": grade,
    "choice": choice,
    "number": number,
    **REGIONS,
}
