"""Places that were not asked of, for what was answered before."""

from typing import Any

from tests.training.dense_cases import BOXES
from tests.training.engine_cases import FRACTURE, answered
from training.engine.examples import Example, answers_of, dense_slots


def test_where_a_question_further_up_says_no_there_is_nothing() -> None:
    kind = {
        "key": "kind",
        "kind": "choice",
        "options": [{"value": value} for value in ("fracture", "luxation")],
        "sites": [],
        "when": {"field": "fracture", "is": ["present"]},
    }
    where = {**BOXES, "when": {"field": "kind", "is": ["fracture"]}}
    not_asked = {"state": "not_asked"}
    said: list[dict[str, Any]] = [
        {"fracture": answered("absent"), "kind": not_asked, "where": not_asked},
        {"fracture": answered("present"), "kind": answered("luxation"), "where": not_asked},
        {"fracture": answered("indeterminate"), "kind": not_asked, "where": not_asked},
    ]
    [slot] = dense_slots([FRACTURE, kind, where])
    examples = [Example(f"c{n}", f"p{n}", "train", of, "") for n, of in enumerate(said)]

    answers = answers_of(slot, examples)

    assert [(one or {}).get("value") for one in answers] == [[], [], None]
