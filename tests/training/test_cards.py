"""What a card says of calibration and subgroups, against figures worked out by hand."""

from typing import Any

import pytest

from training.cards import card
from training.counting import count
from training.engine.examples import Example
from training.markdown import figure

GRADE = {"key": "kl", "kind": "grade", "grades": [{"value": value} for value in range(3)]}
PRESENCE = {"key": "break", "kind": "presence"}


def said_of(
    field: dict[str, Any], said: list[tuple[Any, list[float], Any]], women: int
) -> tuple[list[Example], list[dict[str, Any]], list[dict[str, str]]]:
    """Test cases of (truth, chances, value said); so many patients of sex F, the others M."""
    key, kind = field["key"], field["kind"]
    test, predicted, groups = [], [], []
    for number, (truth, chances, value) in enumerate(said):
        answers = {key: {"state": "answered", "value": truth}}
        test.append(Example(f"c{number}", f"p{number}", "test", answers, "R"))
        predicted.append({key: {"kind": kind, "value": value, "probabilities": chances}})
        groups.append({"sex": "F" if number < women else "M", "reader": "7"})
    return test, predicted, groups


def slot(field: dict[str, Any], *of: Any) -> dict[str, Any]:
    return card([field], *of, seed=1)[field["key"]]


def test_it_bins_the_chance_of_the_grade_that_was_decided() -> None:
    sure, unsure = [0.05, 0.9, 0.05], [0.45, 0.3, 0.25]
    right, wrong = (1, sure, 1), (2, unsure, 0)

    found = slot(GRADE, *said_of(GRADE, [right] * 6 + [(0, sure, 1)] * 2 + [wrong] * 2, 0))

    calibration = found["calibration"]
    assert (calibration["event"], calibration["n"], calibration["n_patients"]) == (
        "decided",
        10,
        10,
    )
    low, high = calibration["bins"]
    assert (low["from"], low["n"], low["share"]["value"]) == (0.4, 2, 0.0)
    assert (high["from"], high["n"], high["share"]["value"]) == (0.9, 8, 0.75)
    # Wilson's interval of 6 of 8
    assert high["share"]["low"] == pytest.approx(0.409, abs=1e-3)
    assert high["share"]["high"] == pytest.approx(0.929, abs=1e-3)
    assert calibration["ece"]["value"] == pytest.approx((8 * 0.15 + 2 * 0.45) / 10)


def test_of_a_finding_it_bins_the_chance_that_it_is_there() -> None:
    said = [("present", [0.2, 0.8], "present")] * 4 + [("absent", [0.8, 0.2], "absent")] * 6

    calibration = slot(PRESENCE, *said_of(PRESENCE, said, 0))["calibration"]

    assert calibration["event"] == "present"
    assert [(b["n"], b["share"]["value"]) for b in calibration["bins"]] == [(6, 0.0), (4, 1.0)]


def test_a_subgroup_of_fewer_than_30_patients_has_no_figure() -> None:
    said = [(number % 3, [0.2, 0.6, 0.2], number % 3) for number in range(60)]

    groups = slot(GRADE, *said_of(GRADE, said, 31))["subgroups"]

    by_sex = {group["value"]: group for group in groups if group["by"] == "sex"}
    assert by_sex["M"] == {
        "by": "sex",
        "value": "M",
        "n": 29,
        "n_patients": 29,
        "metric": "qwk",
        "figure": None,
    }
    assert by_sex["F"]["n_patients"] == 31
    assert by_sex["F"]["figure"]["value"] == 1.0


def test_a_patient_with_many_cases_is_one_patient() -> None:
    test, predicted, groups = said_of(GRADE, [(1, [0.2, 0.6, 0.2], 1)] * 40, 0)
    of_one = [Example(one.key, "p", "test", one.answers, "R") for one in test]

    found = slot(GRADE, of_one, predicted, groups)

    assert {group["n_patients"] for group in found["subgroups"]} == {1}
    assert {group["figure"] for group in found["subgroups"]} == {None}


def test_a_grade_that_was_never_proposed_is_no_fault() -> None:
    assert slot(GRADE, *said_of(GRADE, [(2, [0.9, 0.1, 0.0], 0)], 0))["calibration"]["n"] == 1


def test_a_slot_without_a_test_answer_is_left_out() -> None:
    assert card([GRADE], [], [], [], seed=1) == {}


def test_answers_are_counted_by_split_as_their_kind_is_counted() -> None:
    def answered(value: Any) -> dict[str, Any]:
        return {"state": "answered", "value": value}

    rows = [
        Example("a", "p1", "train", {"kl": answered(2), "box": answered([{}, {}])}, "R"),
        Example("b", "p1", "train", {"kl": answered(2), "box": answered([])}, "R"),
        Example(
            *("c", "p2", "test"),
            {"kl": {"state": "not_assessable"}, "box": {"state": "not_asked"}},
            "R",
        ),
    ]

    found = count(rows, {"kl": "grade", "box": "boxes"})

    assert (found["cases"], found["patients"]) == (3, 2)
    assert found["splits"]["train"] == {
        "cases": 2,
        "patients": 1,
        "slots": {"kl": {"2": 2}, "box": {"0 found": 1, "2 found": 1}},
    }
    assert found["splits"]["test"]["slots"] == {"kl": {"not_assessable": 1}}


def test_a_figure_says_its_interval_or_that_there_is_none() -> None:
    assert figure({"value": 0.5, "low": 0.4, "high": 0.6}) == "0.50 (0.40 to 0.60)"
    assert figure({"value": 0.5, "low": None, "high": None}) == "0.50"
    assert figure({"value": None, "low": None, "high": None}) == "not defined"
