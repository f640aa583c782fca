"""Whether files from outside are one case of a task: what a model would say of anything else means nothing."""

from collections.abc import Sequence, Set
from dataclasses import dataclass

from accounts.said import Said
from annotation.case_rule import Rule
from annotation.evidence.body_part import part_of
from annotation.evidence.image import BODY_PART_EXAMINED, TAGS, Image
from archive.models import Instance
from jobs.runner import Refused

SIDES = {"L": "left", "R": "right"}
TWO_PATIENTS = Said(
    "The files are of several patients; send those of one case at a time.",
    "outside_several_patients",
)
NO_SIDE = Said(
    "The model looks at left images as mirrored ones, and the file does not say which side it is of;"
    " send laterality=L or laterality=R as well.",
    "outside_without_side",
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


def side_of(files: Sequence[Sent], rule: Rule, laterality: str, *, sided: bool) -> str:
    """The side of the case that the files are: what the sender names, else what all of them say; "" where neither does.

    laterality: the side that the sender names. sided: whether the model looks at the sides in different ways. A file that says
    nothing of its body part is taken: the sender knows what he sends. Raises Refused with a sentence where they are no case of
    the rule, and where a side is needed and not known.
    """
    for number, file in enumerate(files, start=1):
        if reason := _other(number, file, rule):
            raise Refused(reason)
    if len({file.patient for file in files}) > 1:
        raise Refused(TWO_PATIENTS)
    said = {file.laterality for file in files}
    side = laterality or (next(iter(said)) if len(said) == 1 else "")
    if sided:
        _check_side(said & SIDES.keys(), side)
    return side


def _check_side(said: Set[str], side: str) -> None:
    """said: the sides that files say they are of."""
    if len(said) > 1:
        raise Refused(TWO_SIDES)
    if side not in SIDES:
        raise Refused(NO_SIDE)
    if said and side not in said:
        [own] = said
        other = f"The file says that it is of the {SIDES[own]} side, laterality={side} says otherwise; leave it out, or send the right file."
        raise Refused(Said(other, "outside_other_side", side=own, laterality=side))


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
