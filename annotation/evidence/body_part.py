"""Which body part an image shows, by the defined terms of BodyPartExamined (PS3.16 Annex L)."""

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from annotation import flags
from annotation.evidence.image import BODY_PART_EXAMINED, Image, codes_of
from archive.name_side import words_of

SCT = codes.SCT


class Part(NamedTuple):
    codes: tuple[Code, ...]  # of AnatomicRegionSequence
    words: frozenset[str]  # in tags and descriptions


def _part(words: str, *known: Code) -> Part:
    return Part(known, frozenset(words.split()))


PARTS = {
    "SHOULDER": _part("SHOULDER SHOULDERS SCHULTER EPAULE HOMBRO", SCT.Shoulder),
    "CLAVICLE": _part("CLAVICLE CLAVICULA KLAVIKULA", SCT.Clavicle),
    "HUMERUS": _part("HUMERUS OBERARM", SCT.Humerus),
    "ARM": _part("UPPERARM", SCT.UpperArm),
    "ELBOW": _part("ELBOW ELBOWS ELLENBOGEN COUDE CODO", SCT.ElbowJoint),
    "FOREARM": _part("FOREARM UNTERARM", SCT.Forearm),
    "WRIST": _part("WRIST WRISTS HANDGELENK POIGNET", SCT.WristJoint),
    "HAND": _part("HAND HANDS", SCT.Hand),
    "HIP": _part("HIP HIPS HÜFTE HUEFTE HANCHE CADERA", SCT.Hip, SCT.HipJoint),
    "PELVIS": _part("PELVIS BECKEN BASSIN", SCT.Pelvis),
    "FEMUR": _part("FEMUR OBERSCHENKEL", SCT.Femur, SCT.Thigh),
    "LEG": _part("LOWERLEG TIBIA FIBULA UNTERSCHENKEL", SCT.LowerLeg, SCT.Tibia, SCT.Fibula),
    "KNEE": _part("KNEE KNEES KNIE KNIEGELENK GENOU RODILLA PATELLA", SCT.Knee, SCT.KneeJoint),
    "ANKLE": _part("ANKLE ANKLES SPRUNGGELENK OSG CHEVILLE TOBILLO", SCT.AnkleJoint),
    "FOOT": _part("FOOT FEET FUSS FUß VORFUSS PIED", SCT.Foot),
    "CSPINE": _part("CSPINE CERVICAL HWS", SCT.CervicalSpine),
    "TSPINE": _part("TSPINE THORACIC BWS", SCT.ThoracicSpine),
    "LSPINE": _part("LSPINE LUMBAR LWS", SCT.LumbarSpine),
    "CHEST": _part("CHEST THORAX", SCT.Chest),
    "ABDOMEN": _part("ABDOMEN", SCT.Abdomen),
    "SKULL": _part("SKULL SCHÄDEL", SCT.Skull, SCT.Head),
}
UNPAIRED = {
    "PELVIS",
    "CSPINE",
    "TSPINE",
    "LSPINE",
    "SPINE",
    "CHEST",
    "ABDOMEN",
    "SKULL",
    "HEAD",
    "NECK",
}


class Shown(NamedTuple):
    part: str
    flag: flags.Flag | None = None


def part_of(image: Image, wanted: Collection[str]) -> Shown | None:
    """The wanted part that the image shows; None where it shows none of them.

    Tag and code are taken at their word. Where they say nothing, or say another part than a description that names
    only a wanted one, the description's is taken and flagged.
    """
    tag = image.text(BODY_PART_EXAMINED)
    tagged = {tag} & set(wanted) or _named(words_of(tag))
    tagged |= {part for code in codes_of(image.regions) if (part := _coded(*code))}
    if sure := sorted(tagged & set(wanted)):
        return Shown(sure[0])
    described = _named(image.near_words) or _named(image.study_words)
    likely = sorted(described & set(wanted))
    if not likely or described & tagged:
        return None
    said = f"The tag says {tag.lower()}" if tag else "No tag says which body part this is"
    sentence = f"{said}, the description says {likely[0].lower()}."
    return Shown(likely[0], {"code": flags.BODY_PART_GUESSED, "sentence": sentence})


def _named(words: list[str]) -> set[str]:
    return {part for part, known in PARTS.items() if known.words.intersection(words)}


@cache
def _coded(value: str, scheme: str) -> str:
    code = Code(value, scheme, "")
    return next((p for p, known in PARTS.items() if any(code == one for one in known.codes)), "")
