"""Where crops are cut, whose they are, and that a model of two stages is stored as one."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.engine_cases import FRACTURE, KL, answered
from training.engine.dense.heads import DenseHead
from training.engine.dense.seeing import COARSE, Dense
from training.engine.encoder import Encoder
from training.engine.examples import Example, whole_slots
from training.engine.images import Crop, prepare
from training.engine.model import Head, Model
from training.engine.staged import (
    WHOLE,
    Rule,
    Staged,
    Where,
    drawn_about,
    inner_fields,
    learned_sites,
    rule_of,
    unrolled,
)
from training.networks import NETWORKS
from training.recipes.place import Place

SITES = ["medial", "lateral"]
BOXES = {"key": "where", "kind": "boxes", "label": "Where", "sites": SITES}
CROPPED = {**KL, "sites": SITES, "crop": {"field": "where", "margin": 0.5, "size": 64}}
FORM: list[dict[str, Any]] = [FRACTURE, BOXES, CROPPED]
CALIBRATED = {"temperature": 1.0, "bias": 0.0, "decision": "median", "mass": None}
PLACES = (
    Place("1.1", 1, 200, 300, stack="a", beside=(("1.1", 2),)),
    Place("1.2", 1, 200, 300, mirror=True, stack="a", pixel_mm=0.5),
)


def box(x1: float, y1: float, x2: float, y2: float, image: str = "1.2", **more: Any) -> Any:
    return {"image": image, "frame": 1, "box": [x1, y1, x2, y2], **more}


def example(**answers: Any) -> Example:
    given = {name.replace("_", "@"): value for name, value in answers.items()}
    return Example("case", "patient", "train", given, "R", PLACES)


def test_a_crop_is_a_square_with_its_margin_and_may_reach_over_the_edge() -> None:
    rule = Rule("where", 64, margin=0.25)

    assert rule.about(box(100, 50, 140, 70), PLACES[0]) == Crop(90, 30, 60)
    assert rule.about(box(0, 0, 40, 20), PLACES[0]) == Crop(-10, -20, 60)


def test_about_a_point_it_is_as_large_as_the_form_says() -> None:
    point = {"image": "1.2", "frame": 1, "at": [100.0, 50.0]}

    assert Rule("tip", 64, share=0.2).about(point, PLACES[0]) == Crop(70, 20, 60)
    assert Rule("tip", 64, mm=20).about(point, PLACES[1]) == Crop(80, 30, 40)
    # how large a pixel is, is not known: it is not guessed
    assert Rule("tip", 64, mm=20).about(point, PLACES[0]) is None


def test_it_is_cut_of_the_slice_that_stands_for_the_items_own() -> None:
    rule = Rule("where", 64, margin=0)
    found = rule.located([box(0, 0, 40, 40), box(0, 0, 10, 10, "1.1")], PLACES)

    assert found == Where(1, Crop(0, 0, 40))
    beside = {**box(0, 0, 20, 20, "1.1"), "frame": 2}
    assert rule.located([box(0, 0, 9, 9, "unread"), beside], PLACES) == Where(0, Crop(0, 0, 20))
    assert rule.located([], PLACES) == WHOLE


def test_it_learns_about_the_readers_largest_item_and_asks_about_the_models_surest() -> None:
    rule = Rule("where", 64, margin=0, sites=("medial", "lateral"))
    said = {
        "where@medial": {"hits": [box(50, 50, 60, 60, score=0.9), box(0, 0, 50, 50, score=0.1)]},
        "where@lateral": {"hits": [box(80, 80, 99, 99, score=0.002)]},
    }
    own = [box(10, 10, 12, 12), box(20, 20, 50, 50)]
    read = example(where_medial=answered(own), where_lateral=answered([]))

    surest, faint = Where(1, Crop(50, 50, 10)), Where(1, Crop(80, 80, 19))
    assert rule.found(said, PLACES) == [surest, faint]
    assert rule.marked(read, said) == [Where(1, Crop(20, 20, 30)), faint]
    assert rule.marked(example(), {}) == [WHOLE, WHOLE]


def test_the_part_is_cut_from_the_images_own_pixels_in_its_own_grey() -> None:
    pixels = np.zeros((400, 300), np.uint16)
    pixels[100:110, 50:60] = 1000
    pixels[300:, :] = 4000
    crop = Crop(40, 90, 30)

    square = prepare(pixels, mirror=False, size=60, crop=crop)

    bright = np.argwhere(square > 30)
    assert (bright.min(0).tolist(), bright.max(0).tolist()) == ([20, 20], [39, 39])
    assert square.max() == pytest.approx(255 / 4, abs=2)
    assert (prepare(pixels, mirror=True, size=60, crop=crop) == square[:, ::-1]).all()
    over = prepare(pixels, mirror=False, size=60, crop=Crop(-20, 390, 30))
    assert (over[:, :39] == 0).all()
    assert (over[21:] == 0).all()
    assert over[:18, 42:].min() > 200
    assert prepare(pixels, mirror=False, size=60, crop=Crop(900, -900, 30)).max() == 0


def test_others_are_drawn_near_a_readers_box_and_always_the_same() -> None:
    where = Where(1, Crop(100, 80, 60))

    found = drawn_about(where, [7, 1, 0])

    assert found == drawn_about(where, [7, 1, 0]) != drawn_about(where, [7, 2, 0])
    for picture, crop in found:
        assert picture == 1
        assert crop is not None
        assert 45 <= crop.side <= 75
        assert abs(crop.left + crop.side / 2 - 130) <= 10
        assert abs(crop.top + crop.side / 2 - 110) <= 10
    assert drawn_about(WHOLE, [7, 1, 0]) == []


def test_each_site_is_an_example_of_one_question() -> None:
    rule = rule_of(FORM, 224)
    assert rule == Rule("where", 64, margin=0.5, sites=("medial", "lateral"))
    read = example(kl_medial=answered(3), where_medial=answered([]), fracture=answered("absent"))

    found = list(unrolled(rule, FORM, [read]))

    assert [(n, site, one.key, one.answers) for n, site, one in found] == [
        (0, 0, "case@medial", {"kl": answered(3)}),
        (0, 1, "case@lateral", {}),
    ]
    [asked] = inner_fields(FORM, rule)
    assert {"crop", "sites"}.isdisjoint(asked)
    assert [slot.name for slot in whole_slots([asked])] == ["kl"]
    # the first stage leaves to the second one what is the second one's
    assert [slot.name for slot in whole_slots(FORM)] == ["fracture"]


def test_what_cannot_be_found_yet_is_not_cropped() -> None:
    rule = rule_of(FORM, 224)
    assert rule is not None

    some = learned_sites(rule, ["where@lateral", "kl"])

    assert some is not None
    assert some.sites == ("lateral",)
    assert learned_sites(rule, ["kl"]) is None
    assert learned_sites(Rule("where", 64), ["where"]) == Rule("where", 64)


def head(width: int, outputs: int, seed: int) -> Head:
    weight = np.random.default_rng(seed).normal(size=(outputs, width)).astype(np.float32)
    return Head(weight, np.zeros(outputs, np.float32), CALIBRATED)


def two_stages(*, shared: bool) -> Model:
    torch.manual_seed(1)
    first = Encoder(NETWORKS["resnet18"](), "resnet18")
    second = first if shared else Encoder(NETWORKS["resnet18"](), "resnet18")
    rule = rule_of(FORM, 64)
    assert rule is not None
    inner = Model(inner_fields(FORM, rule), {"kl": head(512, 4, 2)}, encoder=second, size=64)
    model = Model(FORM, {"fracture": head(512, 1, 3)}, encoder=first, size=64)
    return model.with_staged(Staged.of(rule, inner))


@pytest.mark.parametrize("shared", [True, False])
def test_a_model_of_two_stages_is_stored_as_one(tmp_path: Path, shared: bool) -> None:
    model = two_stages(shared=shared)
    path, sha256 = model.save(tmp_path)
    loaded = Model.load(path, sha256)
    squares = np.random.default_rng(4).integers(0, 255, (2, 64, 64), dtype=np.uint8)

    assert model.staged is not None
    assert loaded.staged is not None
    assert loaded.staged.rule == model.staged.rule
    assert loaded.staged.names == ("kl@medial", "kl@lateral")
    assert loaded.predict(squares) == model.predict(squares)
    said = [
        one.staged.by_slot(one.staged.inner.predict(squares))
        for one in (loaded, model)
        if one.staged
    ]
    assert said[0] == said[1]
    assert set(said[0]) == {"kl@medial", "kl@lateral"}
    # one encoder that both share lies in the file once
    assert (loaded.staged.inner.encoder is loaded.encoder) == shared
    assert loaded.save(tmp_path)[1] == sha256


def test_places_that_are_left_out_are_still_looked_for_where_crops_are_cut_about_them() -> None:
    model, rng = two_stages(shared=True), np.random.default_rng(5)
    assert model.encoder is not None
    features = model.encoder.network.widths[COARSE]
    weight = rng.normal(size=(5, features)).astype(np.float32)
    head = DenseHead(weight, np.zeros(5, np.float32), {})
    where = {f"where@{site}": head for site in SITES}
    both = Model(FORM, model.heads, encoder=model.encoder, size=64, dense=Dense(where, None))
    assert model.staged is not None
    both = both.with_staged(model.staged)
    squares = rng.integers(0, 255, (2, 64, 64), dtype=np.uint8)

    left = both.without(where)

    assert left.silent == set(where)
    assert not left.answered_places
    assert left.predict_places(squares, [PLACES]) == both.predict_places(squares, [PLACES])
    assert left.without(model.staged.names).predict_places(squares, [PLACES]) == [{}]


def test_a_slot_that_is_left_out_is_not_answered() -> None:
    model = two_stages(shared=True)
    squares = np.zeros((2, 64, 64), np.uint8)

    left = model.without({"kl@lateral", "fracture"})

    assert left.staged is not None
    assert set(left.staged.by_slot(left.staged.inner.predict(squares))) == {"kl@medial"}
    assert left.without({"kl@medial"}).staged is None
