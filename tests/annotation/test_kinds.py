from typing import Any

import pytest

from annotation.kinds import grade, presence

KL: dict[str, Any] = {
    "key": "kl",
    "kind": "grade",
    "label": "Grade",
    "scale": {"name": "KL", "version": "1957", "code": {"value": "KL"}},
    "grades": [{"value": value, "label": str(value)} for value in range(5)],
}
FRACTURE: dict[str, Any] = {
    "key": "fx",
    "kind": "presence",
    "label": "Fracture",
    "values": ["absent", "present"],
}


@pytest.mark.parametrize("value", [0, 4])
def test_it_takes_a_grade_of_the_scale(value: int) -> None:
    assert grade.value_problem(KL, value) is None


@pytest.mark.parametrize("value", [-1, 5, "2", 2.0, True, None, [2], {"value": 2}])
def test_it_refuses_what_is_no_grade(value: object) -> None:
    assert grade.value_problem(KL, value) == "Choose a grade from 0 to 4."


def test_it_reads_a_grade_from_a_cell() -> None:
    assert grade.value_of(KL, "3") == 3


@pytest.mark.parametrize("text", ["7", "two", "2.5"])
def test_it_says_which_cell_is_no_grade(text: str) -> None:
    with pytest.raises(ValueError, match=f"'{text}' is no grade"):
        grade.value_of(KL, text)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"scale": {"name": "KL"}}, "its scale needs a name, a version and a code."),
        ({"grades": []}, "it needs two or more grades."),
        (
            {"grades": [{"value": 1, "label": "a"}, {"value": 0, "label": "b"}]},
            "its grades must rise by one",
        ),
        (
            {"grades": [{"value": 0, "label": "a"}, {"value": 2, "label": "b"}]},
            "its grades must rise by one",
        ),
        (
            {"grades": [{"value": "0", "label": "a"}, {"value": 1, "label": "b"}]},
            "must be an integer",
        ),
        ({"grades": [{"value": 0}, {"value": 1, "label": "b"}]}, "each grade needs a label."),
    ],
)
def test_it_names_the_fault_of_a_scale(change: dict[str, Any], problem: str) -> None:
    assert problem in " ".join(grade.definition_problems({**KL, **change}))


@pytest.mark.parametrize("wanted", [0.4, 1, 1.0, True, "high", None])
def test_a_sensitivity_that_no_model_can_reach_is_refused(wanted: object) -> None:
    assert presence.definition_problems({**FRACTURE, "sensitivity": 0.9}) == []
    [problem] = presence.definition_problems({**FRACTURE, "sensitivity": wanted})
    assert "sensitivity" in problem


def test_it_takes_presence_as_the_field_defines_it() -> None:
    assert presence.value_problem(FRACTURE, "present") is None
    assert presence.value_problem(FRACTURE, "indeterminate") == "Choose absent or present."
    assert presence.value_problem(FRACTURE, True) == "Choose absent or present."


def test_it_reads_presence_from_a_cell() -> None:
    assert [presence.value_of(FRACTURE, text) for text in ("1", "0", "Present")] == [
        "present",
        "absent",
        "present",
    ]
    with pytest.raises(ValueError, match="'yes' says nothing of presence"):
        presence.value_of(FRACTURE, "yes")


def test_it_refuses_other_values_for_presence() -> None:
    assert presence.definition_problems({**FRACTURE, "values": ["no", "yes"]}) != []
    assert (
        presence.definition_problems({**FRACTURE, "values": ["absent", "present", "indeterminate"]})
        == []
    )


def test_it_knows_the_choices_in_the_order_of_probabilities() -> None:
    assert grade.choices(KL) == [0, 1, 2, 3, 4]
    assert presence.choices(FRACTURE) == ["absent", "present"]
