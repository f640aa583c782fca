"""Whether files from outside are one case of a task: what a model would say of anything else means nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.said import Said
from annotation.case_rule import Rule
from annotation.evidence.body_part import part_of
from annotation.evidence.image import BODY_PART_EXAMINED, TAGS, Image
from archive.models import Instance

SIDES = {"L": "left", "R": "right"}
TWO_PATIENTS = Said(
    "The files are of several patients; send those of one case at a time.",
    "outside_several_patients",
)
TWO_SIDES = Said(
    "The files are of the left and of the right side; send those of one side at a time.",
    "outside_two_sides",
)


@dataclass(frozen=True)
class Sent:
    """A file as it would have been stored."""

    instance: Instance
    series: str
    modality: str
    laterality: str
    data: bytes
    patient: str = ""


def problem(files: Sequence[Sent], rule: Rule, laterality: str, *, sided: bool) -> str:
    """Why the files are no case of the rule, as a sentence; empty where they may be one.

    laterality: the side that the sender names. sided: whether the model looks at the sides in different ways. A file that says
    nothing of its body part is taken: the sender knows what he sends.
    """
    for number, file in enumerate(files, start=1):
        if reason := _other(number, file, rule):
            return reason
    if len({file.patient for file in files}) > 1:
        return TWO_PATIENTS
    sides = {file.laterality for file in files} & SIDES.keys()
    if not sided or not sides:
        return ""
    if len(sides) > 1:
        return TWO_SIDES
    [side] = sides
    if laterality and laterality != side:
        other = f"The file says that it is of the {SIDES[side]} side, laterality={laterality} says otherwise; leave it out, or send the right file."
        return Said(other, "outside_other_side", side=side, laterality=laterality)
    return ""


def _other(number: int, file: Sent, rule: Rule) -> str:
    """What it shows that the task does not ask of."""
    modality, wanted = file.modality or "unknown", list(rule.modalities)
    if file.modality not in wanted:
        other = (
            f"File {number} is of modality {modality}; the task's images are {' or '.join(wanted)}."
        )
        return Said(other, "outside_modality", number=number, modality=file.modality, wanted=wanted)
    attributes = {tag: file.instance.metadata[tag] for tag in TAGS if tag in file.instance.metadata}
    image = Image(
        0, "", 0, 0, "", 0, None, file.instance.name_side, file.instance.markers, attributes, [], []
    )
    says = image.text(BODY_PART_EXAMINED)
    if (says or image.regions) and part_of(image, rule.body_parts) is None:
        parts = list(rule.body_parts)
        other = f"File {number} shows another body part ({says or 'by its code'}); the task's images are of: {' or '.join(parts)}."
        return Said(other, "outside_body_part", number=number, part=says, wanted=parts)
    return ""
