"""What is marked on the pictures as evidence for the question before it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.training.dense_cases import BOXES, SIDE, marked
from tests.training.engine_cases import FRACTURE, answered
from training.engine.batches import Images
from training.engine.dense.heads import DenseHeads
from training.engine.dense.labels import collect_dense
from training.engine.dense.seeing import Dense
from training.engine.encoder import Encoder
from training.engine.evaluate import evaluate
from training.engine.evidence import LEAST_CASES, Evidence, bearing_on, fitted, strength_of
from training.engine.examples import Example, dense_slots, whole_slots
from training.engine.full import Settings, train_full
from training.engine.model import Head, Model
from training.engine.pooling import Bags
from training.networks.efficientnet_lite import HEAD_CHANNELS, EfficientNetLite0

WHERE = {**BOXES, "when": {"field": "fracture", "is": ["present"]}}
TEAR: dict[str, Any] = {
    "key": "tear",
    "kind": "choice",
    "label": "Tear",
    "sites": [],
    "options": [{"value": of, "label": of} for of in ("none", "worn", "torn")],
}


def of(present: list[bool], question: dict[str, Any] = FRACTURE) -> list[Example]:
    said = ("torn", "none") if question is TEAR else ("present", "absent")
    return [
        Example(f"c{n}", f"p{n}", "tune", {question["key"]: answered(said[not one])}, "")
        for n, one in enumerate(present)
    ]


def hits(scores: NDArray[np.float64]) -> list[dict[str, Any]]:
    return [{"where": {"hits": [{"score": float(score)}, {"score": 0.002}]}} for score in scores]


def weighed(
    present: list[bool],
    outputs: NDArray[np.float64],
    scores: NDArray[np.float64],
    question: dict[str, Any] = FRACTURE,
    where: dict[str, Any] = WHERE,
) -> Evidence | None:
    fields = [question, where]
    [slot] = whole_slots(fields)
    return fitted(slot, dense_slots(fields), outputs, hits(scores), of(present, question))


def drawn(n: int, seed: int = 0) -> tuple[list[bool], NDArray[np.float64], NDArray[np.float64]]:
    """Answers, outputs that know nothing of them, and scores of marks that know much."""
    rng = np.random.default_rng(seed)
    present = rng.random(n) < 0.5
    scores = np.clip(np.where(present, 0.7, 0.2) + rng.normal(0, 0.15, n), 0.01, 0.99)
    return present.tolist(), rng.normal(size=(n, 1)), scores


def test_marks_that_know_better_are_weighed_and_those_that_know_nothing_are_not() -> None:
    present, outputs, scores = drawn(60)

    found = weighed(present, outputs, scores)

    assert found is not None
    after = found.weigh(outputs, np.ones(1), strength_of(("where",), hits(scores)))[:, 0]
    [slot] = whole_slots([FRACTURE])
    truth = np.array(present, dtype=np.int64)
    before_auc, after_auc = (
        slot.recipe.score(FRACTURE, of, truth) for of in (outputs, after[:, None])
    )
    assert before_auc is not None
    assert after_auc is not None
    assert before_auc < 0.7 < 0.95 < after_auc
    knowing = np.where(present, 2.0, -2.0)[:, None] + outputs
    shuffled = [np.random.default_rng(seed).permutation(scores) for seed in range(10)]
    accepted = [weighed(present, knowing, one) for one in shuffled]
    assert sum(one is not None for one in accepted) <= 2


@pytest.mark.parametrize("cases", [24, 60])
def test_what_it_says_of_new_cases_is_likelier_than_before(cases: int) -> None:
    """Mean negative log likelihood over draws; the outputs by themselves are calibrated on the same cases."""
    [slot] = whole_slots([FRACTURE])
    before, after = [], []
    for seed in range(8):
        present, outputs, scores = drawn(cases, seed)
        found = weighed(present, outputs, scores)
        if found is None:
            continue
        truth, *new = drawn(400, seed + 100)
        classes = np.array(truth, dtype=np.int64)
        alone = slot.recipe.calibrate(FRACTURE, outputs, np.array(present, dtype=np.int64))
        before.append(slot.recipe.surprise(FRACTURE, new[0], classes, alone))
        both = found.weigh(new[0], np.ones(1), strength_of(("where",), hits(new[1])))
        after.append(slot.recipe.surprise(FRACTURE, both, classes, found.calibration))
    assert len(after) >= 6
    assert np.mean(after) < 0.75 * np.mean(before)


def test_a_mark_speaks_for_the_options_at_which_it_is_asked() -> None:
    present, _, scores = drawn(60)
    outputs = np.random.default_rng(2).normal(size=(60, 3))
    where = {**BOXES, "when": {"field": "tear", "is": ["torn"]}}

    found = weighed(present, outputs, scores, TEAR, where)

    assert found is not None
    moved = found.weigh(np.zeros((1, 3)), np.array([0.0, 0, 1]), np.array([3.0]))
    assert moved[0, 2] > 0
    assert moved[0, :2].tolist() == [0, 0]


def test_too_few_cases_one_answer_or_places_that_are_asked_in_any_case_are_no_evidence() -> None:
    present, outputs, scores = drawn(60)
    few = LEAST_CASES - 1

    assert weighed(present[:few], outputs[:few], scores[:few]) is None
    assert weighed([True] * 60, outputs, scores) is None
    four = [n < 4 for n in range(60)]
    assert weighed(four, outputs, np.where(four, 0.9, 0.1)) is None
    assert weighed(present, outputs, scores, where=BOXES) is None
    everywhere = {**BOXES, "when": {"field": "fracture", "is": ["present", "absent"]}}
    assert weighed(present, outputs, scores, where=everywhere) is None


def test_marks_that_are_all_alike_are_no_evidence() -> None:
    """As of kinds that have no marks with scores."""
    present, outputs, _ = drawn(60)

    assert weighed(present, outputs + 3, np.full(60, 0.4)) is None


def test_places_that_are_asked_at_different_answers_are_no_evidence_of_either() -> None:
    where = {**BOXES, "when": {"field": "tear", "is": ["torn"]}}
    other = {**where, "key": "other", "when": {"field": "tear", "is": ["worn"]}}
    [slot] = whole_slots([TEAR])

    assert bearing_on(slot, dense_slots([TEAR, where])) is not None
    assert bearing_on(slot, dense_slots([TEAR, where, other])) is None
    assert bearing_on(slot, dense_slots([TEAR, where, {**where, "key": "again"}])) is not None


def test_outlines_beside_boxes_are_no_evidence_and_take_none_away() -> None:
    outline = {"key": "area", "kind": "polygon", "label": "Area", "sites": []}
    area = {**outline, "when": {"field": "fracture", "is": ["present", "indeterminate"]}}
    [slot] = whole_slots([FRACTURE])

    beside, alone = (
        bearing_on(slot, dense_slots([FRACTURE, *of])) for of in ([WHERE, area], [area])
    )

    assert beside is not None
    assert beside[0] == ("where",)
    assert alone is None


def test_places_of_a_site_are_evidence_of_the_question_at_that_site() -> None:
    sites = ["medial", "lateral"]
    fields = [{**FRACTURE, "sites": sites}, {**WHERE, "sites": sites}]

    found = [bearing_on(slot, dense_slots(fields)) for slot in whole_slots(fields)]

    assert [one and one[0] for one in found] == [("where@medial",), ("where@lateral",)]


def questioned(splits: dict[str, int]) -> tuple[list[Example], NDArray[np.uint8]]:
    """Pictures of which some show a bright box: whether, and where."""
    examples, squares = marked(splits)
    found = []
    for one in examples:
        said = answered("present" if one.answers["where"]["value"] else "absent")
        found.append(replace(one, answers={**one.answers, "fracture": said}))
    return found, squares


def model_of(examples: list[Example]) -> Model:
    """Random heads, and evidence."""
    torch.manual_seed(0)
    encoder = Encoder(EfficientNetLite0())
    labels = collect_dense([WHERE, FRACTURE], examples, {"train"}, SIDE)
    dense = DenseHeads(encoder.network.widths, labels).eval()
    torch.nn.init.normal_(dense.heads.weight)
    head = Head(np.zeros((1, HEAD_CHANNELS), np.float32), np.zeros(1, np.float32), PLAIN)
    return Model(
        [FRACTURE, WHERE],
        {"fracture": head},
        encoder=encoder,
        size=SIDE,
        dense=Dense({"where": dense.head(labels[0], {"threshold": 0.2})}, dense.pyramid),
        evidence={"fracture": Evidence(("where",), 1.0, 1.5, -0.5, -3.0, PLAIN)},
    )


PLAIN = {"temperature": 1.0, "bias": 0.0, "point": 0.5}


def test_a_model_says_the_same_after_it_was_kept_and_when_it_does_not_answer_where(
    tmp_path: Path,
) -> None:
    examples, squares = questioned({"train": 12})
    model, places = model_of(examples), [one.places for one in examples]
    bags = Bags(model.embed(squares), np.arange(len(squares) + 1))
    expected = model.answer(bags, model.predict_places(squares, places))

    again = Model.load(*model.save(tmp_path))
    silent = again.without(["where"])
    loaded = Model.load(*silent.save(tmp_path))

    assert again.answer(bags, again.predict_places(squares, places)) == expected
    with pytest.raises(ValueError, match="fracture weighs what is marked"):
        again.predict_embeddings(bags)
    without = Model([FRACTURE], model.heads).predict_embeddings(bags)
    assert [one["fracture"] for one in expected] != [one["fracture"] for one in without]
    for one in (silent, loaded):
        said = one.answer(bags, one.predict_places(squares, places))
        assert said == [{"fracture": whole["fracture"]} for whole in expected]
    nothing = silent.without(["fracture"])
    assert nothing.answer(bags, nothing.predict_places(squares, places)) == [{}] * len(squares)


def test_a_full_run_weighs_what_it_marks(tmp_path: Path) -> None:
    examples, squares = questioned({"train": 32, "tune": 24, "test": 24})
    torch.manual_seed(0)
    settings = Settings(size=SIDE, epochs=8, batch=8, threads=1, patience=8, small_share=0.0)

    model = train_full(
        [FRACTURE, WHERE],
        [one for one in examples if one.split != "test"],
        Images.single(squares[:56], np.arange(56)),
        settings,
        folder=tmp_path,
        report=lambda _: None,
        encoder=Encoder(EfficientNetLite0()),
    )

    assert set(model.evidence) == {"fracture"}
    held = examples[56:]
    said = model.answer(
        Bags(model.embed(squares[56:]), np.arange(25)),
        model.predict_places(squares[56:], [one.places for one in held]),
    )
    assert evaluate([FRACTURE], held, said)["fracture"]["auc"]["value"] > 0.95
