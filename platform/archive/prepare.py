"""From the bytes of a file to the rows and the file that it becomes: inspect → deidentify → store.

Knows neither Django nor the database: it runs in a child process (sandbox.py).
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.uid import UID

from .burned_in import Hold, judge
from .deidentify import Deidentified, deidentify
from .frames import Frame
from .hidden import without_hidden
from .inspect import Inspected, damaged, inspect, too_much_memory
from .little_endian import to_little_endian
from .metadata import dicom_json
from .native import tidy
from .part10 import Part, encode
from .policy import Policy
from .refused import Refused
from .secondary_capture import Attributes, wrap
from .survey import survey
from .tables import check_tables
from .transcode import for_browser
from .transfer_syntax import open_file


@dataclass(frozen=True)
class Prepared:
    """The fields of the four rows, and the bytes of the file."""

    patient: dict[str, Any]
    study: dict[str, Any]
    series: dict[str, Any]
    instance: dict[str, Any]
    parts: tuple[Part, ...]
    link: dict[str, str] | None  # who it was, to be sealed; None where the policy keeps none
    hold: Hold


def prepare(
    data: bytes, source_hash: str, policy: Policy, attributes: Attributes | None = None
) -> Prepared:
    """Nothing is written yet; raises Refused. With `attributes` the file is a picture, whose they are."""
    try:
        if attributes is not None:
            data = wrap(data, attributes, policy.secret)
        return _prepare(inspect(data), source_hash, policy)
    except Refused:
        raise
    except MemoryError:
        raise too_much_memory() from None
    except Exception as exc:  # a damaged element may come to light only when it is looked at
        raise damaged(exc) from exc


def _prepare(inspected: Inspected, source_hash: str, policy: Policy) -> Prepared:
    header = inspected.header
    _name(header, source_hash)
    hold = judge(header, inspected.image, policy)
    inspected = to_little_endian(inspected)
    check_tables(header, inspected.image)
    inspected = for_browser(without_hidden(tidy(inspected)))
    identity = deidentify(header, policy)
    length = None if inspected.encapsulated else len(inspected.pixels) + len(inspected.pixels) % 2
    head = encode(header, inspected.transfer_syntax_uid, inspected.pixels_vr, length)
    _check_own(head)
    return Prepared(
        **_rows(inspected, identity, len(head), source_hash),
        parts=(head, inspected.pixels, b"\0" * (len(inspected.pixels) % 2)),
        link=identity.link,
        hold=hold,
    )


def _check_own(head: bytes) -> None:
    """What is stored must lead every reader to the pixels; an odd element may be written so that it does not."""
    opening = open_file(head)
    if survey(head, opening.start, opening.transfer_syntax).value != len(head):
        raise Refused("is damaged: its elements cannot be written again; send it again.")


def _rows(
    inspected: Inspected, identity: Deidentified, start: int, source_hash: str
) -> dict[str, dict[str, Any]]:
    """What the rows hold: only of what the de-identified header says."""
    header = inspected.header
    return {
        "patient": {
            "patient_id": identity.patient_key,
            "patient_sex": _text(header, "PatientSex", 1),
        },
        "study": {
            "study_instance_uid": _uid(header, "StudyInstanceUID"),
            "study_date": _date(header, "StudyDate"),
            "study_time": _text(header, "StudyTime", 16),
            "study_description": _text(header, "StudyDescription", 64),
        },
        "series": {"series_instance_uid": _uid(header, "SeriesInstanceUID"), **_series(header)},
        "instance": {
            "sop_instance_uid": _uid(header, "SOPInstanceUID"),
            "sop_class_uid": _uid(header, "SOPClassUID"),
            "source_hash": source_hash,
            **_instance(inspected, start),
        },
    }


def _series(header: Dataset) -> dict[str, str | int | None]:
    side = _text(header, "ImageLaterality", 1) or _text(header, "Laterality", 1)
    return {
        "modality": _text(header, "Modality", 16),
        "body_part_examined": _text(header, "BodyPartExamined", 16).upper(),
        "laterality": side if side in ("R", "L", "B") else "",
        "view_position": _text(header, "ViewPosition", 16),
        "series_description": _text(header, "SeriesDescription", 64),
        "series_number": _integer(header, "SeriesNumber"),
    }


def _instance(inspected: Inspected, start: int) -> dict[str, Any]:
    image = inspected.image
    frames: list[Frame] = [
        [[start + at, length] for at, length in frame] for frame in inspected.frames
    ]
    return {
        "transfer_syntax_uid": inspected.transfer_syntax_uid,
        "instance_number": _integer(inspected.header, "InstanceNumber"),
        "rows": image.rows,
        "columns": image.columns,
        "number_of_frames": image.number_of_frames,
        "bits_stored": image.bits_stored,
        "photometric_interpretation": image.photometric_interpretation,
        "pixel_hash": hashlib.sha256(inspected.pixels).hexdigest(),
        "frames": frames,
        "metadata": dicom_json(inspected.header),
    }


def _name(header: Dataset, source_hash: str) -> None:
    """An image that names no study or series is one of its own; their UIDs are made of the file's hash."""
    _uid(header, "SOPInstanceUID")
    _uid(header, "SOPClassUID")
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID"):
        if not str(header.get(keyword) or "").strip():
            digest = hashlib.sha256(f"{keyword} {source_hash}".encode()).digest()
            setattr(header, keyword, f"2.25.{int.from_bytes(digest[:16])}")
        _uid(header, keyword)


def _uid(header: Dataset, keyword: str) -> str:
    """The value is not repeated in a refusal: in a damaged file it may be a piece of a name."""
    value = str(header.get(keyword) or "").strip()
    tag = tag_for_keyword(keyword)
    if not value:
        raise Refused(
            f"lacks {keyword}, by which it would be found again; export it again.",
            code="missing_attribute",
            tag=tag,
        )
    if len(value) > 64 or (not UID(value).is_valid and set(value) - set("0123456789.")):
        raise Refused(
            f"has a {keyword} that is no UID; export it again.", code="bad_attribute", tag=tag
        )
    return value


def _text(header: Dataset, keyword: str, length: int) -> str:
    value = header.get(keyword)
    text = str(value) if value is not None else ""
    return text.replace("\0", "").encode("utf-8", "replace").decode().strip()[:length]


def _date(header: Dataset, keyword: str) -> date | None:
    text = _text(header, keyword, 10).replace(".", "")[:8]
    try:
        return date.fromisoformat(text) if len(text) == 8 else None
    except ValueError:
        return None


def _integer(header: Dataset, keyword: str) -> int | None:
    try:
        number = int(_text(header, keyword, 12))
    except ValueError:
        return None
    return number if abs(number) < 1 << 31 else None
