from typing import Any

import pytest

from annotation.kinds import choice, number

ZONES: dict[str, Any] = {
    "key": "zones",
    "kind": "choice",
    "label": "Zones",
    "many": True,
    "options": [
        {"value": "horn", "label": "Horn"},
        {"value": "body", "label": "Body"},
        {"value": "root", "label": "Root"},
    ],
}
ACL = {**ZONES, "many": False}
SPACE: dict[str, Any] = {
    "key": "space",
    "kind": "number",
    "label": "Joint space",
    "unit": "mm",
    "minimum": 0,
    "maximum": 12,
    "step": 0.1,
}


def test_one_option_is_an_answer_to_a_choice_of_one() -> None:
    assert choice.value_problem(ACL, "body") is None


@pytest.mark.parametrize("value", ["neck", ["body"], 1, None, True, {"value": "body"}])
def test_it_refuses_what_is_no_option(value: object) -> None:
    assert choice.value_problem(ACL, value) == "Choose one of horn, body, root."


@pytest.mark.parametrize("value", [["horn"], ["horn", "root"], ["horn", "body", "root"]])
def test_many_options_are_a_list_in_their_order(value: object) -> None:
    assert choice.value_problem(ZONES, value, True) is None


@pytest.mark.parametrize(
    "value", [["root", "horn"], ["horn", "horn"], ["neck"], "horn", [["horn"]]]
)
def test_it_refuses_options_out_of_order_twice_or_unknown(value: object) -> None:
    assert str(choice.value_problem(ZONES, value)).startswith("Choose any of horn, body, root")


def test_no_option_is_a_draft_but_no_answer_unless_the_field_allows_it() -> None:
    assert choice.value_problem(ZONES, []) is None
    assert choice.value_problem(ZONES, [], True) == "Choose at least one of horn, body, root."
    assert choice.value_problem({**ZONES, "may_be_empty": True}, [], True) is None


def test_a_cell_names_options_in_any_order() -> None:
    assert choice.value_of(ZONES, "Root horn") == ["horn", "root"]
    assert choice.value_of(ACL, "body") == "body"


@pytest.mark.parametrize("text", ["neck", "horn body", ""])
def test_a_cell_must_name_one_option_of_a_choice_of_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"none of|one is wanted"):
        choice.value_of(ACL, text)


def test_each_option_of_many_has_a_column_of_its_own() -> None:
    columns = choice.columns("zones@medial", ZONES)
    cells = choice.cells(ZONES, ["horn", "root"])
    assert dict(zip(columns, cells, strict=True)) == {
        "zones@medial": "horn root",
        "zones@medial:horn": 1,
        "zones@medial:body": 0,
        "zones@medial:root": 1,
    }
    assert (choice.columns("acl", ACL), choice.cells(ACL, "body")) == (["acl"], ["body"])


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"options": ZONES["options"][:1]}, "two or more options"),
        ({"options": ZONES["options"] + ZONES["options"]}, "must be distinct names"),
        ({"options": [{"value": "A B", "label": "x"}, {"value": "c", "label": "y"}]}, "lower case"),
        ({"options": [{"value": "a"}, {"value": "b", "label": "y"}]}, "each option needs a label"),
        ({"many": False, "may_be_empty": True}, "may_be_empty is for many"),
    ],
)
def test_it_names_the_fault_of_options(change: dict[str, Any], problem: str) -> None:
    assert problem in " ".join(choice.definition_problems({**ZONES, **change}))


@pytest.mark.parametrize("value", [0, 0.1, 2.3, 12, 11.9])
def test_a_number_on_the_grid_is_an_answer(value: float) -> None:
    assert number.value_problem(SPACE, value) is None


@pytest.mark.parametrize(
    "value", [-0.1, 12.1, 0.05, True, "2", None, [2], float("nan"), float("inf"), 10**400]
)
def test_it_refuses_what_is_no_number_of_the_field(value: object) -> None:
    assert number.value_problem(SPACE, value) is not None


def test_it_reads_a_number_from_a_cell() -> None:
    assert number.value_of(SPACE, "2.5") == 2.5
    assert repr(number.value_of(SPACE, "3")) == "3"
    for text in ("2.55", "wide", "nan"):
        with pytest.raises(ValueError, match=text):
            number.value_of(SPACE, text)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"unit": ""}, "needs a unit"),
        ({"step": 0}, "step must be above 0"),
        ({"maximum": 0}, "its maximum above"),
        ({"minimum": "0"}, "must be numbers"),
        ({"step": 0.7}, "whole steps away"),
    ],
)
def test_it_names_the_fault_of_a_number(change: dict[str, Any], problem: str) -> None:
    assert problem in " ".join(number.definition_problems({**SPACE, **change}))
