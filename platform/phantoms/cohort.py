"""A folder of phantom knees: who has which grade, drawn and written as DICOM with the truth beside it."""

import csv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, fields
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from phantoms.dicom import knee_dicom, phantom_uid
from phantoms.knee import draw_knee

GRADE_SHARES = (0.38, 0.18, 0.24, 0.14, 0.06)  # KL 0 to 4, as among people who come with knee pain
PATIENTS_PER_CASE = 0.55  # most patients bring both knees
LARGE, SMALL = (2500, 2000), (640, 512)  # rows, columns
TRUTH_FILE = "truth.csv"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class TruthRow:
    """One line of truth.csv."""

    sop_instance_uid: str
    patient_id: str
    laterality: str
    grade: int
    file: str


@dataclass(frozen=True)
class PlannedKnee:
    """A knee that is to be drawn."""

    number: int
    patient: int
    laterality: str
    grade: int
    size: tuple[int, int]
    seed: int


def write_knees(
    folder: Path,
    *,
    cases: int = 200,
    large: int = 24,
    seed: int = 1,
    progress: Progress | None = None,
) -> list[TruthRow]:
    """Write `cases` DICOM files, `large` of them at a detector's size, and truth.csv; same seed, same files.

    `progress` is called with (written, all) after each file, in the caller's thread. Raises ValueError for impossible
    numbers.
    """
    planned = plan_knees(cases=cases, large=large, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    # Threads: nearly all the work is done in numpy and Pillow, which let each other run.
    with ThreadPoolExecutor(max_workers=2) as pool:
        for row in pool.map(lambda knee: _write_knee(folder, knee, seed), planned):
            rows.append(row)
            if progress:
                progress(len(rows), cases)
    with (folder / TRUTH_FILE).open("w", newline="") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(TruthRow)])
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)
    return rows


def plan_knees(*, cases: int, large: int, seed: int) -> list[PlannedKnee]:
    """Who gets which knee: grades in the shares above, a patient's two knees alike, large ones spread evenly."""
    if cases < 1 or not 0 <= large <= cases:
        raise ValueError(
            f"Cannot draw {cases} knees with {large} large ones: give cases >= 1 and 0 <= large <= cases."
        )
    rng = np.random.default_rng(seed)
    knees = _knees_of_patients(cases, rng)
    grades = _grades([patient for patient, _ in knees], rng)
    at_detector_size = {at * cases // large for at in range(large)}
    return [
        PlannedKnee(
            number=number,
            patient=patient + 1,
            laterality=laterality,
            grade=grade,
            size=LARGE if number in at_detector_size else SMALL,
            seed=seed * 1_000_003 + number,
        )
        for number, ((patient, laterality), grade) in enumerate(zip(knees, grades, strict=True))
    ]


def _knees_of_patients(cases: int, rng: np.random.Generator) -> list[tuple[int, str]]:
    """(patient, laterality) for each case; a patient's knees stand side by side."""
    patients = max((cases + 1) // 2, round(cases * PATIENTS_PER_CASE))
    with_both = set(rng.permutation(patients)[: cases - patients].tolist())
    knees: list[tuple[int, str]] = []
    for patient in range(patients):
        sides = "RL" if patient in with_both else str(rng.choice(["R", "L"]))
        knees += [(patient, side) for side in sides]
    return knees


def _grades(patients: list[int], rng: np.random.Generator) -> list[int]:
    """Grades by rank of a hidden severity, most of which belongs to the patient and the rest to the knee."""
    of_patient = rng.standard_normal(max(patients) + 1)
    severity = 0.8 * of_patient[patients] + 0.6 * rng.standard_normal(len(patients))
    rank = (np.argsort(np.argsort(severity)) + 0.5) / len(patients)
    return [int(grade) for grade in np.searchsorted(np.cumsum(GRADE_SHARES)[:-1], rank)]


def _write_knee(folder: Path, knee: PlannedKnee, seed: int) -> TruthRow:
    person = np.random.default_rng([seed, knee.patient])
    patient_id = f"PHANTOM-{knee.patient:04d}"
    dataset = knee_dicom(
        draw_knee(grade=knee.grade, laterality=knee.laterality, size=knee.size, seed=knee.seed),
        patient_id=patient_id,
        study_instance_uid=phantom_uid(seed, patient_id, "study"),
        seed=knee.seed,
        study_date=date(2016, 1, 4) + timedelta(days=int(person.integers(0, 2200))),
        patient_sex=str(person.choice(["F", "M"])),
        patient_age=f"{int(person.integers(45, 80)):03d}Y",
    )
    name = f"knee-{knee.number + 1:04d}-{knee.laterality}.dcm"
    dataset.save_as(folder / name, enforce_file_format=True)
    return TruthRow(str(dataset.SOPInstanceUID), patient_id, knee.laterality, knee.grade, name)
