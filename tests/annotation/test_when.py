from typing import Any

import pytest

from annotation import forms
from tests.annotation.test_kinds import FRACTURE, KL
from tests.annotation.test_kinds_choice import ZONES
from tests.factories.regions import make_field, make_item

FX = {**FRACTURE, "required": True}
PLACES = {**make_field("boxes"), "required": True, "when": {"field": "fx", "is": ["present"]}}
FORM: dict[str, Any] = {"slug": "test", "name": "Test", "fields": [FX, PLACES]}
SITES = ["medial", "lateral"]


def form(*fields: dict[str, Any]) -> dict[str, Any]:
    return {**FORM, "fields": list(fields)}


def answered(**values: Any) -> forms.Answers:
    return {slot: {"state": "answered", "value": value} for slot, value in values.items()}


def test_a_closed_slot_is_not_missed() -> None:
    assert forms.validate(FORM, answered(fx="absent"), complete=True) == {}
    assert forms.validate(FORM, {"fx": {"state": "not_assessable"}}, complete=True) == {}


def test_an_open_slot_is() -> None:
    assert forms.validate(FORM, answered(fx="present"), complete=True) == {
        "place": "Place: answer it or mark it not assessable."
    }
    both = answered(fx="present", place=[make_item("boxes")])
    assert forms.validate(FORM, both, complete=True) == {}


def test_a_draft_keeps_what_a_closed_slot_holds_and_a_submit_refuses_it() -> None:
    answers = answered(fx="absent", place=[make_item("boxes")])
    assert forms.validate(FORM, answers, complete=False) == {}
    assert list(forms.validate(FORM, answers, complete=True)) == ["place"]


def test_a_closed_slot_was_not_asked_whatever_else_stands_in_it() -> None:
    answers = answered(fx="absent") | {"place": {"state": "not_assessable"}}
    assert forms.validate(FORM, answers, complete=True) == {}
    assert forms.completed(FORM, answers)["place"] == {"state": "not_asked"}


def test_what_depends_on_a_closed_field_is_closed() -> None:
    kl = {**KL, "when": {"field": "fx", "is": ["present"]}}
    zones = {**ZONES, "required": True, "when": {"field": "kl", "is": [3, 4]}}
    content = form(FX, kl, zones)
    assert forms.problems(content) == []
    assert list(forms.validate(content, answered(fx="present", kl=4), complete=True)) == ["zones"]
    assert list(forms.validate(content, answered(fx="absent", kl=4), complete=True)) == ["kl"]


def test_a_field_that_repeats_with_its_parent_is_asked_site_by_site() -> None:
    content = form({**FX, "sites": SITES}, {**PLACES, "sites": SITES})
    answers: forms.Answers = {
        "fx@medial": {"state": "answered", "value": "present"},
        "fx@lateral": {"state": "answered", "value": "absent"},
    }
    assert list(forms.validate(content, answers, complete=True)) == ["place@medial"]


def test_a_field_that_repeats_below_a_single_one_opens_at_all_its_sites() -> None:
    content = form(FX, {**PLACES, "sites": SITES})
    found = forms.validate(content, answered(fx="present"), complete=True)
    assert list(found) == ["place@medial", "place@lateral"]


def test_one_of_many_choices_opens_a_field() -> None:
    content = form(ZONES, {**FX, "when": {"field": "zones", "is": ["body", "root"]}})
    for zones, missing in ((["horn", "root"], ["fx"]), (["horn"], [])):
        assert list(forms.validate(content, answered(zones=zones), complete=True)) == missing


@pytest.mark.parametrize(
    ("when", "problem"),
    [
        ({"field": "fx"}, "its when needs a field and the values"),
        ({"field": "fx", "is": []}, "its when needs a field and the values"),
        ("present", "its when needs a field and the values"),
        ({"field": "kl", "is": [1]}, "its when must name an earlier field"),
        ({"field": "place", "is": ["present"]}, "its when must name an earlier field"),
        ({"field": "fx", "is": ["broken"]}, "waits for 'broken', which 'fx' never is"),
    ],
)
def test_it_names_the_fault_of_a_dependency(when: Any, problem: str) -> None:
    content = form(FX, {**PLACES, "when": when}, KL)
    assert problem in " ".join(forms.problems(content))


def test_a_dependency_goes_site_by_site_or_from_one_to_all() -> None:
    content = form({**FX, "sites": SITES}, PLACES)
    assert "its sites must be those of 'fx'" in " ".join(forms.problems(content))


def test_a_link_names_an_earlier_field() -> None:
    assert forms.problems(form(FX, {**PLACES, "link": {"field": "fx"}})) == []
    assert "its link must name" in " ".join(
        forms.problems(form(FX, {**PLACES, "link": {"field": "kl"}}))
    )


@pytest.mark.parametrize("answer", [None, 5, [], {"state": "answered", "value": [{}]}])
def test_nonsense_in_the_field_above_leaves_its_sentence_and_closes_what_hangs_on_it(
    answer: Any,
) -> None:
    assert list(forms.validate(FORM, {"fx": answer}, complete=True)) == ["fx"]
