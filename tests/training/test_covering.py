"""What a model promises is shown only where it held on the locked test."""

from typing import Any

import pytest

from training.covering import LEVEL, honest, told
from training.recipes import sets

SET = {"kind": "grade", "value": 2, "low": 2, "high": 3, "level": 0.9, "probabilities": []}
BARE = {"kind": "grade", "value": 2, "probabilities": []}


def measured(coverage: float | None, patients: int) -> dict[str, Any]:
    return {"coverage": {"value": coverage, "low": 0.1, "high": 1.0}, "n_patients": patients}


@pytest.mark.parametrize(
    ("metrics", "shown"),
    [
        (measured(0.91, 600), True),
        (measured(0.89, 600), True),  # a standard error of 600 patients is 0.012
        (measured(0.88, 600), False),
        (measured(0.85, 30), True),
        (measured(0.84, 30), False),
        (measured(0.70, 10), False),
        (measured(1.00, 29), False),
        (measured(None, 100), False),
        ({"qwk": {}, "n_patients": 100}, False),
    ],
)
def test_a_promise_that_did_not_hold_is_not_shown(metrics: dict[str, Any], shown: bool) -> None:
    wanted = SET if shown else BARE

    assert honest({"kl": metrics}, {"kl": SET, "other": BARE}) == {"kl": wanted, "other": BARE}
    assert (told(metrics) or {"shown": False})["shown"] is shown


def test_a_slot_that_was_never_measured_promises_nothing() -> None:
    assert honest({}, {"kl": SET}) == {"kl": BARE}
    assert told(None) is None


def test_the_level_is_that_of_the_recipes() -> None:
    assert sets.COVERAGE == LEVEL
