"""Which elements of a header may stay: the Basic Profile of PS3.15 Annex E turned round into a list of what is kept.

An element stays when DICOM's dictionary knows it, its group describes images, the Basic Profile (table E.1-1, as
dicom-anonymizer's 2026c edition has it) has nothing against it or one of our options answers for it, and its value
can be judged: see values.py. Everything else goes, what nobody thought of included.
"""

from dataclasses import dataclass
from functools import cache

from dicomanonymizer.dicom_anonymization_databases import dicomfields_2026c as profile
from pydicom._dicom_dict import DicomDictionary
from pydicom.datadict import tag_for_keyword


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


# acquisition, geometry, pixels, slides, nuclear medicine, segments, RT images, functional groups
GROUPS = frozenset(
    {0x0008, 0x0018, 0x0020, 0x0022, 0x0028, 0x0040, 0x0048, 0x0052, 0x0054, 0x0062, 0x2050, 0x3002}
    | {0x3004, 0x5200}
)

# Retain Patient Characteristics Option (E.3.7), of it only what a reading needs
CHARACTERISTICS = {"PatientSex", "PatientAge", "PatientSize", "PatientWeight"}
# Retain Longitudinal Temporal Information with Modified Dates Option (E.3.6)
MOMENTS = _names(
    "StudyDate SeriesDate AcquisitionDate ContentDate AcquisitionDateTime StudyTime SeriesTime AcquisitionTime ContentTime"
    " DateOfSecondaryCapture TimeOfSecondaryCapture FrameAcquisitionDateTime FrameReferenceDateTime"
    " InstanceCreationDate InstanceCreationTime PerformedProcedureStepStartDate PerformedProcedureStepStartTime"
    " ContrastBolusStartTime ContrastBolusStopTime RadiopharmaceuticalStartTime RadiopharmaceuticalStopTime"
    " RadiopharmaceuticalStartDateTime RadiopharmaceuticalStopDateTime"
)
# Clean Descriptors Option (E.3.5): of these the known words stay
DESCRIPTIONS = _names(
    "StudyDescription SeriesDescription ProtocolName RequestedProcedureDescription PerformedProcedureStepDescription"
    " AcquisitionProtocolName AcquisitionProtocolDescription AcquisitionDeviceProcessingDescription"
    " AcquisitionDeviceProcessingCode ContrastBolusAgent ContrastBolusRoute SequenceName PulseSequenceName ImagedNucleus"
    " ConvolutionKernel FilterType TypeOfFilters ReceiveCoilName TransmitCoilName RescaleType ModalityLUTType"
    " WindowCenterWidthExplanation LUTExplanation LUTLabel DerivationDescription PixelSpacingCalibrationDescription"
    " Radionuclide Radiopharmaceutical RadiopharmaceuticalRoute AttenuationCorrectionMethod ReconstructionMethod"
    " ScatterCorrectionMethod TransducerData ProcessingFunction StackID SegmentLabel DetectorDescription ViewName"
    " StageName PhosphorType PlateType GridAbsorbingMaterial GridSpacingMaterial ReconstructionDescription"
    " ExposureControlModeDescription OpticalPathIdentifier OpticalPathDescription RTImageLabel DimensionDescriptionLabel"
)
MAKERS = _names(
    "Manufacturer ManufacturerModelName SecondaryCaptureDeviceManufacturer"
    " SecondaryCaptureDeviceManufacturerModelName DetectorManufacturerName DetectorManufacturerModelName"
    " ReceiveCoilManufacturerName TransmitCoilManufacturerName"
)
# judged together, see values.code
CODES = {"CodeValue", "CodingSchemeDesignator", "CodeMeaning"}
# numbers in bytes, as many as their descriptor says
TABLES = _names(
    "RedPaletteColorLookupTableData GreenPaletteColorLookupTableData BluePaletteColorLookupTableData"
    " AlphaPaletteColorLookupTableData SegmentedRedPaletteColorLookupTableData SegmentedGreenPaletteColorLookupTableData"
    " SegmentedBluePaletteColorLookupTableData LUTData"
)
# sequences of text, of presentation or of people's doings: nothing in them is needed to read an image
REFUSED = _names(
    "ContentSequence AcquisitionContextSequence RequestAttributesSequence OriginalAttributesSequence"
    " ReferencedStudySequence ReferencedPatientSequence ReferencedPerformedProcedureStepSequence EncapsulatedDocument"
    " IconImageSequence SpecificCharacterSet TimezoneOffsetFromUTC PatientIdentityRemoved SpecimenDescriptionSequence"
    " PerformedProtocolCodeSequence ICCProfile ColorSpace ContextGroupExtensionCreatorUID InstanceCreatorUID"
    " CodingSchemeIdentificationSequence ReferencedInstanceSequence SeriesDescriptionCodeSequence"
)
REFERENCES = {"ReferencedImageSequence", "SourceImageSequence"}

NUMBERS = {"US", "SS", "UL", "SL", "UV", "SV", "FL", "FD", "AT", "DS", "IS"}
BY_VR: dict[str, str] = {"SQ": "sequence", "UI": "uid", "CS": "term", "AS": "age"} | dict.fromkeys(
    NUMBERS, "number"
)
BY_KEYWORD = (
    dict.fromkeys(MOMENTS, "moment")
    | dict.fromkeys(DESCRIPTIONS, "description")
    | dict.fromkeys(MAKERS, "maker")
    | dict.fromkeys(CODES, "code")
    | dict.fromkeys(TABLES, "table")
    | dict.fromkeys(REFERENCES, "sequence")
)
# the safe private attributes of PS3.15 table E.3.10-1 that hold nothing but numbers: (creator, group, element)
SAFE_PRIVATE = frozenset(
    {
        ("SIEMENS MR HEADER", 0x0019, 0x0C),  # b value
        ("SIEMENS MR HEADER", 0x0019, 0x0E),  # diffusion gradient direction
        ("GEMS_PARM_01", 0x0043, 0x39),  # b value
        ("Philips Imaging DD 001", 0x2001, 0x03),  # b value
        ("Philips PET Private Group", 0x7053, 0x00),  # SUV factor
        ("Philips PET Private Group", 0x7053, 0x09),  # activity concentration factor
    }
)

REMOVED = frozenset(profile.ALL_TAGS)
REPLACED_UIDS = frozenset(profile.U_TAGS)


@dataclass(frozen=True)
class Rule:
    kind: str  # how its value is judged, see values.py
    vrs: frozenset[str]
    most: int  # values; 0: any number


@cache
def rule_of(tag: int) -> Rule | None:
    """How a standard element is judged; None where it goes."""
    entry = DicomDictionary.get(tag)
    if entry is None:
        return None
    vr, multiplicity, _, retired, keyword = entry
    kind = _kind(tag, vr, keyword, bool(retired))
    upper = multiplicity.partition("-")[2] or multiplicity
    vrs = frozenset({vr, *vr.split(" or ")})
    return Rule(kind, vrs, int(upper) if upper.isdecimal() else 0) if kind else None


def _kind(tag: int, vr: str, keyword: str, retired: bool) -> str:
    """ "" where it goes."""
    if keyword in CHARACTERISTICS:
        return BY_VR[vr]
    if tag >> 16 not in GROUPS or retired or keyword in REFUSED:
        return ""
    if keyword in BY_KEYWORD:
        return BY_KEYWORD[keyword]
    if vr == "UI" and keyword.endswith("SOPClassUID"):
        return "class"
    pair = (tag >> 16, tag & 0xFFFF)
    if pair in REPLACED_UIDS and vr == "UI":
        return "uid"
    if pair in REMOVED:
        return ""
    return BY_VR.get(vr.split(" or ")[0], "")


def unknown_keywords() -> list[str]:
    """Those that this page names and DICOM's dictionary does not: for the tests."""
    named = CHARACTERISTICS | REFUSED | set(BY_KEYWORD)
    return sorted(keyword for keyword in named if tag_for_keyword(keyword) is None)
