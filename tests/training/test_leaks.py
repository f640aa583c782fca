"""One picture on two sides of the split, among others of its case: refused, but for one that shows nothing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.uid import generate_uid

from annotation.cases import build_cases
from annotation.models import Annotation, Case, Task
from annotation.snapshots import freeze
from archive import holds
from archive.deidentify import patient_key
from archive.ingest import ingest_bytes
from archive.models import Instance
from tests.factories.annotation import make_reader, make_task, make_user
from tests.factories.dicom import make_file
from tests.factories.training import make_model, make_run
from training import dataset

pytestmark = pytest.mark.django_db
Plane = NDArray[Any]
EMPTY = np.full((40, 40), 7, np.uint16)


def plane(number: int) -> Plane:
    return np.random.default_rng(number).integers(0, 4000, (40, 40)).astype(np.uint16)


def make_read_task(**views: Sequence[Plane]) -> Task:
    """A task with one read case on each side, which shows these views."""
    task = make_task("fracture-radiograph")
    read(task, **views)
    return task


def read(task: Task, **views: Sequence[Plane]) -> None:
    """One more read case on each of these sides, of the patient who is called like it."""
    for split, planes in views.items():
        study, series = generate_uid(), generate_uid()
        for number, pixels in enumerate(planes, start=1):
            told: dict[str, Any] = {
                "PatientID": split,
                "BodyPartExamined": "HAND",
                "StudyInstanceUID": study,
                "SeriesInstanceUID": series,
                "SOPInstanceUID": generate_uid(),
                "InstanceNumber": number,
            }
            item = ingest_bytes(f"{split}-{number}.dcm", make_file(pixels, **told))
            assert item.outcome == "taken", item
    build_cases(task, {patient_key(split): split for split in views})
    reader = make_reader(task)
    for case in Case.objects.filter(task=task, annotations=None):
        Annotation.objects.create(
            case=case,
            reader=reader,
            form=task.forms.get(),
            state=Annotation.State.SUBMITTED,
            round=1,
            version=1,
            answers={"fracture": {"state": "answered", "value": "absent"}},
            submitted_at="2026-01-01T00:00Z",
        )


def load(task: Task) -> dataset.Dataset:
    return dataset.load(freeze(task), {"size": 64, "images": "all"})


@pytest.mark.parametrize("test", [[plane(1)], [plane(2), plane(1)], [plane(2), plane(1), plane(3)]])
def test_a_view_of_a_test_case_that_stands_in_train_is_refused(test: list[Plane]) -> None:
    task = make_read_task(train=[plane(1)], test=test)

    with pytest.raises(dataset.BadDataset, match=r"stands in (train|test) as well"):
        load(task)


def test_views_that_show_nothing_are_the_same_for_everybody() -> None:
    task = make_read_task(train=[EMPTY, plane(1)], tune=[EMPTY], test=[plane(2), EMPTY])

    data = load(task)

    assert sorted(map(len, data.bags)) == [1, 2, 2]


def test_what_a_version_has_learned_is_no_test_under_another_name() -> None:
    """It came under a wrong name, was learned and thrown away, and comes once more under the right one."""
    task = make_read_task(train=[plane(1), plane(2)])
    make_model(task, run=make_run(task, snapshot=freeze(task)))
    admin = make_user()
    for image in Instance.objects.all():
        holds.hold(image, admin)
        image.refresh_from_db()
        holds.discard(image, admin)
    read(task, test=[plane(1), plane(2)])

    data = load(task)

    assert data.examples == []
    assert dataset.missing(data, {}).told()["learned_before"] == 1


def test_what_was_only_frozen_may_be_of_the_test() -> None:
    task = make_read_task(train=[plane(1)])
    make_run(task, "failed", snapshot=freeze(task))
    Instance.objects.update(state=Instance.State.HELD)
    read(task, test=[plane(1)])

    [example] = load(task).examples

    assert example.split == "test"
