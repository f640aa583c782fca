"""What the Markdown of a card calls its figures, and that it shows what the page shows."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from training import markdown
from training.naming import FIGURES
from training.recipes import DENSE, choice, grade, number

WORDS = Path(__file__).parents[2] / "frontend/src/texts/en/training.ts"
GRADE = {
    "key": "kl",
    "kind": "grade",
    "grades": [{"value": value, "label": f"grade {value}"} for value in (1, 2, 3)],
}
CHOICE = {
    "key": "side",
    "kind": "choice",
    "options": [{"value": "a", "label": "Anterior"}, {"value": "p", "label": "Posterior"}],
}
BOXES = {"key": "where", "kind": "boxes"}
SPACE = {"key": "space", "kind": "number", "unit": "mm", "minimum": 0, "maximum": 9, "step": 1}


def lines_of(field: dict[str, Any], metrics: dict[str, Any]) -> list[str]:
    key = field["key"]
    shown = {
        "slots": {key: {"kind": field["kind"], "metrics": metrics}},
        "labels": {},
        "judged": {},
        "promises": {},
        "form": {"fields": [{"sites": [], **field}]},
    }
    return list(markdown._slots(shown))


def measured(recipe: Any, field: dict[str, Any], truth: list[Any], said: list[Any]) -> Any:
    return recipe.metrics(truth, said, [str(n) for n in range(len(truth))], 0, field=field)


def test_figures_are_called_as_on_the_page() -> None:
    block = re.search(r"figures: \{(.*?)\}", WORDS.read_text(), re.S)
    assert block is not None
    page = dict(re.findall(r"(\w+): '([^']+)'", block[1]))

    assert page.items() <= FIGURES.items()


def test_the_rows_of_a_confusion_are_the_scales_own_grades() -> None:
    truth = [1, 2, 3] * 4
    said = [{"kind": "grade", "value": one, "probabilities": [0.3, 0.3, 0.4]} for one in truth]

    lines = lines_of(GRADE, measured(grade, GRADE, truth, said))

    assert "|  | 1 | 2 | 3 |" in lines
    assert "| 3 | 0 | 0 | 4 |" in lines
    assert any(line.startswith("| QWK | ") for line in lines)
    assert any(line.startswith("| Mean absolute error (grades) | ") for line in lines)
    assert not any("qwk" in line for line in lines)


def test_places_are_told_by_case_and_by_image() -> None:
    mark = {"image": "1.1", "frame": 1, "box": [0, 0, 9, 9]}
    said = {"kind": "boxes", "value": [], "hits": [{**mark, "score": 0.9}], "pictures": 2}

    lines = lines_of(BOXES, measured(DENSE["boxes"], BOXES, [[mark]] * 12, [said] * 12))

    assert "| False marks a case | Sensitivity |" in lines
    assert "| False marks an image | Sensitivity |" not in lines  # all that is known is of one

    lines = lines_of(BOXES, measured(DENSE["boxes"], BOXES, [[mark], []] * 6, [said] * 12))
    at = lines.index("| False marks an image | Sensitivity |")
    assert [line.split(" | ")[0] for line in lines[at + 2 : at + 6]] == [
        "| 0.25",
        "| 0.5",
        "| 1.0",
        "| 2.0",
    ]


def test_options_go_by_their_labels() -> None:
    truth = ["a", "p"] * 6
    said = [{"kind": "choice", "value": one, "probabilities": [0.5, 0.5]} for one in truth]

    lines = lines_of(CHOICE, measured(choice, CHOICE, truth, said))

    assert "| Option | n | Sensitivity | Specificity |" in lines
    assert "| Posterior | 0 | 6 |" in lines
    assert any(line.startswith("| Anterior | 6 | 1.00") for line in lines)


def test_of_a_number_it_says_the_limits_of_agreement_with_their_intervals() -> None:
    truth = np.random.default_rng(0).uniform(0, 7, 40)
    said = [{"expected": one + 0.5 + n % 2, "low": 0, "high": 9} for n, one in enumerate(truth)]
    metrics = measured(number, SPACE, truth.tolist(), said)

    lines = lines_of(SPACE, metrics)
    found = [line for line in lines if "limits of agreement" in line]

    assert len(found) == 1
    assert found[0].startswith("Model less reference (mm): mean difference 1.00 (0.")
    named = {line.split(" | ")[0] for line in lines}
    assert {"| Mean absolute error (mm)", "| Root mean square error (mm)"} <= named
    assert re.search(r"limits of agreement 0\.0\d \(.* to .*\) and 1\.9\d \(.* to .*\)", found[0])


def test_limits_of_old_cards_are_said_without_intervals() -> None:
    old = {"mean": {"value": 0.1, "low": 0.0, "high": 0.2}, "lower": -1.0, "upper": 1.2}
    metrics = {"n": 3, "n_patients": 3, "bland_altman": {**old, "points": []}}

    assert (
        "Model less reference (mm): mean difference 0.10 (0.00 to 0.20); limits of agreement -1.00 and 1.20."
        in lines_of(SPACE, metrics)
    )


def test_a_gate_says_what_is_not_answered_not_judged_and_who_deleted_the_version() -> None:
    shown = {
        "gate": {"reason": "First.", "left_out": ["jsn@medial"], "not_judged": 1, "test_uses": 2},
        "test_uses_now": 3,
        "labels": {"jsn@medial": "Joint space, medial"},
        "deleted": {
            "by": "Ada",
            "at": datetime(2026, 3, 4, tzinfo=UTC),
            "reason": "Other scanner.",
        },
    }

    lines = [line for line in markdown._gate(shown) if line]

    assert lines[1:] == [
        "First.",
        "Not answered: Joint space, medial: learned, but not yet shown to be above chance.",
        "Not judged: 1 case of the locked test: the images cannot be read.",
        "Uses of the locked test up to this version: 2; up to now: 3.",
        "Its weights were deleted on 2026-03-04 by Ada: Other scanner.",
    ]


def test_one_case_is_counted_as_one() -> None:
    found = lines_of(GRADE, {"n": 1, "n_patients": 1})

    assert any(line.startswith("1 test case of 1 patient; ") for line in found)
    one = {"level": 0.9, "shown": False, "patients": 1, "least_patients": 60, "needed": None}
    [said, _] = markdown._promise(one)
    assert said.endswith("that is asked of 60 test patients, and there is 1.")


def test_classes_of_a_kind_that_it_does_not_know_are_numbered() -> None:
    metrics = {"n": 3, "n_patients": 3, "confusion": [[1, 0], [1, 1]]}

    assert "| 1 | 1 | 1 |" in lines_of({"key": "x", "kind": "new"}, metrics)
