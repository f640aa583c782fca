from typing import Any

import pytest

from annotation import catalogue, forms
from tests.annotation.test_kinds import FRACTURE, KL

FORM: dict[str, Any] = {
    "slug": "test",
    "name": "Test",
    "fields": [
        {**KL, "required": True},
        {**FRACTURE, "sites": ["medial", "lateral"]},
    ],
}


def test_it_lists_a_slot_a_site() -> None:
    assert [slot.slot for slot in forms.slots(FORM)] == ["kl", "fx@medial", "fx@lateral"]
    assert [slot.site for slot in forms.slots(FORM)] == [None, "medial", "lateral"]


def test_it_finds_nothing_wrong_with_a_good_form() -> None:
    assert forms.problems(FORM) == []


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ([KL, KL], "Two fields have the key 'kl'."),
        ([{**KL, "kind": "stars"}], "Field 'kl': its kind must be one of presence, grade"),
        ([{**KL, "key": "K L"}], "Field 'K L': its key must be lower-case letters"),
        ([{**KL, "label": ""}], "Field 'kl': it needs a label."),
        ([{**KL, "sites": ["a", "a"]}], "Field 'kl': its sites must be distinct names"),
        ([{**KL, "site_labels": {"medial": "Medial"}}], "Field 'kl': its site_labels name medial"),
        ([KL, {**FRACTURE, "key": "kl_state"}], "columns of an export would be named kl_state"),
        ([], "The form has no fields."),
    ],
)
def test_it_names_the_fault_of_a_form(fields: list[Any], problem: str) -> None:
    assert problem in " ".join(forms.problems({**FORM, "fields": fields}))


def test_it_takes_an_incomplete_draft() -> None:
    assert forms.validate(FORM, {}, complete=False) == {}


def test_it_wants_required_fields_before_submit() -> None:
    assert forms.validate(FORM, {}, complete=True) == {
        "kl": "Grade: answer it or mark it not assessable."
    }
    not_asked = {"kl": {"state": "not_asked"}}
    assert forms.validate(FORM, not_asked, complete=True) == {
        "kl": "Grade: answer it or mark it not assessable."
    }


def test_not_assessable_completes_a_field() -> None:
    assert forms.validate(FORM, {"kl": {"state": "not_assessable"}}, complete=True) == {}


@pytest.mark.parametrize(
    ("answers", "slot"),
    [
        ({"kl": {"state": "answered", "value": 9}}, "kl"),
        ({"kl": {"state": "answered"}}, "kl"),
        ({"kl": {"state": "maybe", "value": 1}}, "kl"),
        ({"kl": {"state": "not_assessable", "value": 1}}, "kl"),
        ({"kl": {"state": ["answered"], "value": 1}}, "kl"),
        ({"kl": 2}, "kl"),
        ({"kl": None}, "kl"),
        ({"kl": {"state": "answered", "value": 1, "by": "me"}}, "kl"),
        ({"fx": {"state": "answered", "value": "present"}}, "fx"),
        ({"other": {"state": "answered", "value": 1}}, "other"),
        ([], ""),
        (None, ""),
    ],
)
def test_it_refuses_bad_answers_by_slot(answers: object, slot: str) -> None:
    assert list(forms.validate(FORM, answers, complete=False)) == [slot]


def test_it_names_every_slot_of_complete_answers() -> None:
    answers: forms.Answers = {"kl": {"state": "answered", "value": 1}}
    assert forms.completed(FORM, answers) == {
        "kl": {"state": "answered", "value": 1},
        "fx@medial": {"state": "not_asked"},
        "fx@lateral": {"state": "not_asked"},
    }


@pytest.mark.parametrize("slug", ["knee-oa-kl", "fracture-radiograph", "knee-tears-mr"])
def test_each_template_loads(slug: str) -> None:
    content = catalogue.load(slug)
    assert content["slug"] == slug
    assert set(content) >= {"name", "cases", "hanging", "training", "fields"}
    assert slug in catalogue.names()


def test_the_knee_template_grades_from_0_to_4() -> None:
    field = catalogue.load("knee-oa-kl")["fields"][0]
    assert [grade["value"] for grade in field["grades"]] == [0, 1, 2, 3, 4]
    assert {grade["code"]["scheme"] for grade in field["grades"]} == {"99MSK"}
    assert field["scale"]["version"] == "1957"


@pytest.mark.parametrize("slug", ["nothing", "../settings", "", "knee-oa-kl.toml"])
def test_an_unknown_template_is_refused(slug: str) -> None:
    with pytest.raises(
        catalogue.TemplateProblem,
        match="choose one of fracture-radiograph, knee-oa-kl, knee-tears-mr",
    ):
        catalogue.load(slug)
