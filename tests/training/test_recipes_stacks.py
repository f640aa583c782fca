"""What is seen on several slices of a stack is one finding: where it lies, how far it reaches, how sure it is."""

from typing import Any

import numpy as np
import pytest

from training.recipes.boxes import Boxes
from training.recipes.place import Place, scaling
from training.recipes.points import Points
from training.recipes.stacks import told_of

SIDE, SLICES = 128, 9
PLACES = [Place(f"1.{n}", 1, SIDE, SIDE, stack="1") for n in range(SLICES)]
FIELD: dict[str, Any] = {"key": "where", "kind": "boxes", "extent": True}
BOX = (40.0, 40.0, 20.0, 12.0)  # middle, width and height
SURE, FAINT = 2.0, -1.0
SCALED = {"slope": 1.0, "bias": 0.0, "threshold": 0.3, "together": True}


def row(logit: float, x: float, y: float, width: float, height: float) -> list[float]:
    return [logit, x, y, np.log(width), np.log(height)]


def decoded(seen: dict[int, list[list[float]]], calibration: Any = SCALED) -> dict[str, Any]:
    """Of rows by slice, cells being pixels."""
    found = [np.array(seen.get(n, []), np.float32).reshape(-1, 5) for n in range(SLICES)]
    return Boxes().decode(FIELD, found, PLACES, [scaling(1.0)] * SLICES, calibration)


def reach(hit: dict[str, Any]) -> tuple[int, ...]:
    return tuple(int(hit["extent"][end]["image"].split(".")[1]) for end in ("first", "last"))


@pytest.mark.parametrize(
    ("slices", "reaches"), [((3, 4), [(3, 4)]), ((3, 5), [(3, 5)]), ((2, 5), [(2, 2), (5, 5)])]
)
def test_one_slice_may_miss_what_those_on_either_side_show(slices: Any, reaches: Any) -> None:
    hits = decoded({n: [row(SURE - n / 10, *BOX)] for n in slices})["hits"]

    assert [reach(hit) for hit in hits] == reaches


def test_it_lies_where_its_slices_say_on_the_average() -> None:
    [hit] = decoded({3: [row(SURE, 40, 40, 20, 12)], 4: [row(SURE, 44, 41, 20, 12)]})["hits"]

    assert hit["image"] == "1.3"
    assert hit["box"] == pytest.approx([32, 34.5, 52, 46.5], abs=0.01)


def test_what_drifts_from_slice_to_slice_is_one_finding() -> None:
    seen = {n: [row(SURE - n / 10, 40 + 5 * n, 40, 20, 12)] for n in range(6)}

    assert [reach(hit) for hit in decoded(seen)["hits"]] == [(0, 5)]


def test_points_of_several_slices_are_one_as_well() -> None:
    rows = {3: [[SURE, 40, 40]], 4: [[SURE, 42, 40]]}
    found = [np.array(rows.get(n, []), np.float32).reshape(-1, 3) for n in range(SLICES)]

    said = Points().decode(
        {"key": "tip", "kind": "points"}, found, PLACES, [scaling(1.0)] * SLICES, SCALED
    )

    [hit] = said["hits"]
    assert hit["at"] == pytest.approx([41, 40])
    assert hit["score"] > hit["alone"] > 0.8


def test_two_slices_are_surer_than_one_where_scores_are_known() -> None:
    one, both = {3: [row(SURE, *BOX)]}, {n: [row(SURE, *BOX)] for n in (3, 4)}

    def score(seen: Any, calibration: Any) -> float:
        return float(decoded(seen, calibration)["hits"][0]["score"])

    assert score(both, SCALED) == pytest.approx(1 - (1 - score(one, SCALED)) ** 2)
    old = {key: of for key, of in SCALED.items() if key != "together"}
    assert score(both, old) == score(one, SCALED)
    assert score(both, {}) == score(one, {})


def test_calibration_tells_what_several_slices_show_from_what_one_does() -> None:
    rng = np.random.default_rng(5)
    truth = [
        {"image": "1.4", "frame": 1, "box": [30.0, 34.0, 50.0, 46.0]}
        | {"extent": {"first": {"image": "1.3", "frame": 1}, "last": {"image": "1.5", "frame": 1}}}
    ]
    seen = []
    for _ in range(60):
        true = {n: [row(rng.normal(-1, 0.5), *BOX)] for n in (3, 4, 5)}
        seen.append(true | {8: [row(rng.normal(-1, 0.5), 90, 90, 20, 12)]})
    items = [told_of(truth, PLACES)] * len(seen)

    found = Boxes().calibrate(FIELD, lambda of: [decoded(one, of) for one in seen], items)

    said = [decoded(one, found) for one in seen]
    true_first = [abs(one["hits"][0]["box"][0] - 30) < 1 for one in said]
    assert np.mean(true_first) > 0.95
    scores = [(hit["score"], abs(hit["box"][0] - 30) < 1) for one in said for hit in one["hits"]]
    assert np.mean([score for score, _ in scores]) == pytest.approx(
        np.mean([right for _, right in scores]), abs=0.1
    )
    assert all("logits" not in hit for one in said for hit in one["hits"])
    assert all(hit.keys().isdisjoint({"logits", "alone"}) for one in said for hit in one["value"])


def test_the_cells_around_a_peak_say_together_where_it_lies() -> None:
    rng = np.random.default_rng(2)
    cells = np.mgrid[:24, :24] + 0.5
    alone, together = [], []
    for _ in range(40):
        x, y = rng.uniform(8, 16, 2)
        heat = 3 - ((cells[1] - x) ** 2 + (cells[0] - y) ** 2) / 4
        told = np.stack([x - cells[1], y - cells[0], *np.log(np.full((2, 24, 24), 6.0))])
        outputs = np.concatenate([heat[None], told + rng.normal(0, 0.5, told.shape)])
        outputs = outputs.astype(np.float32)
        best = Boxes().found(FIELD, outputs)[0]
        down, across = np.unravel_index(outputs[0].argmax(), outputs[0].shape)
        one = outputs[1:3, down, across] + [across + 0.5, down + 0.5]
        together.append(np.hypot(*(best[1:3] - [x, y])))
        alone.append(np.hypot(*(one - [x, y])))
    assert np.mean(together) < 0.6 * np.mean(alone)
