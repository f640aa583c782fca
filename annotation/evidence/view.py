"""Which way an image was taken: AP, PA, FRONTAL (one of both), LATERAL, OBLIQUE, AXIAL, or ""."""

from functools import cache

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from annotation import flags
from annotation.evidence.image import PATIENT_ORIENTATION, VIEW_CODE, VIEW_POSITION, Image
from annotation.evidence.verdict import Verdict, compare
from archive.name_side import words_of

VIEWS = ("AP", "PA", "FRONTAL", "LATERAL", "OBLIQUE", "AXIAL")
# Rosenberg's view is a PA of the bent knee.
WORDS = {
    "AP": "AP",
    "PA": "PA",
    "ROSENBERG": "PA",
    "FRONTAL": "FRONTAL",
    "LAT": "LATERAL",
    "LATERAL": "LATERAL",
    "LATERALE": "LATERAL",
    "SEITLICH": "LATERAL",
    "SEITL": "LATERAL",
    "PROFIL": "LATERAL",
    "OBL": "OBLIQUE",
    "OBLI": "OBLIQUE",
    "OBLIQUE": "OBLIQUE",
    "SCHRÄG": "OBLIQUE",
    "AXIAL": "AXIAL",
    "SKYLINE": "AXIAL",
    "SUNRISE": "AXIAL",
    "MERCHANT": "AXIAL",
    "TANGENTIAL": "AXIAL",
}
# values of ViewPosition (PS3.3 C.8.1.1, C.8.11.5) that are no words of a description
POSITIONS = {"LL": "LATERAL", "RL": "LATERAL", "ML": "LATERAL", "LM": "LATERAL", "LLO": "OBLIQUE"}
POSITIONS |= {"RLO": "OBLIQUE", "LAO": "OBLIQUE", "RAO": "OBLIQUE", "LPO": "OBLIQUE"}
POSITIONS |= {"RPO": "OBLIQUE"}
SCT = codes.SCT
# of CID 4010 (PS3.16)
CODES: tuple[tuple[str, tuple[Code, ...]], ...] = (
    ("AP", (SCT.AnteroPosterior,)),
    ("PA", (SCT.PosteroAnterior, SCT.Rosenberg)),
    ("FRONTAL", (SCT.Frontal,)),
    (
        "LATERAL",
        (
            SCT.LateralProjection,
            SCT.LeftLateral,
            SCT.RightLateral,
            SCT.MedioLateralProjection,
            SCT.LateralMedial,
            SCT.Sagittal,
        ),
    ),
    (
        "OBLIQUE",
        (
            SCT.ObliqueProjection,
            SCT.LateralOblique,
            SCT.MedialOblique,
            SCT.FrontalOblique,
            SCT.LeftOblique,
            SCT.RightOblique,
            SCT.AnteroPosteriorOblique,
            SCT.PosteroAnteriorOblique,
            SCT.LeftAnteriorOblique,
            SCT.RightAnteriorOblique,
            SCT.LeftPosteriorOblique,
            SCT.RightPosteriorOblique,
        ),
    ),
    ("AXIAL", (SCT.AxialProjection, SCT.Tangential)),
)


def view_of(image: Image) -> Verdict:
    """What tag, code, the series' description and the marker say together; the orientation only where they are silent.

    Detectors write PatientOrientation L\\F into every image, lateral ones too: it decides, it does not object.
    """
    said = {
        "tag": position_of(image.text(VIEW_POSITION)),
        "code": _one({view for code in image.codes(VIEW_CODE) if (view := _coded(*code))}),
        "description": _one({WORDS[word] for word in image.near_words if word in WORDS}),
        "marker": _one({WORDS[word] for word in image.markers.split() if word in WORDS}),
    }
    exact = {view for view in said.values() if view in ("AP", "PA")}
    if len(exact) == 1:
        said = {k: exact.copy().pop() if v == "FRONTAL" else v for k, v in said.items()}
    if not any(said.values()):
        said["orientation"] = _oriented([str(part) for part in image.values(PATIENT_ORIENTATION)])
    unknown: flags.Flag = {
        "code": flags.VIEW_UNKNOWN,
        "sentence": "Nothing says which view this is.",
    }
    return compare(said, flags.VIEW_CONFLICT, unknown)


def position_of(value: str) -> str:
    return POSITIONS.get(value) or _one({WORDS[w] for w in words_of(value) if w in WORDS})


@cache
def _coded(value: str, scheme: str) -> str:
    code = Code(value, scheme, "")  # equal to its SNOMED CT code where it is one of SNOMED RT
    return next((view for view, known in CODES if any(code == one for one in known)), "")


def _oriented(parts: list[str]) -> str:
    """The plane of rows and columns (PS3.3 C.7.6.1.1.1), by the first letter of each."""
    axes = {"R": "side", "L": "side", "A": "depth", "P": "depth", "H": "height", "F": "height"}
    plane = {axes.get(part[:1], "") for part in parts}
    if plane == {"side", "height"}:
        return "FRONTAL"
    if plane == {"depth", "height"}:
        return "LATERAL"
    return "AXIAL" if plane == {"side", "depth"} else ""


def _one(views: set[str]) -> str:
    """Several views in one text ("AP/LAT") say nothing of one image; AP and frontal are one."""
    if len(views) == 2 and "FRONTAL" in views and views & {"AP", "PA"}:
        views = views - {"FRONTAL"}
    return next(iter(views)) if len(views) == 1 else ""
