from typing import Any

import pytest

from inference.outcomes import Outcome, outcome
from tests.factories.regions import make_item


def became(proposed: Any, given: Any) -> Outcome:
    return outcome({"value": proposed}, {"state": "answered", "value": given})


def test_what_was_not_shown_or_not_answered_is_neither() -> None:
    assert outcome(None, {"state": "answered", "value": 2}) == Outcome.NOT_SHOWN
    assert outcome({"value": 2}, None) == Outcome.UNTOUCHED
    assert outcome({"value": 2}, {"state": "not_asked"}) == Outcome.UNTOUCHED


def test_not_assessable_is_an_answer_and_another_one_than_the_models() -> None:
    assert outcome({"value": 2}, {"state": "not_assessable"}) == Outcome.CHANGED


def test_two_near_items_are_matched_as_a_whole_not_one_after_the_other() -> None:
    """The first proposal fits both of the reader's boxes, the second only one."""
    sure = {"certainty": "sure"}
    proposed = [box(id="m1"), box(id="m2", attributes=sure)]
    given = [box(id="r1", attributes=sure), box(id="r2")]
    assert became(proposed, given) == became(proposed[::-1], given) == Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("proposed", "given", "expected"),
    [
        (3, 3, Outcome.ACCEPTED),
        (3, 2, Outcome.CHANGED),
        (["horn", "root"], ["root", "horn"], Outcome.ACCEPTED),
        (["horn", "root"], ["horn"], Outcome.CHANGED),
        ([], [], Outcome.ACCEPTED),
    ],
)
def test_values_are_compared_options_as_sets(proposed: Any, given: Any, expected: Outcome) -> None:
    assert became(proposed, given) == expected


BOX = make_item("boxes", box=[10, 10, 20, 20]) | {"score": 0.9}


def box(**change: Any) -> dict[str, Any]:
    return {**make_item("boxes", 7, box=[10, 10, 20, 20]), **change}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([box()], Outcome.ACCEPTED),
        ([box(box=[10.5, 9.5, 20, 20])], Outcome.ACCEPTED),
        ([box(attributes={"bone": "radius"})], Outcome.ACCEPTED),
        ([box(box=[10.51, 10, 20, 20])], Outcome.CHANGED),
        ([box(frame=2)], Outcome.CHANGED),
        ([box(image="4.5")], Outcome.CHANGED),
        ([], Outcome.CHANGED),
        ([box(), box(id="b")], Outcome.CHANGED),
    ],
)
def test_items_are_the_same_where_they_lie_within_half_a_pixel(
    given: list[Any], expected: Outcome
) -> None:
    assert became([BOX], given) == expected


def test_the_order_of_items_says_nothing_and_a_proposed_attribute_counts() -> None:
    other = make_item("boxes", 2, box=[0, 0, 5, 5])
    assert became([BOX, other], [other, box()]) == Outcome.ACCEPTED
    certain = BOX | {"attributes": {"certainty": "definite"}}
    assert became([certain], [box(attributes={"certainty": "possible"})]) == Outcome.CHANGED
    assert became([certain], [box(attributes={"certainty": "definite"})]) == Outcome.ACCEPTED


@pytest.mark.parametrize("kind", ["points", "polygon", "mask"])
def test_each_kind_of_region_is_compared_by_its_shape(kind: str) -> None:
    item = make_item(kind)
    moved: dict[str, dict[str, Any]] = {
        "points": {"at": [11, 20.25]},
        "polygon": {"points": [[0, 0], [12, 0], [10, 10], [0, 10]]},
        "mask": {"runs": [0, 6]},
    }
    assert became([item], [{**item, "id": "r9"}]) == Outcome.ACCEPTED
    assert became([item], [{**item, **moved[kind]}]) == Outcome.CHANGED
