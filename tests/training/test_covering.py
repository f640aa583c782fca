"""What a model promises is shown only where it held on the locked test."""

import pytest

from training.covering import honest

SET = {"kind": "grade", "value": 2, "low": 2, "high": 3, "level": 0.9, "probabilities": []}
BARE = {"kind": "grade", "value": 2, "probabilities": []}


@pytest.mark.parametrize(
    ("coverage", "shown"),
    [
        ({"value": 0.91, "low": 0.87, "high": 0.94}, SET),
        ({"value": 0.88, "low": 0.84, "high": 0.91}, SET),
        ({"value": 0.80, "low": 0.75, "high": 0.86}, BARE),
        ({"value": 0.9, "low": None, "high": None}, BARE),
        (None, BARE),
    ],
)
def test_a_promise_that_did_not_hold_is_not_shown(
    coverage: dict[str, float | None] | None, shown: dict[str, object]
) -> None:
    metrics = {"kl": {"qwk": {}, **({"coverage": coverage} if coverage else {})}}

    assert honest(metrics, {"kl": SET, "other": BARE}) == {"kl": shown, "other": BARE}


def test_a_slot_that_was_never_measured_promises_nothing() -> None:
    assert honest({}, {"kl": SET}) == {"kl": BARE}
