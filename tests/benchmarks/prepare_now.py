"""Radiographs of a detector's size, in the archive and as cases of a trained task: nothing of them was prepared or embedded yet."""

import json
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import numpy as np
from django.db.models.functions import Now
from knox.models import AuthToken

from accounts.roles import Role
from annotation.cases import build_cases
from annotation.models import Case, Task
from archive.deidentify import patient_key
from archive.ingest import ingest_bytes
from jobs.models import Job
from phantoms.cohort import LARGE
from phantoms.dicom import knee_dicom, phantom_uid
from phantoms.knee import KneePhantom, draw_knee
from tests.factories.annotation import make_reader
from training import promotion

DRAWN = 4  # phantoms; the others are one of them, moved up a little


def prepare(task_id: int, count: int) -> None:
    """Prints {"token": a reader's, "cases": [...]} as JSON."""
    task = Task.objects.get(pk=task_id)
    hold_back(task)
    drawn = [
        draw_knee(grade=n, laterality="L" if n % 2 else "R", size=LARGE, seed=n)
        for n in range(DRAWN)
    ]
    patients = [taken_in(drawn[n % DRAWN], n) for n in range(count)]
    build_cases(task, dict.fromkeys(patients, "train"))
    cases = Case.objects.filter(task=task, patient__patient_id__in=patients)
    token = AuthToken.objects.create(make_reader(task, Role.READER))[1]
    print(json.dumps({"token": token, "cases": sorted(cases.values_list("pk", flat=True))}))


def hold_back(task: Task) -> None:
    """The job that predicts all waiting cases counts as cancelled a short time ago, until tomorrow: beat does not ask for
    it again, and a case is without a prediction until somebody asks."""
    model = promotion.current(task)
    assert model is not None
    Job.objects.create(
        kind="inference.preannotate",
        queue="infer",
        key=f"preannotate/{model.pk}",
        state=Job.State.CANCELLED,
        finished_at=Now() + timedelta(days=1),
    )


def taken_in(phantom: KneePhantom, number: int) -> str:
    """The patient's id in the archive."""
    moved = replace(phantom, pixels=np.roll(phantom.pixels, number + 1, axis=0))
    patient = f"NOW-{number:04d}"
    dataset = knee_dicom(
        moved, patient_id=patient, study_instance_uid=phantom_uid("now", patient), seed=number
    )
    data = BytesIO()
    dataset.save_as(data, enforce_file_format=True)
    item = ingest_bytes(f"{patient}.dcm", data.getvalue())
    assert item.outcome == "taken", item
    return patient_key(patient)
