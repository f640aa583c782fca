"""A task of generated cases and its readers, for the worklist's measurement: rows only, no pixels."""

import json
import uuid
from collections.abc import Sequence

from knox.models import AuthToken

from accounts.models import User
from annotation import catalogue
from annotation.models import Case, CaseSeries, Membership, PatientSplit, Task
from archive.models import Instance, Patient, Series, Study
from tests.factories.annotation import free_name

AT_ONCE = 2_000  # cases: PostgreSQL takes 65,535 parameters in a statement


def uids(count: int) -> list[str]:
    return [f"2.25.{uuid.uuid4().int}" for _ in range(count)]


def prepare(readers: int, cases: int) -> None:
    """Prints {"task": id, "tokens": […]} as JSON."""
    task = Task.objects.create(
        name=free_name(f"Bench {readers}"), template="knee-oa-kl", retrain_every=0
    )
    catalogue.publish(task)
    fill(task, cases)
    tokens = []
    for _ in range(readers):
        user = User.objects.create_user(f"bench-{uuid.uuid4().hex[:12]}")
        Membership.objects.create(task=task, user=user, role="reader")
        tokens.append(AuthToken.objects.create(user)[1])
    print(json.dumps({"task": task.pk, "tokens": tokens}))


def fill(task: Task, count: int, sides: Sequence[str] = ("train",)) -> None:
    """`sides` of the split: dealt out to the patients in turn."""
    for at in range(0, count, AT_ONCE):
        _fill(
            task, min(AT_ONCE, count - at), [sides[(at + n) % len(sides)] for n in range(AT_ONCE)]
        )


def _fill(task: Task, count: int, sides: Sequence[str]) -> None:
    stamp = uuid.uuid4().hex[:6]
    patients = Patient.objects.bulk_create(
        Patient(patient_id=f"BENCH-{stamp}-{n}", pseudonym=f"B{stamp}-{n}") for n in range(count)
    )
    studies = Study.objects.bulk_create(
        Study(patient=patient, study_instance_uid=uid)
        for patient, uid in zip(patients, uids(count), strict=True)
    )
    series = Series.objects.bulk_create(
        Series(
            study=study,
            series_instance_uid=uid,
            modality="CR",
            body_part_examined="KNEE",
            laterality="R",
        )
        for study, uid in zip(studies, uids(count), strict=True)
    )
    Instance.objects.bulk_create(
        Instance(
            series=one, sop_instance_uid=uid, sop_class_uid="1.2.840.10008.5.1.4.1.1.1",
            transfer_syntax_uid="1.2.840.10008.1.2.1", rows=2500, columns=2000, bits_stored=16,
            photometric_interpretation="MONOCHROME2", file="none", file_hash="", source_hash="", pixel_hash="",
            size_bytes=0,
        )
        for one, uid in zip(series, uids(count), strict=True)
    )  # fmt: skip
    PatientSplit.objects.bulk_create(
        PatientSplit(task=task, patient=p, split=sides[n]) for n, p in enumerate(patients)
    )
    made = Case.objects.bulk_create(
        Case(
            task=task, patient=p, key=s.series_instance_uid, name=f"{p.pseudonym} R", laterality="R"
        )
        for p, s in zip(patients, series, strict=True)
    )
    CaseSeries.objects.bulk_create(
        CaseSeries(case=c, series=s) for c, s in zip(made, series, strict=True)
    )
