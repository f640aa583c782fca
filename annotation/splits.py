"""Which patients a task trains on, tunes on and is tested on.

The side is a hash of the task's seed and the patient's id, so that neither the order of arrival nor what else was
imported moves anybody. It is drawn once, at the latest when a patient's first case is read, and kept by database
triggers. Cases that the archive's news became by themselves leave it open until then: a table of a published data set
may yet fix it.
"""

import hashlib
from collections.abc import Iterable, Mapping

from annotation.models import PatientSplit, Task
from archive.models import Patient

Split = PatientSplit.Split
TRAIN, TUNE = 0.70, 0.10  # the rest is the locked test
TUNE_OF_GIVEN_TRAIN = 0.125  # as 10 to 80


def split_of(task: Task, patient: Patient) -> str | None:
    """The side that the patient stands on, or None while it is not drawn."""
    return (
        PatientSplit.objects.filter(task=task, patient=patient)
        .values_list("split", flat=True)
        .first()
    )


def side_of(task: Task, patient: Patient) -> str:
    """The side that the patient stands on, drawn now where he has none yet."""
    assign(task, [patient])
    return PatientSplit.objects.get(task=task, patient=patient).split


def drawn(seed: int, patient_id: str) -> Split:
    """The side that chance gives a patient: 70 % train, 10 % tune, 20 % test."""
    share = fraction(seed, patient_id)
    if share < TRAIN:
        return Split.TRAIN
    return Split.TUNE if share < TRAIN + TUNE else Split.TEST


def fraction(seed: int, patient_id: str, purpose: str = "split") -> float:
    """A number in [0, 1) that depends on nothing but its arguments."""
    digest = hashlib.sha256(f"{purpose}/{seed}/{patient_id}".encode()).digest()
    return int.from_bytes(digest[:8]) / 2**64


def of_test(task: Task, patients: Mapping[int, str]) -> set[int]:
    """Which of these (pk: patient_id) stand on the test side, or would if they were drawn now."""
    sides = dict(PatientSplit.objects.filter(task=task).values_list("patient_id", "split"))
    return {
        pk
        for pk, patient_id in patients.items()
        if (sides.get(pk) or drawn(task.seed, patient_id)) == Split.TEST
    }


def assign(task: Task, patients: Iterable[Patient], given: Mapping[str, str] | None = None) -> int:
    """Puts patients who have no side yet on theirs; says how many that were.

    `given` maps a patient_id to a side that was fixed elsewhere (a published data set's own split). It counts only
    for patients who have no side yet: nobody is ever moved.
    """
    given, patients = given or {}, list(patients)
    had = set(
        PatientSplit.objects.filter(task=task, patient__in=patients).values_list(
            "patient_id", flat=True
        )
    )
    rows = [
        PatientSplit(
            task=task,
            patient=patient,
            split=given.get(patient.patient_id) or drawn(task.seed, patient.patient_id),
        )
        for patient in {
            patient.pk: patient for patient in patients if patient.pk not in had
        }.values()
    ]
    PatientSplit.objects.bulk_create(rows, ignore_conflicts=True, batch_size=2000)
    return len(rows)


def with_tune(task: Task, given: Mapping[str, str]) -> dict[str, str]:
    """A given split that knows only train and test, with an eighth of its train patients moved to tune by hash."""
    if Split.TUNE in given.values():
        return dict(given)
    return {
        patient_id: Split.TUNE
        if split == Split.TRAIN and fraction(task.seed, patient_id, "tune") < TUNE_OF_GIVEN_TRAIN
        else split
        for patient_id, split in given.items()
    }
