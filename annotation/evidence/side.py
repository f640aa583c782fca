"""Which side an image shows: R, L, B for both, or ""."""

from annotation import flags
from annotation.evidence.image import (
    IMAGE_LATERALITY,
    LATERALITY,
    REGION_MODIFIER,
    Image,
    codes_of,
)
from annotation.evidence.verdict import Verdict, compare
from archive.name_side import sides_of

# SNOMED CT and, in older files, SNOMED RT
MODIFIERS = {
    ("24028007", "SCT"): "R",
    ("G-A100", "SRT"): "R",
    ("7771000", "SCT"): "L",
    ("G-A101", "SRT"): "L",
    ("51440002", "SCT"): "B",
    ("G-A102", "SRT"): "B",
}
LETTERS = {"R": "R", "RE": "R", "L": "L", "LI": "L"}  # "Knee AP R", "Knie re"
SPINE = {
    "SPINE",
    "LUMBAR",
    "LUMBAL",
    "LSPINE",
    "LWS",
    "HWS",
    "BWS",
    "WS",
    "CSPINE",
    "TSPINE",
    "RETAKE",
}


def side_of(image: Image, expected: bool = True) -> Verdict:
    """What tag, description, file name and marker say together. `expected`: whether silence is worth a flag."""
    said = {
        "tag": _image_tag(image),
        "series tag": _side(image.text(LATERALITY)),
        "description": _described(image),
        "file name": image.name_side,
        "marker": _one(_spoken(image.markers.split())),
    }
    if said["tag"] == said["series tag"]:
        del said["series tag"]
    elif not said["tag"]:
        said = {"tag": said.pop("series tag"), **{k: v for k, v in said.items() if k != "tag"}}
    if said["description"] == "B" and any(said[k] for k in said if k != "description"):
        said["description"] = ""  # "knees, bilateral" describes the two images of it as well
    if "B" in (said[k] for k in said if k != "marker") and said["marker"] != "B":
        said["marker"] = ""  # of a film of both sides often one is marked
    unknown: flags.Flag = {
        "code": flags.LATERALITY_UNKNOWN,
        "sentence": "Nothing says which side this is.",
    }
    return compare(said, flags.LATERALITY_CONFLICT, unknown if expected else None)


def _side(value: str) -> str:
    return value if value in ("R", "L", "B") else ""


def _image_tag(image: Image) -> str:
    """ImageLaterality, else what the frames or the region's modifier say, where that is one thing."""
    if side := _side(image.text(IMAGE_LATERALITY)):
        return side
    frames = {side for value in image.frame_lateralities if (side := _side(str(value)))}
    modifiers = {
        MODIFIERS[code]
        for region in image.regions
        for code in codes_of(region.get(REGION_MODIFIER, {}).get("Value", []))
        if code in MODIFIERS
    }
    return _one(frames) or _one(modifiers)


def _described(image: Image) -> str:
    """What the series' own words say, else what the study's say: those of two sides say nothing of one image."""
    near, far = _spoken(image.near_words), _spoken(image.study_words)
    return _one(near) or (_one(far) if far in ({"R"}, {"L"}) else "")


def _spoken(words: list[str]) -> set[str]:
    sides = sides_of(words)
    if not SPINE.intersection(words):
        sides |= {LETTERS[word] for word in words if word in LETTERS}
    return sides


def _one(sides: set[str]) -> str:
    return next(iter(sides)) if len(sides) == 1 else "B" if sides else ""
