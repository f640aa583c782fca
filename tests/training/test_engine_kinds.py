"""Points, outlines and masks are learned by the very runs that learn boxes: a full one, and a fast one on its maps."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.dense_cases import COLUMNS, ROWS, SIDE, marked
from tests.training.engine_cases import answered
from training.engine.batches import Images
from training.engine.dense.fast import fit_dense
from training.engine.encoder import Encoder
from training.engine.evaluate import evaluate
from training.engine.examples import Example
from training.engine.full import train_full
from training.engine.model import Model
from training.engine.settings import Settings
from training.recipes import DENSE
from training.recipes.mask import runs_of

SETTINGS = Settings(
    size=SIDE, epochs=8, batch=8, accumulate=1, lr=2e-3, threads=2, small_share=0, patience=8
)
SEGMENTS = [{"value": "effusion", "label": "Effusion"}]


def as_point(box: list[float]) -> dict[str, Any]:
    left, top, right, low = box
    return {"at": [(left + right) / 2, (top + low) / 2]}


def as_outline(box: list[float]) -> dict[str, Any]:
    left, top, right, low = box
    return {"points": [[left, top], [right, top], [right, low], [left, low]]}


def as_mask(box: list[float]) -> dict[str, Any]:
    left, top, right, low = map(int, box)
    area = np.zeros((ROWS, COLUMNS), dtype=bool)
    area[top:low, left:right] = True
    return {"segment": "effusion", "rows": ROWS, "columns": COLUMNS, "runs": runs_of(area)}


SHAPES = {"points": as_point, "polygon": as_outline, "mask": as_mask}


def asked(kind: str) -> dict[str, Any]:
    return {"key": "where", "kind": kind, "label": "Where", "sites": [], "segments": SEGMENTS}


def marked_as(kind: str, examples: list[Example]) -> list[Example]:
    """The same examples, their boxes as items of another kind."""
    found = []
    for one in examples:
        items = [
            {"id": item["id"], "image": item["image"], "frame": 1, **SHAPES[kind](item["box"])}
            for item in one.answers["where"]["value"]
        ]
        found.append(replace(one, answers={"where": answered(items)}))
    return found


@pytest.mark.parametrize("kind", SHAPES)
def test_a_kind_of_place_is_learned_by_a_full_run_and_by_a_fast_one(
    kind: str, tmp_path: Path
) -> None:
    boxed, squares = marked({"train": 64, "tune": 16, "test": 24})
    examples = marked_as(kind, boxed)
    teach = [n for n, example in enumerate(examples) if example.split != "test"]
    held = [n for n, example in enumerate(examples) if example.split == "test"]
    lessons = [examples[n] for n in teach]

    full = train_full(
        [asked(kind)],
        lessons,
        Images.single(squares, np.array(teach)),
        SETTINGS,
        folder=tmp_path,
        report=lambda _: None,
        encoder=Encoder.imagenet(tmp_path),
    )
    assert full.dense is not None
    assert full.encoder is not None
    maps = Images.single(full.dense.maps(full.encoder, squares), np.array(teach))
    fitted = fit_dense([asked(kind)], lessons, maps, full.dense, SIDE, seed=0)
    fast = Model([asked(kind)], {}, encoder=full.encoder, size=SIDE, dense=fitted)

    main = DENSE[kind].MAIN_METRIC
    for model in (full, fast):
        said = model.predict_places(squares[held], [examples[n].places for n in held])
        figures = evaluate([asked(kind)], [examples[n] for n in held], said)["where"]
        assert figures[main]["value"] > 0.7
