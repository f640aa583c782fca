"""One way in for all: what is taken, what is there already, what is refused; and that nothing comes in twice."""

import os
from datetime import date, timedelta
from pathlib import Path
from struct import pack_into
from typing import Any
from zlib import crc32

import numpy as np
import pydicom
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from pydicom.uid import ExplicitVRBigEndian, ImplicitVRLittleEndian

from archive import ingest, store
from archive.ingest import Item, ingest_bytes, ingest_paths
from archive.models import Instance, Patient, Series, Study
from archive.pixels import grey
from archive.policy import policy
from archive.pseudonyms import days_of
from archive.refused import Refused
from archive.secondary_capture import Attributes, sop_instance_uid_of
from tests.factories.archive import file_bytes, make_dataset, make_file, make_picture
from tests.factories.hostile.bombs import many_scans

pytestmark = pytest.mark.django_db


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Patient, Study, Series, Instance))


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return folder


def declaring(width: int, height: int) -> bytes:
    """A PNG whose header says so, whatever is in it."""
    data = bytearray(make_picture())
    pack_into(">II", data, 16, width, height)
    pack_into(">I", data, 29, crc32(data[12:29]))
    return bytes(data)


def test_it_makes_the_rows_of_a_file() -> None:
    data = make_file(
        StudyDescription="Knees, standing",
        StudyTime="101530",
        SeriesDescription="PA",
        SeriesNumber=3,
        InstanceNumber=7,
    )

    item = ingest_bytes("knee.dcm", data)

    instance = Instance.objects.select_related("series__study__patient").get()
    series, study, patient = instance.series, instance.series.study, instance.series.study.patient
    assert item == Item("knee.dcm", "taken", "", instance.sop_instance_uid)
    assert patient.pseudonym == f"P-{patient.pk:04d}"
    assert (patient.patient_sex, study.study_description) == ("F", "Knees, standing")
    assert study.study_date == date(2024, 1, 31) - timedelta(
        days_of(policy().secret, patient.patient_id)
    )
    assert (
        series.modality,
        series.body_part_examined,
        series.laterality,
        series.view_position,
    ) == ("DX", "KNEE", "R", "PA")
    assert (instance.rows, instance.columns, instance.number_of_frames, instance.bits_stored) == (
        12,
        10,
        1,
        16,
    )
    assert (study.study_time, series.series_number) == ("101530", 3)
    assert (instance.instance_number, instance.photometric_interpretation) == (7, "MONOCHROME2")
    assert instance.metadata["00280010"] == {"vr": "US", "Value": [12]}
    assert "7FE00010" not in instance.metadata


def test_it_stores_a_whole_file_under_its_hash(originals: Path) -> None:
    pixels = np.arange(120, dtype=np.uint16).reshape(12, 10)

    ingest_bytes("knee.dcm", make_file(pixels))

    instance = Instance.objects.get()
    [path] = files_in(originals)
    assert str(path.relative_to(originals)) == instance.file
    assert (
        instance.file
        == f"{instance.file_hash[:2]}/{instance.file_hash[2:4]}/{instance.file_hash}.dcm"
    )
    assert path.stat().st_size == instance.size_bytes
    assert (pydicom.dcmread(path).pixel_array == pixels).all()


def test_it_changes_nothing_when_a_file_comes_again(originals: Path) -> None:
    data = make_file()
    first = ingest_bytes("knee.dcm", data)
    before = counts()

    again = ingest_bytes("copy.dcm", data)

    assert again == Item(
        "copy.dcm",
        "already",
        "copy.dcm is already here; nothing was changed.",
        first.sop_instance_uid,
    )
    assert counts() == before
    assert len(files_in(originals)) == 1


def test_it_refuses_other_bytes_under_a_uid_that_is_taken(originals: Path) -> None:
    ds = make_dataset()
    ingest_bytes("knee.dcm", file_bytes(ds))
    ds.PixelData = b"\1" * len(ds.PixelData)

    item = ingest_bytes("other.dcm", file_bytes(ds))

    assert item.outcome == "refused"
    assert item.reason.startswith(
        "other.dcm has the SOPInstanceUID of another file that is already here"
    )
    assert counts() == (1, 1, 1, 1)
    assert len(files_in(originals)) == 1


def test_it_refuses_a_study_of_two_patients(originals: Path) -> None:
    ingest_bytes("a.dcm", make_file(StudyInstanceUID="1.2.3", PatientID="A"))

    item = ingest_bytes("b.dcm", make_file(StudyInstanceUID="1.2.3", PatientID="B"))

    assert item.reason.startswith(
        "b.dcm belongs to a study that is already here under another patient"
    )
    assert counts() == (1, 1, 1, 1)
    assert len(files_in(originals)) == 1


def test_it_gathers_what_belongs_together() -> None:
    same: dict[str, Any] = {
        "PatientID": "A",
        "StudyInstanceUID": "1.2.3",
        "SeriesInstanceUID": "1.2.3.4",
    }

    for name in ("1", "2", "3"):
        ingest_bytes(name, make_file(**same))

    assert counts() == (1, 1, 1, 3)


def test_it_says_both_when_a_series_holds_both_knees() -> None:
    for side in ("R", "L"):
        ingest_bytes(
            side,
            make_file(
                PatientID="A", StudyInstanceUID="1.2", SeriesInstanceUID="1.3", ImageLaterality=side
            ),
        )

    assert Series.objects.get().laterality == "B"


def test_it_takes_folders_with_and_without_endings_and_names_what_is_bad(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "in",
        {
            "study/IM0001": make_file(),
            "study/deep/er/IM0002": make_file(),
            "knee.DCM": make_file(),
            "notes.txt": b"hello",
            "empty.dcm": b"",
            "cut.dcm": make_file()[:-20],
        },
    )
    (folder / "gone.dcm").symlink_to(folder / "nowhere")

    report = ingest_paths([folder])

    assert [report.count(outcome) for outcome in ("taken", "already", "refused")] == [3, 0, 4]
    refused = {
        Path(item.name).name: item.reason for item in report.items if item.outcome == "refused"
    }
    assert set(refused) == {"notes.txt", "empty.dcm", "cut.dcm", "gone.dcm"}
    assert all(name in reason and reason.endswith(".") for name, reason in refused.items())
    assert counts()[3] == 3


def test_it_passes_over_what_systems_leave_in_folders(tmp_path: Path) -> None:
    leftovers = ["DICOMDIR", ".DS_Store", "Thumbs.db", "__MACOSX/IM1", ".hidden/IM1", "a/.x"]
    folder = write(tmp_path / ".in", dict.fromkeys(leftovers, b"x") | {"a/IM1": make_file()})

    report = ingest_paths([folder])

    assert [Path(item.name).name for item in report.items] == ["IM1"]


def test_it_holds_no_more_than_a_batch_of_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.ingest.BATCH_BYTES", 100_000)
    folder = write(tmp_path / "in", {str(n): bytes([n]) * 30_000 for n in range(40)})
    batches: list[int] = []
    real = ingest._groups

    def watched(batch: Any, policy: Any) -> Any:
        batches.append(sum(len(incoming.data) for incoming in batch))
        yield from real(batch, policy)

    monkeypatch.setattr(ingest, "_groups", watched)
    ingest_paths([folder])

    assert sum(batches) == 40 * 30_000
    assert max(batches) <= 100_000


def test_it_does_not_wait_on_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    [item] = ingest_paths([tmp_path]).items

    assert item.reason.endswith("is no ordinary file; leave it out.")


def test_it_takes_two_copies_in_one_delivery_once(tmp_path: Path) -> None:
    data = make_file()

    report = ingest_paths([write(tmp_path / "in", {"a": data, "b": data})])

    assert [item.outcome for item in report.items] == ["taken", "already"]
    assert counts() == (1, 1, 1, 1)


def test_it_knows_an_image_again_that_comes_twice_in_one_delivery_written_otherwise(
    tmp_path: Path,
) -> None:
    ds = make_dataset()
    implicit = file_bytes(ds, ImplicitVRLittleEndian)

    report = ingest_paths([write(tmp_path / "in", {"a": file_bytes(ds), "b": implicit})])

    assert [item.outcome for item in report.items] == ["taken", "already"]
    assert counts() == (1, 1, 1, 1)


def test_it_asks_the_database_little(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", {f"{number}.dcm": make_file() for number in range(60)})

    with CaptureQueriesContext(
        connection,
    ) as queries:
        ingest_paths([folder])

    assert counts()[3] == 60
    assert len(queries) <= 20  # the same for any number of files of a batch


def test_it_turns_big_endian_files_around() -> None:
    pixels = np.arange(120, dtype=np.uint16).reshape(12, 10)
    ds = make_dataset(pixels.astype(">u2"), Rows=12)
    ds.PixelData = pixels.astype(">u2").tobytes()

    item = ingest_bytes("big.dcm", file_bytes(ds, ExplicitVRBigEndian))

    instance = Instance.objects.get(sop_instance_uid=item.sop_instance_uid)
    assert instance.transfer_syntax_uid == "1.2.840.10008.1.2.1"
    with store.originals().open(instance.file) as file:
        assert (pydicom.dcmread(file).pixel_array == pixels).all()


def test_it_keeps_implicit_files_as_they_are() -> None:
    pixels = np.arange(120, dtype=np.uint16).reshape(12, 10)

    ingest_bytes("implicit.dcm", file_bytes(make_dataset(pixels), ImplicitVRLittleEndian))

    instance = Instance.objects.get()
    assert instance.transfer_syntax_uid == ImplicitVRLittleEndian
    with store.originals().open(instance.file) as file:
        assert (pydicom.dcmread(file).pixel_array == pixels).all()


def test_it_takes_values_that_a_database_would_choke_on() -> None:
    data = make_file(StudyDescription="knee" * 16, ProtocolName="bbbbbbbb")
    data = data.replace(b"knee" * 16, b"knee\0PA " * 8)
    data = data.replace(b"b" * 8, b"\xff\xfe\0\x1b$B\xe4x")

    item = ingest_bytes("odd.dcm", data)

    assert item.outcome == "taken", item.reason
    assert (
        Study.objects.get().study_description
        == "knee PA knee PA knee PA knee PA knee PA knee PA knee PA knee PA"
    )


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_it_wraps_pictures_by_the_csv(tmp_path: Path, kind: str) -> None:
    first, second = make_picture(kind), make_picture(kind, mode="RGB")
    folder = write(tmp_path / "in", {"images/1L.x": first, "images/2R.x": second})
    csv = tmp_path / "in" / "labels.csv"
    csv.write_text(
        "file,patient_id,laterality,body_part_examined,kl_grade\nimages/1L.x,7,L,knee,3\n2R.x,7,right,KNEE,0\n"
    )

    report = ingest_paths([folder], csv=csv)
    again = ingest_paths([folder / "images"], csv=csv)

    assert [item.outcome for item in report.items] == ["taken", "taken"]
    assert [item.outcome for item in again.items] == ["already", "already"]
    assert counts() == (1, 1, 2, 2)
    left = Instance.objects.select_related("series").get(
        sop_instance_uid=sop_instance_uid_of(first, "7")
    )
    assert (left.series.laterality, left.series.body_part_examined, left.series.modality) == (
        "L",
        "KNEE",
        "OT",
    )
    assert (left.rows, left.columns, left.bits_stored) == (12, 10, 8)


def test_it_takes_the_same_picture_of_two_patients_as_two() -> None:
    picture = make_picture()

    items = [ingest_bytes("a.png", picture, Attributes(patient)) for patient in ("1", "2")]

    assert [item.outcome for item in items] == ["taken", "taken"]
    assert counts() == (2, 2, 2, 2)


def test_it_keeps_all_16_bits_of_a_png(tmp_path: Path) -> None:
    pixels = np.arange(0, 60_000, 500, dtype=np.uint16).reshape(12, 10)
    path = tmp_path / "deep.png"
    Image.fromarray(pixels).save(path)

    ingest_bytes("deep.png", path.read_bytes(), Attributes("1"))

    assert (grey(Instance.objects.get()) == pixels).all()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (make_picture("JPEG")[:200], "is damaged and cannot be read as a picture"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "is damaged and cannot be read as a picture"),
        (make_picture("PNG", size=(9000, 8000)), "has more than 64,000,000 pixels"),
        (declaring(30_000, 30_000), "has more than 64,000,000 pixels"),
        (many_scans(200, 200, 1000), "is a picture in more pieces than any sound one has"),
    ],
)
def test_it_refuses_bad_pictures(data: bytes, says: str) -> None:
    assert says in ingest_bytes("a.png", data, Attributes("1")).reason


def test_it_refuses_a_picture_that_says_not_whose_it_is() -> None:
    assert "give a CSV with a line for it" in ingest_bytes("a.png", make_picture()).reason


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name,patient\n", "lacks the column file and patient_id"),
        ("file,patient_id\na.png,\n", "needs a file and a patient_id .* in line 2"),
        ("file,patient_id,laterality\na.png,1,X\n", "unknown laterality in line 2"),
    ],
)
def test_it_refuses_a_csv_that_cannot_be_used(tmp_path: Path, text: str, says: str) -> None:
    csv = tmp_path / "labels.csv"
    csv.write_text(text)

    with pytest.raises(Refused, match=says):
        ingest_paths([tmp_path], csv=csv)


def test_it_leaves_no_half_file_behind(originals: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(OSError, match="No space left"):
        ingest_bytes("knee.dcm", make_file())
    assert files_in(originals) == []
    assert counts() == (0, 0, 0, 0)
