"""What is known of a case's patient beside the images, and what a template may name of it."""

from typing import Any

import pytest

from annotation import covariates
from annotation.cases import build_cases
from annotation.models import Case
from tests.factories.annotation import make_image, make_images, make_patient, make_task
from tests.factories.archive import make_instance

pytestmark = pytest.mark.django_db
PLACES = [{"key": "where", "kind": "boxes"}]
ASKED = [{"key": "kl", "kind": "grade"}, *PLACES]


@pytest.mark.parametrize(
    ("said", "years"),
    [("061Y", 61), ("018M", 1.5), ("003W", 21 / 365.25), ("090Y", 90), ("", None), ("old", None)],
)
def test_an_age_is_told_in_years_and_what_is_not_known_is_left_out(
    said: str, years: float | None
) -> None:
    metadata = {"00101010": {"vr": "AS", "Value": [said]}, "00100040": {"vr": "CS"}}

    told = covariates.of_image(metadata, ["age", "sex"])

    assert told == ({} if years is None else {"age": pytest.approx(years)})


def test_what_cannot_be_is_not_known() -> None:
    metadata = {"00101010": {"Value": ["200Y"]}, "00100040": {"Value": ["X"]}}

    assert covariates.of_image(metadata, ["age", "sex"]) == {}


def test_a_case_tells_what_its_first_image_says_as_an_image_by_itself_does() -> None:
    task = make_task()
    study = make_images(make_patient(), images=0)
    [series] = study.series.all()
    first = make_image(series, {"PatientSex": "F", "PatientAge": "047Y"}, instance_number=1)
    make_image(series, {"PatientSex": "M"}, instance_number=2)
    build_cases(task)
    [case] = Case.objects.filter(task=task)

    assert covariates.of_cases([case.pk], ["sex", "age"]) == {case.pk: {"sex": "F", "age": 47}}
    assert covariates.of_cases([case.pk], ["sex"]) == {case.pk: {"sex": "F"}}
    assert covariates.of_cases([case.pk], []) == {}
    assert covariates.of_image(first.metadata, ["sex", "age"]) == {"sex": "F", "age": 47}


@pytest.mark.parametrize(
    ("born", "age", "years"),
    [
        ("19500615", None, 69),
        ("19500614", None, 70),
        ("20190301", None, 15 / 12),
        ("19200101", None, 90),
        ("19500101", "012Y", 12),
        ("20300101", None, None),
        ("", None, None),
    ],
)
def test_who_came_with_a_date_of_birth_alone_has_an_age_and_the_date_is_gone(
    born: str, age: str | None, years: float | None
) -> None:
    said = {"PatientAge": age} if age else {}
    image = make_instance(PatientBirthDate=born, StudyDate="20200614", **said)

    assert covariates.of_image(image.metadata, ["age"]).get("age") == (
        None if years is None else pytest.approx(years)
    )
    assert not image.metadata.get("00100030", {}).get("Value")


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ("sex", "must be a list of names"),
        (["sex", "weight"], "'weight' is none; there are sex and age."),
        (["age", "age"], "each may be named once"),
        ([["sex"]], "['sex'] is none"),
    ],
)
def test_a_template_that_names_another_is_told_so(names: Any, sentence: str) -> None:
    [found, *_] = covariates.problems({"training": {"covariates": names}, "fields": ASKED})

    assert sentence in found


def test_a_template_may_name_them_where_whole_cases_are_asked_of() -> None:
    named = {"training": {"covariates": ["sex", "age"]}}

    assert covariates.problems({"fields": ASKED}) == []
    assert covariates.problems({**named, "fields": ASKED}) == []
    assert "places only" in covariates.problems({**named, "fields": PLACES})[0]
