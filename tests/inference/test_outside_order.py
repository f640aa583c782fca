"""Files from outside are read in the order of a case, whatever the order in which they were sent."""

from typing import Any

import pytest
from pydicom.uid import MRImageStorage, generate_uid

from annotation.cases import build_cases, rule_of
from annotation.images import all_images, first_images
from annotation.models import Task
from archive.ingest import ingest_bytes
from archive.models import Instance
from inference.outside import hung
from inference.outside_fit import Sent
from tests.factories.annotation import make_task
from tests.factories.dicom import make_file
from tests.factories.stacks import COSINES

pytestmark = pytest.mark.django_db
NUMBERS = [5, 1, 4, 8, 2, 7, 3, 6]  # of the slices from one side of the patient to the other
SENDING = [3, 1, 7, 0, 6, 2, 5, 4]


def take(**told: Any) -> None:
    elements = {"SOPInstanceUID": generate_uid(), "PatientID": "one", "ImageLaterality": "R"} | told
    item = ingest_bytes("one.dcm", make_file(**elements))
    assert item.outcome == "taken", item


def sent(order: list[int]) -> list[Sent]:
    stored = list(Instance.objects.select_related("series").order_by("pk"))
    return [
        Sent(one, one.series.series_instance_uid, one.series.modality, "R", b"")
        for one in (stored[at] for at in order)
    ]


def read(task: Task, order: list[int], *, several: bool = True) -> list[str]:
    return [one.uid for one in hung(sent(order), "R", rule_of(task), several=several)]


def test_slices_lie_behind_one_another_whatever_their_numbers() -> None:
    study, series = generate_uid(), generate_uid()
    task = make_task("knee-tears-mr")
    for depth, number in enumerate(NUMBERS):
        take(
            SOPClassUID=MRImageStorage,
            Modality="MR",
            ViewPosition=None,
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            SeriesDescription="sag PD",
            InstanceNumber=number,
            ImagePositionPatient=[float(depth), 0.0, 0.0],
            ImageOrientationPatient=[float(value) for value in COSINES["sagittal"]],
        )
    build_cases(task)
    [case] = task.cases.all()

    of_case = [one.uid for one in all_images([case.pk])]

    assert read(task, SENDING) == of_case
    numbers = dict(Instance.objects.values_list("sop_instance_uid", "instance_number"))
    assert [numbers[uid] for uid in of_case] in (NUMBERS, NUMBERS[::-1])


def test_views_hang_as_the_task_says_and_the_first_of_them_is_read() -> None:
    study, task = generate_uid(), make_task("fracture-radiograph")
    for view in ("LL", "PA", "AP"):
        told = {"ViewPosition": view, "BodyPartExamined": "HAND", "StudyInstanceUID": study}
        take(**told, SeriesInstanceUID=generate_uid())
    build_cases(task)
    [case] = task.cases.all()

    of_case = [one.uid for one in all_images([case.pk])]

    assert len(of_case) == 3
    views = dict(Instance.objects.values_list("sop_instance_uid", "metadata__00185101__Value__0"))
    assert [views[uid] for uid in of_case] == ["AP", "PA", "LL"]
    for order in ([0, 1, 2], [2, 0, 1], [1, 2, 0]):
        assert read(task, order) == of_case
        assert read(task, order, several=False)[0] == first_images([case.pk])[0].uid


def test_a_view_that_the_task_does_not_ask_of_is_read_only_where_there_is_no_other() -> None:
    study, task = generate_uid(), make_task("knee-oa-kl")
    for view in ("LL", "PA"):
        take(ViewPosition=view, StudyInstanceUID=study, SeriesInstanceUID=generate_uid())
    lateral, frontal = (one.instance.sop_instance_uid for one in sent([0, 1]))

    rule = rule_of(task)._replace(views=["PA", "AP"])
    for order, wanted in (([0, 1], [frontal]), ([0], [lateral])):
        assert [one.uid for one in hung(sent(order), "R", rule, several=True)] == wanted
