"""What became of a proposal at a read: untouched, accepted or changed, slot by slot."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    NOT_SHOWN = ""
    UNTOUCHED = "untouched"  # the reader left the slot unanswered, or marked it not assessable
    ACCEPTED = "accepted"
    CHANGED = "changed"


def outcome(proposal: Mapping[str, Any] | None, answer: Mapping[str, Any] | None) -> Outcome:
    if proposal is None:
        return Outcome.NOT_SHOWN
    if answer is None or answer.get("state") != "answered":
        return Outcome.UNTOUCHED
    return Outcome.ACCEPTED if answer.get("value") == proposal["value"] else Outcome.CHANGED
