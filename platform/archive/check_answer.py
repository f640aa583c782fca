"""What a judging process may answer: these fields, of these kinds, and nothing beyond.

A file may have taken it over. It can lie about that file, but must not fail the others of its delivery: the database
would refuse all rows for one strange field.
"""

from datetime import date
from itertools import chain
from typing import Any

from .burned_in import CHECKING, HELD, READY, Hold, reason
from .deidentify import LINKED
from .limits import MAX_DEPTH, MAX_FILE_BYTES
from .prepare import Prepared
from .refused import CODES, Refused

Kinds = tuple[type, ...]
TEXT: Kinds = (str,)
NUMBER: Kinds = (int,)
FIELDS: dict[str, dict[str, Kinds]] = {
    "patient": {"patient_id": TEXT, "patient_sex": TEXT},
    "study": {
        "study_instance_uid": TEXT,
        "study_date": (date, type(None)),
        "study_time": TEXT,
        "study_description": TEXT,
    },
    "series": {
        "series_instance_uid": TEXT,
        "modality": TEXT,
        "body_part_examined": TEXT,
        "laterality": TEXT,
        "view_position": TEXT,
        "series_description": TEXT,
        "series_number": (int, type(None)),
    },
    "instance": {
        "sop_instance_uid": TEXT,
        "sop_class_uid": TEXT,
        "source_hash": TEXT,
        "transfer_syntax_uid": TEXT,
        "instance_number": (int, type(None)),
        "rows": NUMBER,
        "columns": NUMBER,
        "number_of_frames": NUMBER,
        "bits_stored": NUMBER,
        "photometric_interpretation": TEXT,
        "pixel_hash": TEXT,
        "frames": (list,),
        "metadata": (dict,),
    },
}
LONGEST, LONGEST_SENTENCE = 64, 1_000
DEEPEST = 3 * MAX_DEPTH + 6  # a sequence is an object in a list in an object


def check_prepared(prepared: Prepared, source_hash: str) -> None:
    """Raises ValueError, or whatever a lie about a kind ends in."""
    for name, kinds in FIELDS.items():
        row = getattr(prepared, name)
        _check(row.keys() == kinds.keys())
        _check(all(type(row[field]) in of for field, of in kinds.items()))
        _check(all(_is_number(row[field], 1 << 31) for field, of in kinds.items() if of is NUMBER))
        _check(all(_is_text(row[field], LONGEST) for field, of in kinds.items() if of is TEXT))
    _check(prepared.instance["source_hash"] == source_hash)
    _check_frames(prepared.instance["frames"], sum(map(len, prepared.parts)))
    _check_depth(prepared.instance["metadata"])
    _check_hold(prepared.hold)
    if prepared.link is not None:
        _check(prepared.link.keys() <= set(LINKED))
        _check(all(type(value) is str for value in prepared.link.values()))


def check_refused(refused: Refused) -> None:
    """Raises ValueError, or whatever a lie about a kind ends in."""
    _check(refused.code in CODES and _is_text(str(refused), LONGEST_SENTENCE))
    _check(_is_number(refused.tag, 1 << 32) and _is_number(refused.offset, 2 * MAX_FILE_BYTES))


def _check(so: bool) -> None:
    if not so:
        raise ValueError("No sound process answers so")


def _is_text(value: str, longest: int) -> bool:
    """That the database takes; raises UnicodeEncodeError, which is a ValueError, for half a character."""
    return len(value) <= longest and b"\0" not in value.encode()


def _is_number(value: Any, below: int) -> bool:
    return value is None or (type(value) is int and 0 <= value < below)


def _check_frames(frames: list[Any], size: int) -> None:
    for at, length in chain.from_iterable(frames):
        _check(type(at) is int and type(length) is int)
        _check(0 <= at <= at + length <= size)


def _check_depth(metadata: dict[str, Any]) -> None:
    level: list[Any] = [metadata]
    for _ in range(DEEPEST):
        parts = chain.from_iterable(one.values() if isinstance(one, dict) else one for one in level)
        level = [part for part in parts if isinstance(part, dict | list)]
        if not level:
            return
    _check(False)


def _check_hold(hold: Hold) -> None:
    _check(hold.state in (READY, CHECKING, HELD) and type(hold.reasons) is list)
    _check(all(one == reason(one["code"]) for one in hold.reasons))
