"""A whole training on cases of two views, of which one shows the finding: found in the case, and marked on that view."""

from itertools import count
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from annotation.cases import build_cases
from annotation.models import Case, Task
from annotation.reading import Save, submit
from annotation.worklist import claim
from archive.deidentify import patient_key
from archive.ingest import ingest_bytes
from archive.models import Instance
from inference import arms
from inference.models import Prediction
from inference.predict import predict_open_cases
from inference.retraining import retrain
from tests.factories.annotation import make_reader
from tests.factories.dicom import make_file
from tests.factories.fractures import COLUMNS, ROWS, make_fracture_task
from tests.factories.jobs import run
from training import runs
from training.recipes.boxes import iou

pytestmark = pytest.mark.django_db(transaction=True)
FULL: dict[str, Any] = {"epochs": 12, "batch": 8, "lr": 2e-3, "small_share": 0.0}
BOX = {"PA": [8, 10, 34, 28], "LL": [44, 32, 72, 50]}
_numbers = count(5_000_000)


def view(broken: bool, name: str, number: int) -> NDArray[np.uint16]:
    """The two views look alike but for the place where they break."""
    plane = np.random.default_rng([number, name == "LL"]).normal(60, 12, (ROWS, COLUMNS))
    left, top, right, low = BOX[name]
    if broken:
        plane[top:low, left:right] += 130
    return np.clip(plane, 0, 255).astype(np.uint16)


def add_limbs(task: Task, sides: dict[str, int]) -> dict[int, str | None]:
    """Limbs of two views each; which one shows a fracture, by case."""
    given: dict[str, str] = {}
    shown: dict[str, str | None] = {}
    for side, patients in sides.items():
        for number in (next(_numbers) for _ in range(patients)):
            patient, study = f"{task.pk}-{number}", f"1.2.826.0.1.{number}.2"
            key = patient_key(patient)
            given[key], shown[key] = side, (None, "PA", "LL")[number % 3]
            for at, name in enumerate(BOX):
                data = make_file(
                    view(shown[key] == name, name, number),
                    PatientID=patient,
                    StudyInstanceUID=study,
                    SeriesInstanceUID=f"{study}.{at}",
                    BodyPartExamined="WRIST",
                    ViewPosition=name,
                )
                assert ingest_bytes(f"{number}-{name}.dcm", data).outcome == "taken"
    build_cases(task, given)
    cases = Case.objects.filter(task=task, patient__patient_id__in=shown).select_related("patient")
    return {case.pk: shown[case.patient.patient_id] for case in cases}


def image_of(case: int, name: str) -> str:
    images = Instance.objects.filter(series__cases=case, metadata__00540220__isnull=True)
    [found] = [one for one in images if one.metadata["00185101"]["Value"] == [name]]
    return found.sop_instance_uid


def read(task: Task, truth: dict[int, str | None]) -> None:
    reader = make_reader(task)
    while draft := claim(task, reader):
        arms.draw(task, draft)
        name = truth[draft.case_id]
        answers: dict[str, Any] = {"fracture": {"state": "answered", "value": "absent"}}
        if name:
            item = {"id": "r1", "image": image_of(draft.case_id, name), "frame": 1}
            items = [{**item, "box": BOX[name], "attributes": {}}]
            answers = {
                "fracture": {"state": "answered", "value": "present"},
                "fractures": {"state": "answered", "value": items},
            }
        submit(draft.pk, reader, Save(draft.version, answers), f"views-{next(_numbers)}")


def test_a_finding_on_one_of_two_views_is_found_and_marked_where_it_is() -> None:
    task, _ = make_fracture_task({}, **FULL)
    read(task, add_limbs(task, {"train": 30, "tune": 24, "test": 15}))

    started = retrain(task, "full", "A test", None)
    run(started.job)
    version = runs.model_of(started)

    assert version is not None
    assert version.state == "current", version.gate["reason"]
    assert sum(version.card["images"].values()) == 2 * 69
    assert version.metrics["fracture"]["auc"]["value"] > 0.9
    waiting = add_limbs(task, {"train": 12})
    assert predict_open_cases(version, lambda *_: None).predicted == 12
    right = 0
    for case, name in waiting.items():
        items = Prediction.objects.get(model=version, case=case).slots["fractures"]["value"]
        if name is None:
            right += not items
        else:
            at = image_of(case, name)
            right += any(one["image"] == at and iou(one["box"], BOX[name]) > 0.5 for one in items)
            assert all(one["image"] == at for one in items[:1])
    assert right >= 9
