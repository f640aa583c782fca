"""What a model learned to say is offered where the form of now can be answered so."""

from typing import Any

import pytest

from inference.offered import offered

GRADE = {"key": "kl", "kind": "grade", "grades": [{"value": one} for one in range(3)]}


def choice(*values: str, **more: Any) -> dict[str, Any]:
    options = [{"value": value, "label": value} for value in values]
    return {"key": "kind", "kind": "choice", "options": options, **more}


def said(kind: str, value: Any) -> dict[str, Any]:
    return {"kind": kind, "value": value, "probabilities": [0.5, 0.5], "uncertainty": 0.5}


@pytest.mark.parametrize(
    ("field", "slot", "of", "value"),
    [
        (choice("a", "b"), "kind", said("choice", "b"), "b"),
        (choice("c", "b", "a"), "kind", said("choice", "b"), "b"),
        (choice("a", "c"), "kind", said("choice", "b"), None),
        (choice("c", "a", many=True), "kind", said("choice", ["a", "c"]), ["c", "a"]),
        (choice("a", "b", many=True), "kind", said("choice", ["a", "c"]), None),
        (GRADE, "kl", said("grade", 2), 2),
        (GRADE, "kl", said("grade", 3), None),
        (GRADE, "kl", said("choice", 2), None),
        (GRADE, "jsn", said("grade", 2), None),
    ],
)
def test_a_value_is_offered_where_it_is_an_answer(
    field: dict[str, Any], slot: str, of: dict[str, Any], value: Any
) -> None:
    found = offered({"fields": [field]}, {slot: of})

    assert found == ({} if value is None else {slot: {**of, "value": value}})
