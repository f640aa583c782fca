"""The path of one item, DESIGN.md section 1, in one piece: from a DICOM file round the loop to the next case."""

from pathlib import Path

import pytest
from django.test import Client

from annotation.cases import build_cases
from annotation.models import Case, Snapshot, Task
from archive.ingest import ingest_paths
from inference import keep_current
from inference.models import Prediction
from inference.retraining import consider
from phantoms.dicom import knee_dicom
from phantoms.knee import draw_knee
from tests.factories.annotation import make_reader
from tests.factories.jobs import run_due
from tests.factories.knees import make_knee_task, read_knees
from training import promotion

pytestmark = pytest.mark.django_db(transaction=True)


def write_phantom(path: Path, number: int) -> None:
    phantom = draw_knee(grade=number % 5, laterality="L", size=(160, 128), seed=number)
    dicom = knee_dicom(
        phantom, patient_id=f"PHANTOM-{number}", study_instance_uid=f"1.2.3.{number}", seed=number
    )
    dicom.save_as(path / f"{number}.dcm", enforce_file_format=True)


def test_it_goes_from_a_file_round_the_loop_to_the_next_case(tmp_path: Path) -> None:
    task, truth = make_knee_task({"train": 30, "tune": 5, "test": 15})
    reader, client = make_reader(task), Client()
    client.force_login(reader)
    keep_current.keep(task)  # beat: no model yet, a random order
    assert Case.objects.filter(priority=0.0).count() == 0

    assert read_knees(task, reader, truth) == 50
    for number in range(8):
        write_phantom(tmp_path, number)
    assert ingest_paths([tmp_path]).count("taken") == 8
    assert build_cases(task).created == 8
    decision = consider(task)  # beat: 35 new references are more than 20
    assert decision.started, decision.reason
    assert [job.state for job in run_due()] == ["done"]

    model = promotion.current(task)
    assert model is not None
    assert Snapshot.objects.get(task=task).rows.count() == 50
    keep_current.keep(task)  # beat: the new cases lack its predictions
    assert [job.kind for job in run_due()] == ["inference.preannotate"]
    assert Prediction.objects.filter(model=model, case__state="waiting").count() == 8

    given = client.post(f"/api/tasks/{task.pk}/next/", {}, content_type="application/json").json()
    assert given["case"]["id"] == line(task)[0]


def line(task: Task) -> list[int]:
    waiting = Case.objects.filter(task=task, state="waiting").order_by("-priority", "pk")
    return list(waiting.values_list("pk", flat=True))
