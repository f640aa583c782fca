"""What is unclear about a case, as its admin reads it: a code to filter by, and a sentence."""

from collections.abc import Iterable
from typing import NotRequired, TypedDict

LATERALITY_CONFLICT = "laterality_conflict"
LATERALITY_UNKNOWN = "laterality_unknown"
VIEW_CONFLICT = "view_conflict"
VIEW_UNKNOWN = "view_unknown"
BODY_PART_GUESSED = "body_part_guessed"
CODES = (
    LATERALITY_CONFLICT,
    LATERALITY_UNKNOWN,
    VIEW_CONFLICT,
    VIEW_UNKNOWN,
    BODY_PART_GUESSED,
)


class Flag(TypedDict):
    code: str
    sentence: str
    said: NotRequired[dict[str, str]]  # of a conflict: which source says what


def distinct(found: Iterable[Flag]) -> list[Flag]:
    """Each of them once, the gravest first: a case of ten images says a thing once."""
    return sorted(
        {(flag["code"], flag["sentence"]): flag for flag in found}.values(),
        key=lambda flag: (CODES.index(flag["code"]), flag["sentence"]),
    )
