"""What stands for a patient, a UID and a date once they are gone: the same for the same, and no way back without the key.

PS3.15 Annex E: UIDs are replaced consistently (action U), and dates are moved by the Retain Longitudinal Temporal
Information with Modified Dates Option (E.3.6): by whole days, the same number for all that is of one patient.
"""

import hmac
import re
import uuid
from datetime import date, timedelta
from functools import cache

from pydicom._uid_dict import UID_dictionary

SHORTEST_SHIFT, LONGEST_SHIFT = 30, 3_650  # days, always into the past: no image is of tomorrow

MAKERS = (
    "1.2.840.113619.",  # GE
    "1.3.12.2.1107.",  # Siemens
    "1.3.46.670589.",  # Philips
    "1.2.392.200036.",  # Canon, Fujifilm, Hitachi, Konica, Shimadzu
)
LONGEST_CLASS = 40  # an instance's UID is longer

DATE = re.compile(r"(\d{4})[.]?(\d\d)[.]?(\d\d)")
DATE_TIME = re.compile(r"(\d{8})(\d{0,6}(?:\.\d{1,6})?)((?:[+-]\d{4})?)")


def key_of(secret: bytes, patient_id: str, study_instance_uid: str = "") -> str:
    """32 hexadecimal digits; a file that names no patient counts as one patient per study."""
    name = f"id {patient_id.strip()}" if patient_id.strip() else f"study {study_instance_uid}"
    return hmac.digest(secret, f"patient {name}".encode(), "sha256").hex()[:32]


def uid_of(secret: bytes, uid: str) -> str:
    """A UID under 2.25 (PS3.5 B.2); those that DICOM itself registers say nothing of anybody and stay."""
    uid = uid.strip(" \0")
    if not uid or uid in UID_dictionary:
        return uid
    digest = hmac.digest(secret, f"uid {uid}".encode("utf-8", "replace"), "sha256")
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=5).int}"


def class_of(secret: bytes, uid: str) -> str:
    """A SOP class: DICOM's own and the large makers' private ones stay, for they say what kind of object it is."""
    uid = uid.strip(" \0")
    return uid if uid.startswith(MAKERS) and len(uid) <= LONGEST_CLASS else uid_of(secret, uid)


@cache
def days_of(secret: bytes, patient_key: str) -> int:
    """How many days earlier everything of this patient happened."""
    digest = hmac.digest(secret, f"days {patient_key}".encode(), "sha256")
    return SHORTEST_SHIFT + int.from_bytes(digest[:8]) % (LONGEST_SHIFT - SHORTEST_SHIFT + 1)


def earlier_date(text: str, days: int) -> str:
    """A DA value, moved; "" where it is no date."""
    found = DATE.fullmatch(text.strip(" \0"))
    if not found:
        return ""
    try:
        moved = date(*map(int, found.groups())) - timedelta(days)
    except (ValueError, OverflowError):
        return ""
    return f"{moved:%Y%m%d}" if moved.year >= 1000 else ""


def earlier_date_time(text: str, days: int) -> str:
    """A DT value, moved by whole days; "" where it names no day."""
    found = DATE_TIME.fullmatch(text.strip(" \0"))
    if not found:
        return ""
    day, time, zone = found.groups()
    moved = earlier_date(day, days)
    return f"{moved}{time}{zone}" if moved else ""
