"""Takes out of a file who the patient is, before anything is stored (PS3.15 Annex E).

The Basic Application Level Confidentiality Profile as a keep-list (keep_list.py), with the options Clean Descriptors,
Retain Longitudinal Temporal Information with Modified Dates, Retain Patient Characteristics (sex, age, size, weight)
and Retain Safe Private. Pure: it runs in a child process that knows no settings.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from . import (
    lookup_tables,
    silence,  # noqa: F401 -- before anything is read
    values,
)
from .keep_list import SAFE_PRIVATE, rule_of
from .policy import Policy, policy
from .pseudonyms import days_of, key_of, uid_of
from .values import AGE


class Code(NamedTuple):
    """As pydicom's, which comes with megabytes of tables."""

    value: str
    scheme: str
    meaning: str


METHOD = "Osteon: PS3.15 Basic Profile as a keep-list"
# CID 7050
PROFILE = (
    Code("113100", "DCM", "Basic Application Confidentiality Profile"),
    Code("113105", "DCM", "Clean Descriptors Option"),
    Code("113107", "DCM", "Retain Longitudinal Temporal Information Modified Dates Option"),
    Code("113108", "DCM", "Retain Patient Characteristics Option"),
    Code("113111", "DCM", "Retain Safe Private Option"),
)
PIXELS_CLEANED = Code("113101", "DCM", "Clean Pixel Data Option")
# the standard wants these present, if only empty (type 2)
EMPTY = ("PatientName", "PatientBirthDate", "ReferringPhysicianName", "AccessionNumber", "StudyID")
LINKED = (
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "AccessionNumber",
    "StudyDate",
    "StudyInstanceUID",
)
LONGEST_LINKED = 1_000  # characters: a value much longer than DICOM allows is no identity
MOST_PRIVATE_VALUES = 9
IN_YEARS = 24  # months: a younger patient's age is told in months
MOST_YEARS = 130  # who is older was not born then
ITEMS_COUNT = frozenset({0x52009229, 0x52009230})  # shared and per-frame functional groups


@dataclass(frozen=True)
class Deidentified:
    patient_key: str
    link: dict[str, str] | None  # who it was; None where the policy keeps none


def patient_key(patient_id: str, study_instance_uid: str = "") -> str:
    """The ID under which a patient stands in this archive: 32 hexadecimal digits, keyed by SECRET_KEY.

    The same patient gets the same key; nobody without the secret gets from one to the other. A file that names no
    patient counts as one patient per study.
    """
    return key_of(policy().secret, patient_id, study_instance_uid)


def archived_uid(uid: str) -> str:
    """The UID that stands in this archive for one that came in."""
    return uid_of(policy().secret, uid)


def deidentify(header: Dataset, policy: Policy) -> Deidentified:
    """Strips `header` in place; its PatientID is now the patient's key, and its UIDs and dates are others."""
    original = {keyword: _text(header, keyword) for keyword in LINKED}
    key = key_of(policy.secret, original["PatientID"], original["StudyInstanceUID"])
    modality = _text(header, "Modality")
    _tell_age(header, original["PatientBirthDate"], original["StudyDate"])
    _strip(header, values.Keys(policy.secret, days_of(policy.secret, key)))
    for keyword in EMPTY:
        setattr(header, keyword, "")
    header.PatientID = key
    if not header.get("Modality"):
        header.Modality = "OT" if modality else ""
    header.SpecificCharacterSet = "ISO_IR 192"  # whichever it was: what is left is written anew
    header.PatientIdentityRemoved = "YES"
    header.DeidentificationMethod = METHOD
    header.LongitudinalTemporalInformationModified = "MODIFIED"
    header.DeidentificationMethodCodeSequence = Sequence(map(_code_item, PROFILE))
    # the 128 bytes before "DICM" can carry anything, a program included
    header.preamble = b"\0" * 128
    return Deidentified(key, original if policy.keep_link else None)


def _tell_age(header: Dataset, born: str, taken: str) -> None:
    """Where a file says when its patient was born and not how old he was, his age at the study stays: the date goes."""
    if AGE.fullmatch(_text(header, "PatientAge")):
        return
    try:
        birth, study = (date.fromisoformat(day) for day in (born, taken))
    except ValueError:
        return
    months = 12 * (study.year - birth.year) + study.month - birth.month - (study.day < birth.day)
    if 0 <= months < MOST_YEARS * 12:
        header.PatientAge = f"{months:03d}M" if months < IN_YEARS else f"{months // 12:03d}Y"


def add_method(header: Dataset, code: Code) -> None:
    """Says that one thing more was done (0012,0064), once."""
    done: Any = header.get("DeidentificationMethodCodeSequence") or Sequence()
    if all(item.get("CodeValue") != code.value for item in done):
        header.DeidentificationMethodCodeSequence = Sequence([*done, _code_item(code)])


def _code_item(code: Code) -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = code
    return item


def _text(header: Dataset, keyword: str) -> str:
    try:
        value = header.get(keyword)
    except Exception:  # a damaged element may come to light only when it is looked at
        return ""
    return "" if value is None else str(value).strip(" \0")[:LONGEST_LINKED]


def _strip(dataset: Dataset, keys: values.Keys, depth: int = 0) -> None:
    creators = _safe_creators(dataset)
    is_code = depth > 0 and "CodeValue" in dataset
    for tag in list(dataset.keys()):
        try:
            if tag.is_private:
                keep = _private(dataset, tag, creators, keys)
            else:
                keep = _keep(dataset, tag, keys, is_code, depth)
        except RecursionError:
            raise
        except Exception:  # what cannot be read cannot be judged
            keep = False
        if not keep:
            del dataset[tag]
    lookup_tables.trim(dataset)
    if is_code and not values.code_is_known(dataset):
        dataset.clear()


def _keep(dataset: Dataset, tag: Any, keys: values.Keys, is_code: bool, depth: int) -> bool:
    """Judges one standard element and cleans it in place; False where it goes."""
    rule = rule_of(int(tag))
    if rule is None:
        return False
    element = dataset[tag]
    if element.VR not in rule.vrs:
        return False
    if rule.kind == "sequence":
        return _sequence(element.value, keys, int(tag), depth)
    if rule.kind == "table":
        return True  # and cut to what its descriptor says
    if rule.kind == "code":
        return is_code  # and judged with its item
    if rule.most and values.count(element) > rule.most:
        return False
    if element.is_empty:
        return True
    value = values.JUDGES[rule.kind](element, keys)
    if value is None:
        return False
    if value is not element.value:
        element.value = value
    return True


def _sequence(items: Any, keys: values.Keys, tag: int, depth: int) -> bool:
    for item in items:
        _strip(item, keys, depth + 1)
    if tag in ITEMS_COUNT:  # one a frame
        return True
    for index in range(len(items) - 1, -1, -1):
        if not len(items[index]):
            del items[index]
    return len(items) > 0


def _safe_creators(dataset: Dataset) -> frozenset[int]:
    """The tags of the private creators that reserve a block of the safe list."""
    safe = {(creator, group) for creator, group, _ in SAFE_PRIVATE}
    return frozenset(
        tag
        for tag in dataset.keys()  # noqa: SIM118 -- iterating the dataset would read each value
        if tag.is_private_creator and (str(dataset[tag].value).strip(), tag.group) in safe
    )


def _private(dataset: Dataset, tag: Any, creators: frozenset[int], keys: values.Keys) -> bool:
    if tag.is_private_creator:
        return int(tag) in creators
    creator = tag.group << 16 | tag.element >> 8
    if creator not in creators:
        return False
    name = str(dataset[creator].value).strip()
    if (name, tag.group, tag.element & 0xFF) not in SAFE_PRIVATE:
        return False
    element = dataset[tag]
    is_few = element.VR in ("IS", "DS", "FD", "FL") and element.VM <= MOST_PRIVATE_VALUES
    return is_few and values.number(element, keys) is not None
