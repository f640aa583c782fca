import csv
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pydicom
import pytest

from phantoms.cohort import plan_knees, write_knees


def test_it_writes_files_and_their_truth(tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    rows = write_knees(tmp_path, cases=5, large=1, seed=3, progress=lambda *step: seen.append(step))
    with (tmp_path / "truth.csv").open(newline="") as file:
        truth = list(csv.DictReader(file))
    assert [row["file"] for row in truth] == [row.file for row in rows]
    assert seen == [(n, 5) for n in range(1, 6)]
    for row in truth:
        dataset = pydicom.dcmread(tmp_path / row["file"])
        assert dataset.SOPInstanceUID == row["sop_instance_uid"]
        assert dataset.PatientID == row["patient_id"]
        assert dataset.ImageLaterality == row["laterality"]
    first, second = (pydicom.dcmread(tmp_path / row["file"]) for row in truth[:2])
    assert (first.Rows, first.Columns) == (2500, 2000)
    assert (second.Rows, second.Columns) == (640, 512)


def test_it_writes_the_same_files_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_knees(tmp_path / name, cases=3, large=0, seed=3)
    for path in sorted((tmp_path / "a").iterdir()):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_both_knees_of_a_patient_share_study_and_person(tmp_path: Path) -> None:
    rows = write_knees(tmp_path, cases=6, large=0, seed=3)
    of_patient = defaultdict(list)
    for row in rows:
        of_patient[row.patient_id].append(pydicom.dcmread(tmp_path / row.file))
    pairs = [pair for pair in of_patient.values() if len(pair) == 2]
    assert pairs
    for right, left in pairs:
        assert (right.Laterality, left.Laterality) == ("R", "L")
        for keyword in ("StudyInstanceUID", "StudyDate", "StudyTime", "PatientSex", "PatientAge"):
            assert right[keyword].value == left[keyword].value
        assert right.SeriesInstanceUID != left.SeriesInstanceUID


def test_the_demo_set_has_the_wanted_mixture() -> None:
    planned = plan_knees(cases=200, large=24, seed=1)
    grades = Counter(knee.grade for knee in planned)
    assert [grades[g] for g in range(5)] == [76, 36, 48, 28, 12]
    assert len({knee.patient for knee in planned}) == 110
    assert len({knee.seed for knee in planned}) == 200
    at = [knee.number for knee in planned if knee.size == (2500, 2000)]
    assert len(at) == 24
    assert at[0] == 0
    assert max(np.diff(at)) <= 9


def test_a_patients_knees_are_alike() -> None:
    of_patient = defaultdict(list)
    for knee in plan_knees(cases=400, large=0, seed=2):
        of_patient[knee.patient].append(knee.grade)
    pairs = np.array([pair for pair in of_patient.values() if len(pair) == 2])
    assert 0.4 < np.corrcoef(pairs.T)[0, 1] < 0.9


@pytest.mark.parametrize(("cases", "large"), [(0, 0), (3, 4), (3, -1)])
def test_it_refuses_impossible_numbers(tmp_path: Path, cases: int, large: int) -> None:
    with pytest.raises(ValueError, match="Cannot draw"):
        write_knees(tmp_path, cases=cases, large=large)
