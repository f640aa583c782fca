"""From the bytes of a file to the rows and the file that it becomes: inspect → deidentify → store."""

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydicom.dataset import Dataset
from pydicom.uid import UID

from . import store
from .burned_in import Hold, judge
from .deidentify import deidentify
from .frames import Frame
from .hidden import without_hidden
from .inspect import Inspected, inspect
from .little_endian import to_little_endian
from .metadata import dicom_json
from .policy import Policy
from .pseudonyms import class_of, uid_of
from .refused import Refused


@dataclass(frozen=True)
class Prepared:
    """The fields of the four rows, and the bytes of the file."""

    patient: dict[str, Any]
    study: dict[str, Any]
    series: dict[str, Any]
    instance: dict[str, Any]
    parts: tuple[store.Part, ...]
    link: dict[str, str] | None  # who it was, to be sealed; None where the policy keeps none
    hold: Hold


def prepare(data: bytes, source_hash: str, policy: Policy) -> Prepared:
    """Nothing is written yet; raises Refused."""
    inspected = inspect(data)
    header = inspected.header
    uids = {
        "study_instance_uid": uid_of(policy.secret, _uid(header, "StudyInstanceUID")),
        "series_instance_uid": uid_of(policy.secret, _uid(header, "SeriesInstanceUID")),
        "sop_instance_uid": uid_of(policy.secret, _uid(header, "SOPInstanceUID")),
        "sop_class_uid": class_of(policy.secret, _uid(header, "SOPClassUID")),
    }
    try:
        hold = judge(header, inspected.image, policy)
        inspected = to_little_endian(inspected)
        who = deidentify(header, policy)
        inspected = without_hidden(inspected)
        length = (
            None if inspected.encapsulated else len(inspected.pixels) + len(inspected.pixels) % 2
        )
        head = store.encode(header, inspected.transfer_syntax_uid, inspected.pixels_vr, length)
    except Exception as exc:  # a damaged element may come to light only when it is looked at
        raise Refused(
            f"is damaged and cannot be read ({type(exc).__name__}); send it again from the source."
        ) from exc
    padding = b"\0" * (len(inspected.pixels) % 2)
    return Prepared(
        patient={"patient_id": who.patient_key, "patient_sex": _text(header, "PatientSex", 1)},
        study={
            "study_instance_uid": uids["study_instance_uid"],
            "study_date": _date(header, "StudyDate"),
            "study_description": _text(header, "StudyDescription", 64),
        },
        series={"series_instance_uid": uids["series_instance_uid"], **_series(header)},
        instance={
            "sop_instance_uid": uids["sop_instance_uid"],
            "sop_class_uid": uids["sop_class_uid"],
            "source_hash": source_hash,
            **_instance(inspected, len(head)),
        },
        parts=(head, inspected.pixels, padding),
        link=who.link,
        hold=hold,
    )


def _series(header: Dataset) -> dict[str, str]:
    side = _text(header, "ImageLaterality", 1) or _text(header, "Laterality", 1)
    return {
        "modality": _text(header, "Modality", 16),
        "body_part_examined": _text(header, "BodyPartExamined", 16).upper(),
        "laterality": side if side in ("R", "L", "B") else "",
        "view_position": _text(header, "ViewPosition", 16),
        "series_description": _text(header, "SeriesDescription", 64),
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


def _uid(header: Dataset, keyword: str) -> str:
    value = str(header.get(keyword) or "").strip()
    if not value:
        raise Refused(f"lacks {keyword}, by which it would be found again; export it again.")
    if len(value) > 64 or (not UID(value).is_valid and set(value) - set("0123456789.")):
        raise Refused(f"has a {keyword} that is no UID; export it again.")
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
