"""What can be searched and what is answered, by level: PS3.18 tables 10.6.1-5 and 10.6.3-3 to 10.6.3-5.

A value stands in a column of ours, or else in the metadata of the instance that stands for its study or series.
"""

from dataclasses import dataclass

from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword

from accounts.errors import Problem

from .levels import INSTANCE, SERIES, STUDY, Level


@dataclass(frozen=True)
class Key:
    """A matching key; `where` is its path from an instance, through its rows or into its metadata."""

    name: str
    level: Level
    kind: str  # how it is matched, see matching.py
    where: str


def _in_metadata(*keywords: str) -> str:
    """The first value of the last of these, in sequences of the ones before it."""
    steps = [f"{tag_of(keyword)}__Value__0" for keyword in keywords]
    return "__".join(["metadata", *steps])


def tag_of(keyword: str) -> str:
    return f"{tag_for_keyword(keyword) or 0:08X}"


_KEYS = (
    Key("StudyDate", STUDY, "date", "series__study__study_date"),
    Key("StudyTime", STUDY, "time", "series__study__study_time"),
    Key("AccessionNumber", STUDY, "text", _in_metadata("AccessionNumber")),
    Key("ModalitiesInStudy", STUDY, "modalities", "series__modality"),
    Key("ReferringPhysicianName", STUDY, "name", _in_metadata("ReferringPhysicianName") + "__Alphabetic"),
    Key("PatientName", STUDY, "name", "series__study__patient__pseudonym"),
    Key("PatientID", STUDY, "text", "series__study__patient__patient_id"),
    Key("PatientSex", STUDY, "text", "series__study__patient__patient_sex"),
    Key("StudyInstanceUID", STUDY, "uid", "series__study__study_instance_uid"),
    Key("StudyID", STUDY, "text", _in_metadata("StudyID")),
    Key("StudyDescription", STUDY, "text", "series__study__study_description"),
    Key("Modality", SERIES, "text", "series__modality"),
    Key("SeriesInstanceUID", SERIES, "uid", "series__series_instance_uid"),
    Key("SeriesNumber", SERIES, "number", "series__series_number"),
    Key("SeriesDescription", SERIES, "text", "series__series_description"),
    Key("BodyPartExamined", SERIES, "text", "series__body_part_examined"),
    Key("Laterality", SERIES, "text", "series__laterality"),
    Key("PerformedProcedureStepStartDate", SERIES, "da", _in_metadata("PerformedProcedureStepStartDate")),
    Key("PerformedProcedureStepStartTime", SERIES, "time", _in_metadata("PerformedProcedureStepStartTime")),
    Key("ScheduledProcedureStepID", SERIES, "text", _in_metadata("RequestAttributesSequence", "ScheduledProcedureStepID")),
    Key("RequestedProcedureID", SERIES, "text", _in_metadata("RequestAttributesSequence", "RequestedProcedureID")),
    Key("SOPClassUID", INSTANCE, "uid", "sop_class_uid"),
    Key("SOPInstanceUID", INSTANCE, "uid", "sop_instance_uid"),
    Key("InstanceNumber", INSTANCE, "number", "instance_number"),
)  # fmt: skip
SEQUENCE = "RequestAttributesSequence"
KEYS = {key.name: key for key in _KEYS}

# beside what results.py fills in from our rows
FROM_METADATA = {
    STUDY: ("AccessionNumber", "ReferringPhysicianName", "TimezoneOffsetFromUTC", "PatientBirthDate", "StudyID"),
    SERIES: ("TimezoneOffsetFromUTC", "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime", SEQUENCE),
    INSTANCE: ("TimezoneOffsetFromUTC", "BitsAllocated"),
}  # fmt: skip

_STUDY_GROUPS = ("0010", "0012")
_STUDY_TAGS = frozenset(
    tag_of(keyword)
    for keyword in (
        *("StudyDate", "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyDescription"),
        *("StudyInstanceUID", "StudyID", "ProcedureCodeSequence", "TimezoneOffsetFromUTC"),
        *("ReasonForVisit", "AdmittingDiagnosesDescription", "ReferencedStudySequence"),
    )
)  # fmt: skip
_SERIES_TAGS = frozenset(
    tag_of(keyword)
    for keyword in (
        *("SeriesDate", "SeriesTime", "Modality", "Manufacturer", "ManufacturerModelName", "SoftwareVersions"),
        *("SeriesDescription", "SeriesDescriptionCodeSequence", "SeriesInstanceUID", "SeriesNumber", "Laterality"),
        *("BodyPartExamined", "ProtocolName", "PatientPosition", "FrameOfReferenceUID", SEQUENCE),
        *("PositionReferenceIndicator", "PerformedProcedureStepStartDate", "PerformedProcedureStepStartTime"),
        *("PerformedProcedureStepDescription", "PerformedProtocolCodeSequence", "AnatomicRegionSequence"),
    )
)  # fmt: skip


def level_of(tag: str) -> Level:
    """Where an attribute belongs; whatever is not known to be of the study or series is the instance's."""
    if tag[:4] in _STUDY_GROUPS or tag in _STUDY_TAGS:
        return STUDY
    return SERIES if tag in _SERIES_TAGS else INSTANCE


def attribute(name: str) -> str:
    """The tag, 8 hexadecimal digits, of an attribute named by keyword or tag; Problem 400 where there is none such."""
    tag = tag_of(name)
    if tag != "00000000":
        return tag
    try:
        if len(name) == 8:
            dictionary_VR(int(name, 16))
            return name.upper()
    except (ValueError, KeyError):
        pass
    raise Problem(400, f"{name[:64]!r} is no attribute of DICOM; name it by its keyword or tag.")


def key_named(name: str) -> Key | None:
    """The matching key of that keyword or tag, or of the last of a sequence's: RequestAttributesSequence.StudyID."""
    parts = [keyword_for_tag(attribute(part)) for part in name.split(".")]
    if len(parts) > 1 and parts[0] != SEQUENCE:
        return None
    nested = KEYS.get(parts[-1])
    return nested if nested and (len(parts) == 2) == (SEQUENCE_PATH in nested.where) else None


SEQUENCE_PATH = f"metadata__{tag_of(SEQUENCE)}__"
