import pytest

from annotation.cases import build_cases
from annotation.models import Case
from annotation.presenters import case_json
from annotation.slices import Place, order_of, place_of
from tests.factories.annotation import make_image, make_images, make_patient, make_task

AXIAL, SAGITTAL, CORONAL = (
    [1.0, 0, 0, 0, 1, 0],
    [0.0, 1, 0, 0, 0, -1],
    [1.0, 0, 0, 0, 0, -1],
)


def places(cosines: list[float], axis: int, along: list[float]) -> list[Place | None]:
    return [place_of([at if one == axis else 0.0 for one in range(3)], cosines) for at in along]


@pytest.mark.parametrize(
    ("cosines", "axis", "first_to_last"),
    [(SAGITTAL, 0, [1, 0, 2]), (CORONAL, 1, [1, 0, 2]), (AXIAL, 2, [2, 0, 1])],
)
def test_stacks_hang_from_right_front_and_head(
    cosines: list[float], axis: int, first_to_last: list[int]
) -> None:
    assert order_of(places(cosines, axis, [5.0, -3.0, 9.5])) == first_to_last
    # rows that run the other way turn the normal round, not the patient
    turned = [-value for value in cosines[:3]] + cosines[3:]
    assert order_of(places(turned, axis, [5.0, -3.0, 9.5])) == first_to_last


@pytest.mark.parametrize(
    "slices",
    [
        [*places(AXIAL, 2, [3.0, 1.0]), None],
        [*places(AXIAL, 2, [3.0, 1.0]), *places(SAGITTAL, 0, [2.0])],
        places(AXIAL, 2, [3.0, 1.0, 1.0]),
        [],
    ],
    ids=["unplaced", "turned", "echoes", "none"],
)
def test_they_stay_as_they_are_numbered_where_their_places_do_not_tell(
    slices: list[Place | None],
) -> None:
    assert order_of(slices) == list(range(len(slices)))


@pytest.mark.parametrize("position", [[1, 2], [1, 2, None], []])
def test_a_place_that_is_not_whole_is_none(position: list[float]) -> None:
    assert place_of(position, AXIAL) is None


@pytest.mark.django_db
def test_a_case_hangs_its_slices_by_their_place() -> None:
    task = make_task("knee-tears-mr")
    study = make_images(make_patient(), images=0, modality="MR")
    for number, height in ((1, 10.0), (2, 30.0), (3, 20.0)):
        said = {
            "ImagePositionPatient": [0.0, 0.0, height],
            "ImageOrientationPatient": [float(value) for value in AXIAL],
        }
        make_image(study.series.get(), said, instance_number=number)
    build_cases(task)

    images = case_json(Case.objects.select_related("patient").get(task=task))["images"]

    assert [image["instance_number"] for image in images] == [2, 3, 1]
