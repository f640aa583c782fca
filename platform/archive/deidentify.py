"""Takes out of a file who the patient is, before anything is stored.

First cut: direct identifiers, every person's name and every private element are removed, and the patient's ID is
replaced by a keyed hash. The keep-list by the profiles of PS3.15 Annex E (dates, UIDs, free text, burned-in text)
comes with the issue "The archive"; callers then keep calling `deidentify`.
"""

from django.utils.crypto import salted_hmac
from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

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


def patient_key(patient_id: str, study_instance_uid: str = "") -> str:
    """The ID under which a patient stands in this archive: 32 hexadecimal digits, keyed by SECRET_KEY.

    The same patient gets the same key; nobody without the secret gets from one to the other. A file that names no
    patient counts as one patient per study.
    """
    name = f"id {patient_id.strip()}" if patient_id.strip() else f"study {study_instance_uid}"
    return salted_hmac("archive.patient", name, algorithm="sha256").hexdigest()[:32]


def deidentify(header: Dataset) -> str:
    """Strips `header` in place and returns the patient's key, which is now its PatientID."""
    key = patient_key(str(header.get("PatientID") or ""), str(header.get("StudyInstanceUID") or ""))
    _strip(header)
    for keyword in EMPTY:
        setattr(header, keyword, "")
    header.PatientID = key
    header.PatientIdentityRemoved = "YES"
    header.DeidentificationMethod = "Osteon: direct identifiers and private elements removed"
    # the 128 bytes before "DICM" can carry anything, a program included
    header.preamble = b"\0" * 128
    return key


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
