"""Small MR stacks with a bright body in them or without one, read as such: for whole trainings on volumes in seconds."""

from collections.abc import Mapping
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.uid import MRImageStorage, generate_uid

from accounts.models import User
from annotation import tasks
from annotation.cases import build_cases
from annotation.catalogue import current_form
from annotation.models import Case, Form, Task
from annotation.reading import Save, submit
from annotation.worklist import claim
from archive.deidentify import patient_key
from archive.ingest import ingest_bytes
from inference import arms
from tests.factories.annotation import free_name
from tests.factories.dicom import make_file
from tests.factories.stacks import COSINES

SLICES, SIDE, DEEP_MM, WIDE_MM = 6, 24, 4.0, 2.0
VOLUME = {"spacing_mm": [DEEP_MM, WIDE_MM, WIDE_MM], "shape": [SLICES, SIDE, SIDE]}
TEAR = {
    "key": "tear",
    "kind": "presence",
    "label": "Tear",
    "required": True,
    "sites": [],
    "values": ["absent", "present"],
}
_keys = count(1)


def draw_volume(torn: bool, seed: int) -> NDArray[np.uint8]:
    """(SLICES, SIDE, SIDE), 0-255: lumps everywhere, and where it is torn a body that is brighter than all of them."""
    rng = np.random.default_rng(seed)
    block = rng.normal(70, 15, (SLICES, SIDE, SIDE))
    at = np.indices(block.shape)
    middle = [rng.uniform(2, SLICES - 2), rng.uniform(7, SIDE - 7), rng.uniform(7, SIDE - 7)]
    far = sum(((axis - c) / r) ** 2 for axis, c, r in zip(at, middle, (1.5, 5, 5), strict=True))
    if torn:
        block[far < 1] += 120
    return np.clip(block, 0, 255).astype(np.uint8)


def stack_files(block: NDArray[Any], plane: str = "sagittal", **elements: Any) -> list[bytes]:
    """Its slices as DICOM files, their numbers against their order; `elements` as make_file takes them."""
    row, column = np.array(COSINES[plane][:3]), np.array(COSINES[plane][3:])
    normal = np.cross(row, column)
    said = {"StudyInstanceUID": generate_uid(), "SeriesInstanceUID": generate_uid()} | elements
    number = said.pop("PatientID", f"volume-{next(_keys)}")
    files = []
    for at, pixels in enumerate(block):
        position = at * DEEP_MM * normal
        files.append(
            make_file(
                np.ascontiguousarray(pixels).astype(np.uint16),
                **{
                    "SOPClassUID": MRImageStorage,
                    "SOPInstanceUID": generate_uid(),
                    "Modality": "MR",
                    "ViewPosition": None,
                    "PatientID": number,
                    "InstanceNumber": len(block) - at,
                    "SliceThickness": 1,
                    "ImagePositionPatient": [float(value) for value in position],
                    "ImageOrientationPatient": [float(value) for value in COSINES[plane]],
                    "PixelSpacing": [WIDE_MM, WIDE_MM],
                }
                | said,
            )
        )
    return files


def make_volume_task(sides: Mapping[str, int], **settings: Any) -> tuple[Task, dict[int, bool]]:
    """A task with one stack of so many patients on each side of the split, and which of the cases are torn."""
    task = tasks.create_task("knee-tears-mr", free_name("Small volumes"))
    form = current_form(task)
    assert form is not None
    training = {"images": "volume", "volume": VOLUME, "mirror": "L", **settings}
    content = {**form.content, "fields": [TEAR], "training": training}
    Form.objects.create(task=task, version=2, content=content)
    return task, add_volumes(task, sides)


def add_volumes(task: Task, sides: Mapping[str, int]) -> dict[int, bool]:
    """More of them."""
    given, torn = {}, {}
    for split, patients in sides.items():
        for number in range(patients):
            patient_id = f"{task.pk}-volume-{next(_keys)}"
            patient = patient_key(patient_id)
            given[patient], torn[patient] = split, number % 2 == 0
            block = draw_volume(torn[patient], next(_keys))
            for data in stack_files(block, PatientID=patient_id):
                assert ingest_bytes("slice.dcm", data).outcome == "taken"
    build_cases(task, given)
    cases = Case.objects.filter(task=task, patient__patient_id__in=torn).select_related("patient")
    return {case.pk: torn[case.patient.patient_id] for case in cases}


def read_volumes(task: Task, reader: User, truth: Mapping[int, bool]) -> None:
    """Reads all of them through the real worklist."""
    while draft := claim(task, reader):
        arms.draw(task, draft)
        value = "present" if truth[draft.case_id] else "absent"
        answers = {"tear": {"state": "answered", "value": value}}
        submit(draft.pk, reader, Save(draft.version, answers), f"volume-{next(_keys)}")
