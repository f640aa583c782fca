"""What a run knows of places on pictures, and that a model with dense heads is kept as it was."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.dense_cases import BOXES, SIDE, marked
from tests.training.engine_cases import FRACTURE, KL, answered, graded, grades
from training.engine.batches import Images
from training.engine.dense.fast import STEPS, fit_dense
from training.engine.dense.heads import DenseHeads
from training.engine.dense.labels import DenseLabels, collect_dense, marked_in, to_cells
from training.engine.dense.seeing import Dense
from training.engine.encoder import Encoder
from training.engine.evaluate import evaluate
from training.engine.examples import Example, answers_of, dense_slots
from training.engine.full import Settings, train_full
from training.engine.model import Model
from training.networks.efficientnet_lite import EfficientNetLite0
from training.networks.pyramid import Pyramid
from training.recipes.place import Place

WHERE = {**BOXES, "when": {"field": "fracture", "is": ["present"]}}
SLICES = 12


def box(frame: int, **more: Any) -> dict[str, Any]:
    return {"image": "1.7", "frame": frame, "box": [10, 10, 40, 40], **more}


def stack(items: list[Any], read: int = 1) -> Example:
    """A case whose one image has slices of which every `read`-th is read."""
    places = tuple(
        Place("1.7", n, 90, 120, stack="s", beside=tuple(("1.7", n + k) for k in range(1, read)))
        for n in range(1, SLICES + 1, read)
    )
    return Example("stack", "p-stack", "train", {"where": answered(items)}, "", places)


def labels_of(first: Example) -> DenseLabels:
    examples, _ = marked({"train": 12})
    [one] = collect_dense([BOXES], [first, *examples], {"train"}, SIDE)
    return one


def on(first: Example) -> list[int | None]:
    """How many items are on each picture of the first example; None where nothing is known."""
    return [None if items is None else len(items) for items in labels_of(first).items[0]]


def test_a_slice_beside_the_one_that_is_marked_is_unknown() -> None:
    assert on(stack([box(5)])) == [0, 0, 0, None, 1, None, *[0] * 6]


def test_an_item_with_an_extent_is_on_all_its_slices_and_on_no_other() -> None:
    ends = {end: {"image": "1.7", "frame": n} for end, n in (("first", 4), ("last", 6))}

    assert on(stack([box(5, extent=ends)])) == [0, 0, 0, 1, 1, 1, *[0] * 6]


def test_what_is_marked_on_one_stack_is_unknown_on_the_others() -> None:
    sagittal, coronal = stack([box(5)]), stack([])
    others = tuple(replace(place, image="1.8", stack="t") for place in coronal.places)
    both = replace(sagittal, places=sagittal.places + others)

    assert on(both) == [*on(sagittal), *[None] * SLICES]
    nothing = replace(coronal, places=both.places)
    assert on(nothing) == [0] * 2 * SLICES


def views(*marked: int, read: int = 3) -> Example:
    """A case of so many views, on some of which a fracture is boxed."""
    items = [{"image": f"2.{n}", "frame": 1, "box": [10, 10, 40, 40]} for n in marked]
    places = tuple(Place(f"2.{n}", 1, 90, 120) for n in range(read))
    return Example("views", "p-views", "test", {"where": answered(items)}, "", places)


def test_what_is_marked_on_one_view_is_unknown_on_the_others() -> None:
    assert on(views(1)) == [None, 1, None]
    assert on(views(0, 2)) == [1, None, 1]
    assert on(views()) == [0, 0, 0]
    assert on(views(5)) == [None, None, None]  # on one that is not read


def hit(image: str, frame: int, score: float, **more: Any) -> dict[str, Any]:
    return {"image": image, "frame": frame, "box": [10, 10, 40, 40], "score": score, **more}


def judged(example: Example, hits: list[Any]) -> dict[str, Any]:
    said = {"kind": "boxes", "value": [], "hits": hits, "pictures": len(example.places)}
    return evaluate([BOXES], [example], [{"where": said}])["where"]


def test_a_hit_on_a_view_of_which_nothing_is_known_is_neither_right_nor_false() -> None:
    right, elsewhere = hit("2.1", 1, 0.8), hit("2.0", 1, 0.9)
    beside = {**elsewhere, "image": "2.1", "box": [60, 60, 90, 90]}

    assert judged(views(1), [elsewhere, right])["froc_curve"] == [[0, 1]]
    assert judged(views(1), [elsewhere])["sensitivity_05"]["value"] == 0
    assert judged(views(1), [beside, right])["froc_curve"] == [[1, 1]]
    assert judged(views(0, 1), [{**elsewhere, "box": beside["box"]}, right])["froc_curve"] == [
        [1, 0.5]
    ]


def test_a_hit_on_another_stack_than_the_marked_one_is_neither_right_nor_false() -> None:
    sagittal = stack([box(5)])
    others = tuple(replace(place, image="1.8", stack="t") for place in sagittal.places)
    both = replace(sagittal, places=sagittal.places + others)
    right = hit("1.7", 5, 0.8, on=[["1.7", 4], ["1.7", 5], ["1.7", 6]])
    far, coronal = (hit(of, 11, 0.9, on=[[of, 10], [of, 11], [of, 12]]) for of in ("1.7", "1.8"))

    assert judged(both, [coronal, right])["froc_curve"] == [[0, 1]]
    assert judged(both, [far, right])["froc_curve"] == [[1, 1]]


def test_any_slice_of_the_extent_that_a_reader_gave_counts() -> None:
    ends = {end: {"image": "1.7", "frame": n} for end, n in (("first", 2), ("last", 9))}
    away = hit("1.7", 7, 0.9, on=[["1.7", 7], ["1.7", 8]])
    beyond = hit("1.7", 11, 0.9, on=[["1.7", 11], ["1.7", 12]])

    assert judged(stack([box(4, extent=ends)]), [away])["map50"]["value"] == 1
    assert judged(stack([box(4, extent=ends)]), [beyond])["map50"]["value"] == 0
    assert judged(stack([box(4)]), [away])["map50"]["value"] == 0


def test_sensitivity_is_told_by_false_marks_an_image_where_cases_have_several() -> None:
    """Two false marks that a case of three pictures without any mark has are less than one an image."""
    examples = [views(1, read=2), replace(views(), key="b", patient="p-b")]
    said = [
        {"kind": "boxes", "value": [], "hits": hits, "pictures": pictures}
        for hits, pictures in (
            ([hit("2.1", 1, 0.7)], 2),
            ([hit("2.0", 1, 0.9), hit("2.1", 1, 0.8)], 3),
        )
    ]

    of = evaluate([BOXES], examples, [{"where": one} for one in said])["where"]

    assert of["sensitivity_05"]["value"] == 0  # two in two cases
    assert of["sensitivity_05_image"]["value"] == 1  # two in four pictures of which all is known
    rows = of["froc_image"]
    assert [(row["false_per_image"], row["sensitivity"]["value"]) for row in rows] == [
        (0.25, 0),
        (0.5, 1),
        (1.0, 1),
        (2.0, 1),
    ]
    assert (of["froc_curve"], of["froc_curve_image"]) == ([[1, 1]], [[0.5, 1]])
    assert not {"froc_image", "froc_curve_image"} & judged(views(read=1), []).keys()


def test_an_item_on_a_slice_that_is_not_read_is_on_the_nearest() -> None:
    assert on(stack([box(6)], read=2)) == [0, None, 1, None, 0, 0]


def test_where_the_question_before_says_no_there_is_nothing_and_where_it_is_open_nothing_is_known() -> (
    None
):
    not_asked = {"state": "not_asked"}
    said: list[dict[str, Any]] = [
        {"fracture": answered("absent"), "where": not_asked},
        {"fracture": answered("indeterminate"), "where": not_asked},
        {"fracture": {"state": "not_assessable"}, "where": not_asked},
        {"fracture": answered("present"), "where": {"state": "not_assessable"}},
        {"fracture": answered("present"), "where": answered([box(1)])},
    ]
    [slot] = dense_slots([FRACTURE, WHERE])
    examples = [Example(f"c{n}", f"p{n}", "train", of, "") for n, of in enumerate(said)]

    answers = answers_of(slot, examples)

    assert slot.recipe.target(slot.field, answers)[1].tolist() == [True, False, False, False, True]
    assert (answers[0] or {})["value"] == []


def test_an_open_question_that_was_passed_over_says_nothing() -> None:
    """Where its place is optional, a reader may say what it is and not mark it."""
    options = [{"value": value} for value in ("intact", "partial", "tear")]
    acl = {"key": "acl", "kind": "choice", "options": options, "sites": []}
    signs = {**acl, "key": "signs", "many": True}
    passed = {"where": {"state": "not_asked"}}
    for parent, said, known in (
        (acl, "tear", False),
        (acl, "intact", True),
        (signs, ["intact", "tear"], False),
        (signs, ["intact"], True),
    ):
        field = {**BOXES, "when": {"field": parent["key"], "is": ["partial", "tear"]}}
        [slot] = dense_slots([parent, field])
        given = {str(parent["key"]): answered(said), **passed}

        answers = answers_of(slot, [Example("c", "p", "train", given, "")])

        assert slot.recipe.target(slot.field, answers)[1].tolist() == [known], (parent, said)


def test_half_of_what_is_drawn_of_a_stack_shows_something() -> None:
    first = stack([box(3), box(9)])
    seen = marked_in([labels_of(first)])
    images = Images(np.zeros((SLICES, 2, 2), np.uint8), np.arange(SLICES), np.array([0, SLICES]))
    generator = torch.Generator().manual_seed(0)

    draws = [images.draw(np.array([0]), 4, generator, seen).which for _ in range(20)]

    assert seen[0].tolist() == [2, 8]
    assert all({2, 8} <= set(which.tolist()) for which in draws)
    assert len({tuple(which) for which in draws}) > 1
    assert all(len(set(which.tolist())) == 4 for which in draws)


def test_too_few_answers_or_none_with_an_item_teach_no_places() -> None:
    examples, _ = marked({"train": 12})
    empty = [replace(one, answers={"where": answered([])}) for one in examples]

    assert collect_dense([BOXES], examples[:9], {"train"}, SIDE) == []
    assert collect_dense([BOXES], empty, {"train"}, SIDE) == []


def encoder() -> Encoder:
    torch.manual_seed(0)
    return Encoder(EfficientNetLite0())


def test_places_are_looked_for_where_the_encoder_is() -> None:
    """A device without any memory stands for a card."""
    network = EfficientNetLite0().eval().to("meta")

    found = Dense({}, Pyramid(network.widths)).features(network, torch.zeros(1, SIDE, SIDE))

    assert found.device.type == "meta"


def test_a_model_with_dense_heads_says_the_same_after_it_was_kept(tmp_path: Path) -> None:
    examples, squares = marked({"train": 12})
    labels = collect_dense([BOXES], examples, {"train"}, SIDE)
    heads, start = DenseHeads(encoder().network.widths, labels).eval(), encoder()
    torch.nn.init.normal_(heads.heads.weight)
    dense = Dense({"where": heads.head(labels[0], {"threshold": 0.2})}, heads.pyramid)
    model = Model([BOXES], {}, encoder=start, size=SIDE, dense=dense)
    places = [example.places for example in examples]

    path, sha256 = model.save(tmp_path)
    again = Model.load(path, sha256)

    said = model.predict_places(squares, places)
    assert said == again.predict_places(squares, places)
    assert any(one["where"]["hits"] for one in said)
    assert again.without(["where"]).predict_places(squares, places) == [{}] * len(places)


def test_a_model_kept_before_there_were_places_marks_none(tmp_path: Path) -> None:
    model = Model([BOXES, KL], {}, encoder=encoder(), size=SIDE)
    path, sha256 = model.save(tmp_path)

    assert Model.load(path, sha256).predict_places(np.zeros((1, SIDE, SIDE), np.uint8), [[]]) == [
        {}
    ]


OF_RUN: dict[str, Any] = {
    "size": SIDE,
    "epochs": 2,
    "batch": 8,
    "threads": 1,
    "report_seconds": 0,
}


def run(folder: Path, report: Callable[[dict[str, Any]], None], **more: Any) -> Model:
    examples, squares = marked({"train": 16, "tune": 8})
    graded_too = graded(grades(24, classes=3))
    examples = [
        replace(one, answers={**one.answers, **other.answers})
        for one, other in zip(examples, graded_too, strict=True)
    ]
    return train_full(
        [KL, BOXES],
        examples,
        Images.single(squares, np.arange(len(squares))),
        Settings(**{**OF_RUN, **more}),
        folder=folder,
        report=report,
        encoder=encoder(),
    )


def test_a_run_is_that_of_its_seed_whatever_was_drawn_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attention, pyramid and heads begin by chance."""
    begun, found = encoder(), []
    monkeypatch.setattr(f"{__name__}.encoder", lambda: begun)
    for before in (1, 2):
        torch.manual_seed(before)
        folder = tmp_path / str(before)
        found.append(run(folder, lambda _: None, epochs=1, images="all", seed=5).tensors())

    one, other = found
    assert {"pooling.value", "dense.heads.where.weight"} < one.keys() == other.keys()
    assert [key for key in one if not torch.equal(one[key], other[key])] == []


def test_a_run_of_both_sorts_that_was_stopped_goes_on_as_if_it_had_not_been(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(told: dict[str, Any]) -> None:
        if told["epoch"] == 2 and told["step"] == 1:
            raise Stopped

    told: list[dict[str, Any]] = []
    unbroken = run(tmp_path / "one", told.append)
    with pytest.raises(Stopped):
        run(tmp_path / "two", stop)
    resumed = run(tmp_path / "two", lambda _: None)

    assert set(told[-1]["tune"]) == {"kl", "where"}
    assert unbroken.dense is not None
    assert resumed.dense is not None
    one, other = unbroken.dense.heads["where"], resumed.dense.heads["where"]
    assert np.allclose(one.weight, other.weight, atol=1e-6)
    assert unbroken.heads["kl"].weight.shape == resumed.heads["kl"].weight.shape


def test_a_full_run_asks_whether_it_should_stop_while_it_is_judged(tmp_path: Path) -> None:
    examples, squares = marked({"train": 12, "tune": 40})
    images = Images.single(squares, np.arange(len(squares)))
    told: list[tuple[int, int]] = []

    train_full(
        [BOXES],
        examples,
        images,
        Settings(size=SIDE, epochs=1, batch=12, threads=1, report_seconds=0, small_share=0),
        folder=tmp_path,
        report=lambda one: told.append((one["epoch"], one["step"])),
        encoder=Encoder(EfficientNetLite0()),
    )

    asked = told[: told.index((1, 0))]  # until the epoch was over
    assert len([step for _, step in asked if step == 1]) > 40


def test_a_fast_run_asks_at_each_step_whether_it_should_stop() -> None:
    examples, _ = marked({"train": 12})
    cells = SIDE // Dense({}, None).stride
    maps = Images.single(np.zeros((12, 4, cells, cells), np.float16), np.arange(12))
    steps = []

    class Stopped(Exception):
        pass

    def stop(told: dict[str, Any]) -> None:
        steps.append((told["done"], told["of"]))
        if told["done"] == 2:
            raise Stopped

    with pytest.raises(Stopped):
        fit_dense([BOXES], examples, maps, Dense({}, None), SIDE, seed=0, report=stop)

    assert steps == [(0, STEPS), (1, STEPS), (2, STEPS)]


def test_a_fast_run_finds_what_the_maps_that_were_kept_tell() -> None:
    """Features of which the right outputs are a sum, in noise."""
    examples, _ = marked({"train": 30, "tune": 12, "test": 12})
    before, rng = Dense({}, None), np.random.default_rng(0)
    cells = SIDE // before.stride
    [slot] = dense_slots([BOXES])
    mixed = rng.normal(size=(8, slot.recipe.channels(BOXES)))
    maps = np.zeros((len(examples), 8, cells, cells), dtype=np.float16)
    for n, example in enumerate(examples):
        items = example.answers["where"]["value"]
        where = to_cells(example, 0, SIDE, before.stride)
        right = slot.recipe.drawn(BOXES, items, where, (cells, cells))[:-1]
        maps[n] = np.einsum("fc,chw->fhw", mixed, right) + rng.normal(0, 0.05, maps.shape[1:])

    dense = fit_dense(
        [BOXES], examples, Images.single(maps, np.arange(len(maps))), before, SIDE, seed=0
    )

    assert dense is not None
    test = [n for n, example in enumerate(examples) if example.split == "test"]
    seen = dense.said(slot, torch.from_numpy(maps[test]).float())
    said = [
        {"where": dense.answer(slot, [found], examples[n].places, SIDE)}
        for n, found in zip(test, seen, strict=True)
    ]
    figures = evaluate([BOXES], [examples[n] for n in test], said)["where"]
    assert figures["map50"]["value"] > 0.8
