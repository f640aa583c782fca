import pytest
from pytest_django import DjangoAssertNumQueries

from annotation.cases import build_cases
from annotation.hung import plane_of
from annotation.models import Case
from annotation.presenters import case_json, cases_json
from tests.factories.annotation import make_cases, make_image, make_images, make_patient, make_task

pytestmark = pytest.mark.django_db


def test_a_case_names_its_images_in_the_order_in_which_they_hang() -> None:
    task, patient = make_task(), make_patient()
    study = make_images(patient, images=2)
    make_images(patient, study=study)
    build_cases(task)
    case = Case.objects.select_related("patient").get(task=task)

    shown = case_json(case)

    first, second = study.series.order_by("pk")
    images = [*first.instances.order_by("instance_number"), second.instances.get()]
    assert {key: shown[key] for key in shown if key != "images"} == {
        "id": case.pk,
        "task": task.pk,
        "name": f"{patient.pseudonym} R",
        "patient": patient.pseudonym,
        "laterality": "R",
        "view": "PA",
        "flags": [],
    }
    assert [image["sop_instance_uid"] for image in shown["images"]] == [
        i.sop_instance_uid for i in images
    ]
    assert shown["images"][0] == {
        "study_instance_uid": study.study_instance_uid,
        "series_instance_uid": first.series_instance_uid,
        "sop_instance_uid": images[0].sop_instance_uid,
        "number_of_frames": 1,
        "rows": 2500,
        "columns": 2000,
        "bits_stored": 16,
        "body_part_examined": "KNEE",
        "modality": "CR",
        "series_description": "",
        "series_number": None,
        "instance_number": 1,
        "view_position": "PA",
        "image_laterality": "R",
        "plane": "",
        "wado_root": "/dicomweb",
    }


@pytest.mark.parametrize(
    ("cosines", "plane"),
    [
        ([1, 0, 0, 0, 1, 0], "axial"),
        ([0, 1, 0, 0, 0, -1], "sagittal"),
        ([0.98, 0.2, 0, 0, 0, -1], "coronal"),
        ([1, 0, 0], ""),
        ([1, 0, 0, 0, None, 0], ""),
    ],
)
def test_it_says_how_a_slice_cuts_the_patient(cosines: list[float], plane: str) -> None:
    assert plane_of(cosines) == plane


def test_an_enhanced_image_says_its_plane_in_its_functional_groups() -> None:
    task, patient = make_task(), make_patient()
    study = make_images(patient, images=0)
    turned = {"00209116": {"vr": "SQ", "Value": [{"00200037": {"Value": [0, 1, 0, 0, 0, -1]}}]}}
    said = {"00180015": {"vr": "CS", "Value": ["KNEE"]}, "00200062": {"vr": "CS", "Value": ["R"]}}
    make_image(study.series.get(), metadata=said | {"52009229": {"vr": "SQ", "Value": [turned]}})
    build_cases(task)

    [image] = case_json(Case.objects.select_related("patient").get(task=task))["images"]

    assert image["plane"] == "sagittal"


@pytest.mark.parametrize("cases", [1, 3])
def test_it_asks_once_for_the_images_of_all_cases(
    cases: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    made = make_cases(make_task(), cases)
    with django_assert_num_queries(1):
        shown = cases_json(made)
    assert [len(case["images"]) for case in shown] == [1] * cases


def test_a_case_without_images_says_so() -> None:
    (case,) = make_cases(make_task())
    case.case_series.all().delete()
    assert case_json(case)["images"] == []
