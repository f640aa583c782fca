"""Which side a read is of, where that is in doubt: the reader settles it, and no read is submitted before he did.

What tag, description and file name say together stands on the case (annotation/evidence/side.py). An answer may
contradict it as well, where the form asks for the side itself.
"""

from collections.abc import Mapping
from typing import Any

from accounts.said import Said
from annotation import flags, forms
from annotation.models import Case

SIDES = ("R", "L")
NAMES = {"R": "right", "L": "left"}
ASKED = ("laterality", "side")  # keys of fields that ask for it
SPOKEN = {"r": "R", "right": "R", "l": "L", "left": "L"}  # values of their options


def problems(
    case: Case, content: forms.Content, answers: forms.Answers, side: str
) -> dict[str, str]:
    """Why the read cannot be submitted: `{slot: sentence}`, "" for no slot; empty when the side is clear.

    `side`: what the reader settled, "" where he did not.
    """
    doubt = _doubt(case)
    if doubt and not side:
        sentence = f"{doubt['sentence']} Settle first which side this is."
        return {"": Said(sentence, "side_conflict", said=doubt.get("said", {}))}
    settled = side or case.laterality
    return {
        slot: _contradicted(said, settled)
        for slot, said in _answered(content, answers)
        if settled in SIDES and said != settled
    }


def _contradicted(said: str, settled: str) -> Said:
    sentence = f"This answer says {NAMES[said]}, the case is of the {NAMES[settled]}. Settle which is right."
    return Said(sentence, "side_answer", answered=said, settled=settled)


def _doubt(case: Case) -> Mapping[str, Any] | None:
    """The flag with what the sources of a case say, where they contradict each other."""
    return next((one for one in case.flags if one["code"] == flags.LATERALITY_CONFLICT), None)


def _answered(content: forms.Content, answers: forms.Answers) -> list[tuple[str, str]]:
    """Slots that ask for the side, with the side that was answered."""
    return [
        (slot, side)
        for slot, field, _ in forms.slots(content)
        if field["key"] in ASKED and (side := _spoken(answers.get(slot)))
    ]


def _spoken(answer: Mapping[str, Any] | None) -> str:
    value = (answer or {}).get("value")
    return SPOKEN.get(value.lower(), "") if isinstance(value, str) else ""
