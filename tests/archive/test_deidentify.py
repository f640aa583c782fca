"""No direct identifier gets past the door, and the same patient stays the same patient."""

from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from archive.deidentify import EMPTY, IDENTIFIERS, deidentify, patient_key
from archive.ingest import ingest_bytes
from archive.models import Instance, Patient
from tests.factories.archive import file_bytes, make_dataset, make_file

CANARY = "Canary7"


def planted() -> Dataset:
    """A file with a canary in each identifier that takes text, at the top and inside a sequence."""
    ds = make_dataset()
    inner = Dataset()
    for place in (ds, inner):
        for keyword in (
            *IDENTIFIERS,
            "PatientName",
            "OperatorsName",
            "PerformingPhysicianName",
            "PhysiciansOfRecord",
        ):
            vr = pydicom.datadict.dictionary_VR(keyword)
            if vr not in ("SQ", "DA", "TM"):
                setattr(place, keyword, CANARY)
        place.PatientBirthDate = "19570203"
        block = place.private_block(0x0029, "CANARY MEDICAL", create=True)
        block.add_new(0x10, "LO", CANARY)
    other = Dataset()
    other.PatientID = CANARY
    ds.OtherPatientIDsSequence = Sequence([other])
    ds.ReferencedImageSequence = Sequence([inner])
    return ds


@pytest.mark.django_db
def test_it_stores_no_identifier_in_file_or_rows(originals: Path) -> None:
    data = bytearray(file_bytes(planted()))
    data[:7] = b"Canary7"

    item = ingest_bytes("knee.dcm", bytes(data))

    assert item.outcome == "taken", item.reason
    instance = Instance.objects.select_related("series__study__patient").get()
    stored = (originals / instance.file).read_bytes()
    everything = (
        stored + str(instance.metadata).encode() + str(vars(instance.series.study.patient)).encode()
    )
    assert b"anary" not in everything
    assert b"CANARY" not in everything
    assert b"19570203" not in everything
    assert stored[:128] == bytes(128)


@pytest.mark.django_db
def test_it_gives_the_same_patient_the_same_row() -> None:
    for patient_id in ("0193", " 0193 ", "0194"):
        ingest_bytes("knee.dcm", make_file(PatientID=patient_id))

    keys = set(Patient.objects.values_list("patient_id", flat=True))
    assert keys == {patient_key("0193"), patient_key("0194")}
    assert not any("0193" in key for key in keys)


def test_it_keys_the_patient_by_the_installation_s_secret(settings: object) -> None:
    before = patient_key("0193")
    settings.SECRET_KEY = "another".ljust(50, "x")  # type: ignore[attr-defined]

    assert patient_key("0193") != before
    assert len(before) == 32


def test_it_takes_a_file_without_a_patient_as_one_patient_a_study() -> None:
    keys = [
        deidentify(make_dataset(PatientID="", StudyInstanceUID=uid))
        for uid in ("1.2", "1.2", "1.3")
    ]

    assert keys[0] == keys[1] != keys[2]


def test_it_says_that_it_did() -> None:
    ds = make_dataset()

    key = deidentify(ds)

    assert (ds.PatientID, ds.PatientIdentityRemoved) == (key, "YES")
    assert [str(ds[keyword].value) for keyword in EMPTY] == [""] * len(EMPTY)


def test_it_knows_every_attribute_that_it_names() -> None:
    assert [
        keyword for keyword in IDENTIFIERS if pydicom.datadict.tag_for_keyword(keyword) is None
    ] == []
