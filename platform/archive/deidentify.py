"""Takes out of a file who the patient is, before anything is stored.

First cut: direct identifiers, every person's name and every private element are removed, and the patient's ID is
replaced by a keyed hash. The keep-list by the profiles of PS3.15 Annex E (dates, UIDs, free text, burned-in text)
comes with the issue "The archive"; callers then keep calling `deidentify`.
"""

import hashlib
import hmac
from dataclasses import dataclass

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from .policy import Policy, policy

IDENTIFIERS = (
    "AccessionNumber",
    "AdditionalPatientHistory",
    "AdmissionID",
    "ClinicalTrialSubjectID",
    "ConsultingPhysicianIdentificationSequence",
    "CountryOfResidence",
    "CurrentPatientLocation",
    "DeviceSerialNumber",
    "EthnicGroup",
    "FillerOrderNumberImagingServiceRequest",
    "InstitutionAddress",
    "InstitutionCodeSequence",
    "InstitutionName",
    "InstitutionalDepartmentName",
    "InsurancePlanIdentification",
    "IssuerOfAccessionNumberSequence",
    "IssuerOfAdmissionID",
    "IssuerOfPatientID",
    "IssuerOfPatientIDQualifiersSequence",
    "MedicalRecordLocator",
    "MilitaryRank",
    "BranchOfService",
    "Occupation",
    "OperatorIdentificationSequence",
    "OriginalAttributesSequence",
    "OtherPatientIDs",
    "OtherPatientIDsSequence",
    "PatientAddress",
    "PatientBirthDate",
    "PatientBirthTime",
    "PatientComments",
    "PatientID",
    "PatientInstitutionResidence",
    "PatientInsurancePlanCodeSequence",
    "PatientReligiousPreference",
    "PatientTelecomInformation",
    "PatientTelephoneNumbers",
    "PerformedProcedureStepID",
    "PerformingPhysicianIdentificationSequence",
    "PersonAddress",
    "PersonIdentificationCodeSequence",
    "PersonTelephoneNumbers",
    "PhysiciansOfRecordIdentificationSequence",
    "PhysiciansReadingStudyIdentificationSequence",
    "PlacerOrderNumberImagingServiceRequest",
    "ReferencedPatientSequence",
    "ReferringPhysicianAddress",
    "ReferringPhysicianIdentificationSequence",
    "ReferringPhysicianTelephoneNumbers",
    "RegionOfResidence",
    "RequestAttributesSequence",
    "RequestingPhysicianIdentificationSequence",
    "RequestingService",
    "ResponsibleOrganization",
    "ScheduledPerformingPhysicianIdentificationSequence",
    "ServiceEpisodeID",
    "StationName",
    "StudyID",
)
TAGS = frozenset(tag for keyword in IDENTIFIERS if (tag := tag_for_keyword(keyword)) is not None)
# the standard wants these present, if only empty (type 2)
EMPTY = ("PatientName", "PatientBirthDate", "ReferringPhysicianName", "AccessionNumber", "StudyID")


@dataclass(frozen=True)
class Deidentified:
    patient_key: str
    link: dict[str, str] | None


def patient_key(patient_id: str, study_instance_uid: str = "") -> str:
    return _key(policy(), patient_id, study_instance_uid)


def _key(by: Policy, patient_id: str, study_instance_uid: str) -> str:
    name = f"id {patient_id.strip()}" if patient_id.strip() else f"study {study_instance_uid}"
    return hmac.new(by.secret, name.encode(), hashlib.sha256).hexdigest()[:32]


def deidentify(header: Dataset, by: Policy) -> Deidentified:
    """Strips `header` in place and returns the patient's key, which is now its PatientID."""
    key = _key(by, str(header.get("PatientID") or ""), str(header.get("StudyInstanceUID") or ""))
    _strip(header)
    for keyword in EMPTY:
        setattr(header, keyword, "")
    header.PatientID = key
    header.PatientIdentityRemoved = "YES"
    header.DeidentificationMethod = "Osteon: direct identifiers and private elements removed"
    return Deidentified(key, None)


def _strip(dataset: Dataset) -> None:
    for tag in list(dataset.keys()):
        if tag.is_private or tag.element == 0 or tag in TAGS:
            del dataset[tag]
            continue
        vr = dataset.get_item(tag).VR
        if vr in (None, "UN", "SQ", "PN"):
            element = dataset[tag]
            if element.VR == "PN":
                del dataset[tag]
            elif element.VR == "SQ":
                for item in element.value:
                    _strip(item)
