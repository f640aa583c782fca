"""No identity gets past the door, and the same patient stays the same patient."""

from datetime import date, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom._dicom_dict import DicomDictionary
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import ImplicitVRLittleEndian

from archive import keep_list
from archive.deidentify import EMPTY, deidentify, patient_key
from archive.ingest import ingest_bytes
from archive.keep_list import rule_of, unknown_keywords
from archive.models import Instance, Patient
from archive.policy import Policy
from archive.prepare import prepare
from archive.pseudonyms import LONGEST_SHIFT, SHORTEST_SHIFT, days_of
from tests.factories.archive import file_bytes, make_dataset, make_file

POLICY = Policy(b"k" * 32, keep_link=True, check_text=True)
CANARY = "Canary7"
TEXT_VRS = ("LO", "SH", "LT", "ST", "UT", "UC", "UR", "PN", "AE", "CS", "UI")
NEEDED = {  # a file that lies about these is refused before it gets here
    "PhotometricInterpretation",
    "SOPClassUID",
}


def stripped(**elements: Any) -> Dataset:
    ds = make_dataset(**elements)
    deidentify(ds, POLICY)
    return ds


def as_bytes(ds: Dataset) -> bytes:
    buffer = BytesIO()
    ds.save_as(buffer, implicit_vr=False, little_endian=True)
    return buffer.getvalue()


def with_text_everywhere() -> Dataset:
    """A canary in each text element that DICOM knows, in each element that nobody knows, and in sequences of both."""
    ds = make_dataset()
    for tag, (vr, _, _, _, keyword) in DicomDictionary.items():
        group = tag >> 16
        if group < 0x0008 or group >= 0x7FE0 or keyword in NEEDED:
            continue
        if vr in TEXT_VRS:
            ds.add_new(Tag(tag), vr, CANARY if vr != "UI" else f"1.2.{len(CANARY)}777777777")
        elif vr in ("OB", "OW", "UN", "OB or OW"):
            ds.add_new(Tag(tag), vr.split(" ")[0], CANARY.encode() + b"!")
    ds.add_new(0x00090010, "LO", "SOMEBODY")
    ds.add_new(0x00091001, "LO", CANARY)
    ds.add_new(0x60000010, "US", 16)
    ds.add_new(0x60004000, "LT", CANARY)
    ds.add_new(0x60003000, "OW", CANARY.encode() + b"!")
    ds.add_new(0x50003000, "OW", CANARY.encode() + b"!")
    return ds


def test_it_leaves_no_text_of_any_element_dicom_knows_at_any_depth() -> None:
    inner, outer = with_text_everywhere(), with_text_everywhere()
    for keyword in (
        "ReferencedImageSequence",
        "SharedFunctionalGroupsSequence",
        "ViewCodeSequence",
    ):
        middle = Dataset()
        middle.DerivationImageSequence = Sequence([inner])
        setattr(outer, keyword, Sequence([inner, middle]))

    deidentify(outer, POLICY)

    written = as_bytes(outer)
    assert b"anary" not in written
    assert b"777777777" not in written
    assert b"SOMEBODY" not in written


def test_it_leaves_no_text_in_numbers_and_dates() -> None:
    ds = make_dataset()
    for keyword in (
        "StudyTime",
        "AcquisitionDateTime",
        "SliceThickness",
        "SeriesNumber",
        "PatientAge",
    ):
        element = pydicom.DataElement(keyword, "LO", CANARY)
        element.VR = pydicom.datadict.dictionary_VR(keyword)
        ds[keyword] = element
    data = file_bytes(make_dataset(SliceThickness="12345678", ContentDate="20240131"))
    data = data.replace(b"12345678", b"Canary7!").replace(b"20240131", b"Canary7!")
    read = pydicom.dcmread(BytesIO(data))

    for dataset in (ds, read):
        deidentify(dataset, POLICY)
        assert b"anary" not in as_bytes(dataset)


def test_it_keeps_only_what_its_list_names() -> None:
    kept = {tag for tag in DicomDictionary if rule_of(tag)}

    assert unknown_keywords() == []
    assert not any(tag >> 16 in (0x0012, 0x0032, 0x0038, 0x0070, 0x0400, 0x5400) for tag in kept)
    in_the_profile = {
        DicomDictionary[tag][4] for tag in kept if (tag >> 16, tag & 0xFFFF) in keep_list.REMOVED
    }
    answered = (
        keep_list.CHARACTERISTICS
        | keep_list.MOMENTS
        | keep_list.DESCRIPTIONS
        | keep_list.MAKERS
        | keep_list.REFERENCES
    )
    uids = {DicomDictionary[tag][4] for tag in kept if DicomDictionary[tag][0] == "UI"}
    assert in_the_profile <= answered | uids


def test_it_keeps_what_an_image_needs() -> None:
    ds = stripped(
        PixelSpacing=["0.5", "0.5"],
        WindowCenter="40",
        RescaleSlope="1",
        ImageType=["ORIGINAL", "PRIMARY", "SMITH", "M"],
        StudyDescription="Knee Smith PA",
        Manufacturer="SIEMENS",
        PatientAge="093Y",
        BurnedInAnnotation="NO",
    )

    assert (ds.Modality, ds.BodyPartExamined, ds.ImageLaterality) == ("DX", "KNEE", "R")
    assert (ds.PixelSpacing, ds.WindowCenter, ds.RescaleSlope) == ([0.5, 0.5], 40, 1)
    assert ds.ImageType == ["ORIGINAL", "PRIMARY", "", "M"]
    assert (ds.StudyDescription, ds.Manufacturer, ds.PatientAge) == ("Knee PA", "SIEMENS", "090Y")


@pytest.mark.parametrize("characters", ["ISO_IR 100", "ISO_IR 192", "GB18030"])
def test_it_stores_words_of_any_alphabet_so_that_they_can_be_read(characters: str) -> None:
    words = "HÜFTE links" if characters == "ISO_IR 100" else "膝关节 正位"
    ds = make_dataset(StudyDescription=words, ProtocolName=words)
    ds.SpecificCharacterSet = characters
    prepared = prepare(file_bytes(ds), "0" * 64, POLICY)

    stored = pydicom.dcmread(BytesIO(b"".join(prepared.parts)))

    assert (stored.StudyDescription, stored.ProtocolName) == (words, words)


def test_it_keeps_codes_that_dicom_uses_and_no_others() -> None:
    def item(value: str, scheme: str, meaning: str) -> Dataset:
        code = Dataset()
        code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = value, scheme, meaning
        return code

    codes = [
        item("399033003", "SCT", CANARY),
        item("R-10206", "SRT", CANARY),
        item(CANARY, "99LOCAL", "Knee"),
    ]
    ds = stripped(ViewCodeSequence=Sequence(codes), CodeValue=CANARY)

    kept = [(code.CodeValue, code.CodingSchemeDesignator) for code in ds.ViewCodeSequence]
    assert ("R-10206", "SRT") in kept
    assert CANARY not in str(ds)
    assert "99LOCAL" not in str(ds)


def test_it_keeps_a_safe_private_number_and_its_creator_only() -> None:
    ds = make_dataset()
    block = ds.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", "800")
    block.add_new(0x0D, "LO", CANARY)
    ds.private_block(0x0029, "CANARY MEDICAL", create=True).add_new(0x10, "IS", "800")

    deidentify(ds, POLICY)

    private = [(int(element.tag), element.value) for element in ds if element.tag.is_private]
    assert private == [(0x00190010, "SIEMENS MR HEADER"), (0x0019100C, 800)]


def test_it_drops_a_safe_private_number_that_is_none() -> None:
    ds = make_dataset()
    ds.private_block(0x0019, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "12345678")
    data = file_bytes(ds, ImplicitVRLittleEndian).replace(b"12345678", b"Canary7!")
    read = pydicom.dcmread(BytesIO(data))

    deidentify(read, POLICY)

    assert 0x0019100C not in read


def test_it_replaces_uids_alike_wherever_they_stand_and_leaves_dicom_s_own() -> None:
    reference = Dataset()
    reference.ReferencedSOPInstanceUID, reference.ReferencedSOPClassUID = (
        "1.2.3",
        "1.2.840.10008.5.1.4.1.1.1",
    )
    ds = stripped(SOPInstanceUID="1.2.3", ReferencedImageSequence=Sequence([reference]))

    found = ds.ReferencedImageSequence[0]
    assert found.ReferencedSOPInstanceUID == ds.SOPInstanceUID
    assert ds.SOPInstanceUID.startswith("2.25.")
    assert found.ReferencedSOPClassUID == "1.2.840.10008.5.1.4.1.1.1"
    assert stripped(SOPInstanceUID="1.2.3").SOPInstanceUID == ds.SOPInstanceUID
    other = make_dataset(SOPInstanceUID="1.2.3")
    deidentify(other, Policy(b"another" * 8, keep_link=True, check_text=True))
    assert other.SOPInstanceUID != ds.SOPInstanceUID


@pytest.mark.parametrize(
    "uid", ["1.3.12.2.1107.5.9.1", "1.2.840.113619.4.27", "1.2.840.10008.5.1.4.1.1.4"]
)
def test_it_keeps_the_kind_of_object_that_makers_have(uid: str) -> None:
    assert stripped(SOPClassUID=uid, SOPInstanceUID=uid).SOPClassUID == uid
    assert stripped(SOPClassUID=f"{uid}.{'7' * 40}").SOPClassUID.startswith("2.25.")


def test_it_moves_all_of_a_patient_by_the_same_whole_days() -> None:
    first = stripped(PatientID="1", StudyDate="20240131", StudyTime="101500.5")
    later = stripped(
        PatientID="1", StudyDate="2024.03.01", AcquisitionDateTime="20240301101500.25+0100"
    )
    days = days_of(POLICY.secret, first.PatientID)

    assert SHORTEST_SHIFT <= days <= LONGEST_SHIFT
    assert date.fromisoformat(first.StudyDate) == date(2024, 1, 31) - timedelta(days)
    assert date.fromisoformat(later.StudyDate) - date.fromisoformat(first.StudyDate) == timedelta(
        30
    )
    assert later.AcquisitionDateTime == f"{later.StudyDate}101500.25+0100"
    assert first.StudyTime == "101500.5"
    assert first.LongitudinalTemporalInformationModified == "MODIFIED"
    assert days_of(POLICY.secret, "another") != days


@pytest.mark.parametrize("value", ["", "20241331", "2024", "Canary", "00010101"])
def test_it_empties_dates_that_cannot_be_moved(value: str) -> None:
    assert stripped(StudyDate=value).StudyDate == ""


def test_it_says_that_it_did_and_how() -> None:
    ds = make_dataset()

    who = deidentify(ds, POLICY)

    assert (ds.PatientID, ds.PatientIdentityRemoved) == (who.patient_key, "YES")
    assert [str(ds[keyword].value) for keyword in EMPTY] == [""] * len(EMPTY)
    codes = [item.CodeValue for item in ds.DeidentificationMethodCodeSequence]
    assert codes == ["113100", "113105", "113107", "113108", "113111"]
    assert ds.preamble == bytes(128)


def test_it_hands_on_who_it_was_only_where_that_is_kept() -> None:
    link = deidentify(make_dataset(PatientID=" 0193 ", AccessionNumber="A1"), POLICY).link

    assert link is not None
    assert (link["PatientID"], link["AccessionNumber"], link["StudyDate"]) == (
        "0193",
        "A1",
        "20240131",
    )
    none = Policy(b"k" * 32, keep_link=False, check_text=True)
    assert deidentify(make_dataset(), none).link is None


def test_it_takes_a_file_without_a_patient_as_one_patient_a_study() -> None:
    keys = [
        deidentify(make_dataset(PatientID="", StudyInstanceUID=uid), POLICY).patient_key
        for uid in ("1.2", "1.2", "1.3")
    ]

    assert keys[0] == keys[1] != keys[2]


def test_it_keys_the_patient_by_the_installation_s_secret(settings: Any) -> None:
    before = patient_key("0193")
    settings.SECRET_KEY = "another".ljust(50, "x")

    assert patient_key("0193") != before
    assert len(before) == 32


@pytest.mark.django_db
def test_it_gives_the_same_patient_the_same_row() -> None:
    for patient_id in ("0193", " 0193 ", "0194"):
        ingest_bytes("knee.dcm", make_file(PatientID=patient_id))

    keys = set(Patient.objects.values_list("patient_id", flat=True))
    assert keys == {patient_key("0193"), patient_key("0194")}
    assert not any("0193" in key for key in keys)


@pytest.mark.django_db
@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
def test_it_stores_nothing_of_it_in_file_or_rows(originals: Path) -> None:
    data = bytearray(file_bytes(with_text_everywhere()) + b"Canary7 behind the end")
    data[:7] = b"Canary7"

    item = ingest_bytes("knee.dcm", bytes(data))

    assert item.outcome == "taken", item.reason
    instance = Instance.objects.select_related("series__study__patient").get()
    series = instance.series
    stored = (originals / instance.file).read_bytes()
    rows = [vars(row) for row in (instance, series, series.study, series.study.patient)]
    assert b"anary" not in stored + str(rows).encode()
    assert stored[:128] == bytes(128)
