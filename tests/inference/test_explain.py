"""Heat maps: that they are what the head adds up, and lie where the picture says."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from inference.explain import Looked, _of_halves, beyond, explain, foremost, over_image, surest
from tests.training.dense_cases import BOXES, SIDE, marked
from training.engine.dense.heads import DenseHead
from training.engine.dense.seeing import COARSE, Dense
from training.engine.encoder import Encoder
from training.engine.examples import Field
from training.engine.images import Crop, prepare
from training.engine.model import Head, Model
from training.engine.pooling import Attention, Bags, Mean, MeanMax, Pooling, pooled_for
from training.networks import NETWORKS

GRADE: Field = {"key": "kl", "kind": "grade", "options": [{"value": n} for n in range(3)]}
CHOICE: Field = {
    "key": "view",
    "kind": "choice",
    "options": [{"value": name} for name in ("pa", "lateral", "axial")],
}
rng = np.random.default_rng(5)


def some(*shape: int) -> NDArray[np.float32]:
    return rng.normal(size=shape).astype(np.float32)


def poolings(width: int) -> list[tuple[Pooling, int]]:
    """With the width of the heads that they feed."""
    learned = Attention(["kl"], some(8, width), some(8, width), some(1, 8))
    return [(Mean(), width), (MeanMax(), 2 * width), (learned, width)]


def test_what_meets_each_picture_adds_up_to_what_the_head_reads() -> None:
    rows = some(4, 16)
    for pooling, width in poolings(16):
        direction = some(width)

        parts = pooling.parts("kl", rows, direction)

        pooled = pooled_for("kl", pooling.pooled(Bags.of([rows])))[0]
        assert (parts * rows).sum() == pytest.approx(float(direction @ pooled), rel=1e-4)


def test_of_several_pictures_it_takes_the_one_that_counts_most() -> None:
    rows = np.zeros((3, 16), np.float32)
    rows[1, 4] = 5.0
    direction = np.zeros(16, np.float32)
    direction[4] = 1.0
    value, score = np.zeros((1, 16), np.float32), np.ones((1, 1), np.float32)
    value[0, 4] = 1.0

    assert Mean().foremost("kl", rows, direction) == 1
    assert MeanMax().foremost("kl", rows, np.concatenate([0 * direction, direction])) == 1
    assert MeanMax().foremost("kl", rows, np.concatenate([0 * direction, -direction])) != 1
    # attention looks where it looks, whichever way the head then decides
    looks = Attention(["kl"], value, value, score)
    assert looks.foremost("kl", rows, -direction) == 1


@pytest.mark.parametrize("name", ["efficientnet_lite0", "resnet18", "densenet121"])
def test_the_map_is_the_mean_that_the_head_adds_up(name: str) -> None:
    encoder = Encoder(NETWORKS[name](), name)
    square = rng.integers(0, 255, (96, 64), dtype=np.uint8)
    square = np.pad(square, ((0, 0), (16, 16)))

    features = encoder.feature_map(square)

    assert np.allclose(features.mean((1, 2)), encoder.embed(square[None])[0], atol=1e-4)


def test_a_model_of_halves_is_explained_on_the_half_that_speaks_for_it() -> None:
    encoder = Encoder(NETWORKS["resnet18"](), "resnet18").in_halves()
    square = rng.integers(0, 255, (128, 128), dtype=np.uint8)
    weight = np.zeros((2, encoder.width), np.float32)
    weight[:, :512] = np.abs(some(2, 512))  # of what is on the left alone
    head = Head(weight, np.zeros(2, np.float32), {})
    looked = Looked(square, encoder.embed(square[None]), 0)

    maps = []
    for heads in (head, Head(np.roll(weight, 512, axis=1), head.bias, {})):
        model = Model([GRADE], {"kl": heads}, encoder=encoder, size=128)
        [slot] = model.slots
        maps.append(explain(model, looked, slot, {"value": 1}))

    left, right = maps
    assert left.shape == right.shape == (4, 4)
    assert (left[:, 3].max(), right[:, 0].max()) == (0, 0)
    assert (left.max(), right.max()) == (1, 1)


@pytest.mark.parametrize("side", [256, 288])
def test_what_both_halves_show_of_the_middle_is_laid_to_either_side(side: int) -> None:
    """Both ways round a picture that is everywhere alike is explained as it is one way round."""
    columns = side // 32
    own = columns // 2 + 1
    features = np.zeros((1024, 1, columns), np.float32)
    features[:512, :, :own] = features[512:, :, columns - own :] = 1.0
    turned = (features + features[..., ::-1]) / np.float32(2)
    part = np.ones(1024, np.float32)

    for places in (-0.484, 0.484):
        one = _of_halves(part, features, False, places)
        both = _of_halves(part, turned, True, places)
        assert both == pytest.approx(one, rel=1e-5)


@pytest.mark.parametrize("both_ways", [False, True])
def test_the_map_of_halves_is_laid_where_the_places_of_each_look(both_ways: bool) -> None:
    """Of the right half, which was mirrored, they look to the other side."""
    plain = Encoder(NETWORKS["resnet18"](), "resnet18", both_ways=both_ways)
    encoder = plain.in_halves()
    assert encoder.network.beyond == plain.network.beyond != 0
    features = np.zeros((encoder.width, 9, 9), np.float32)
    features[0, 4, 2] = features[512, 4, 6] = 1.0
    weight = np.zeros((2, encoder.width), np.float32)
    weight[:, [0, 512]] = 1.0
    head = Head(weight, np.zeros(2, np.float32), {})
    model = Model([GRADE], {"kl": head}, encoder=encoder, size=288)
    [slot] = model.slots
    square = np.zeros((288, 288), np.uint8)

    found = explain(model, Looked(square, weight[:1], 0, features), slot, {"value": 1})

    [row] = {int(row) for row in np.nonzero(found)[0]}
    places = plain.network.beyond / 32
    for columns, at in ((slice(0, 4), 2 + places), (slice(5, 9), 6 - places)):
        of = found[row, columns]
        assert of @ np.arange(9)[columns] / of.sum() == pytest.approx(at, abs=0.01)
    assert beyond(model, slot) == (places, 0.0)


def model_of(field: Field, weight: NDArray[np.float32]) -> Model:
    encoder = Encoder(NETWORKS["resnet18"](), "resnet18")
    head = Head(weight, np.zeros(len(weight), np.float32), {})
    return Model([field], {str(field["key"]): head}, encoder=encoder, size=96)


@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("mirror", [False, True])
def test_the_map_is_laid_where_its_places_look(mirror: bool, both_ways: bool) -> None:
    encoder = Encoder(NETWORKS["resnet18"](), "resnet18", both_ways=both_ways)
    model = Model([GRADE], {"kl": Head(some(2, 512), np.zeros(2, np.float32), {})}, encoder=encoder)
    [slot] = model.slots
    found = np.zeros((6, 6), np.float32)
    found[2, 2] = 1.0

    png = over_image(found, 192, 192, 192, mirror=mirror, beyond=beyond(model, slot))

    levels = np.asarray(Image.open(BytesIO(png))).astype(float)
    row, column = ((levels.sum(1 - axis) @ np.arange(96)) / levels.sum() * 2 for axis in (0, 1))
    along = 79.5 + (0 if both_ways else encoder.network.beyond)
    assert row == pytest.approx(79.5 + encoder.network.beyond, abs=1.5)
    assert column == pytest.approx(191 - along if mirror else along, abs=1.5)


def test_a_grade_is_looked_for_upwards_and_the_middle_of_the_map_is_clear() -> None:
    square = rng.integers(0, 255, (96, 96), dtype=np.uint8)
    model = model_of(GRADE, some(2, 512))
    [slot] = model.slots
    assert model.encoder is not None
    looked = Looked(square, model.embed(square[None]), 0)

    found = explain(model, looked, slot, {"value": 0})

    adds = np.tensordot(model.heads["kl"].weight.sum(0), model.encoder.feature_map(square), axes=1)
    assert found.shape == (3, 3)
    assert (found.min(), found.max()) == (0.0, 1.0)
    assert found.argmax() == adds.argmax()
    assert np.count_nonzero(found) <= 4


def test_a_choice_is_looked_for_by_the_option_that_was_named() -> None:
    square = rng.integers(0, 255, (96, 96), dtype=np.uint8)
    model = model_of(CHOICE, some(3, 512))
    [slot] = model.slots
    looked = Looked(square, model.embed(square[None]), 0)

    maps = [explain(model, looked, slot, {"value": name}) for name in ("pa", "lateral", "axial")]

    assert not np.allclose(maps[0], maps[1])
    assert foremost(model, looked.embeddings, slot, {"value": "pa"}) == 0


def places_model(threshold: float) -> Model:
    """With a head on the encoder's own map that no training made."""
    encoder = Encoder(NETWORKS["resnet18"](), "resnet18")
    weight = 0.3 * some(5, encoder.network.widths[COARSE])
    head = DenseHead(weight, np.full(5, -1, np.float32), {"threshold": threshold})
    return Model([BOXES], {}, encoder=encoder, size=SIDE, dense=Dense({"where": head}, None))


@pytest.mark.parametrize("threshold", [0.01, 0.999])
def test_places_have_the_head_s_own_map_on_the_scale_of_what_would_be_proposed(
    threshold: float,
) -> None:
    [example] = marked({"train": 1})[0]
    squares = rng.integers(0, 255, (3, SIDE, SIDE), dtype=np.uint8)
    places = [replace(example.places[0], image=f"1.{n}") for n in range(3)]
    model = places_model(threshold)
    [slot] = model.dense_slots
    [said] = model.predict_places(squares, [places])

    maps = [explain(model, Looked(one, some(3, 512), 0), slot, said["where"]) for one in squares]

    at = surest(said["where"])
    best = said["where"]["hits"][0]
    assert at == (best["image"], 1)
    assert np.argmax([one.max() for one in maps]) == int(best["image"][2:])
    assert max(one.max() for one in maps) == pytest.approx(
        best["score"] / max(best["score"], threshold), abs=1e-3
    )
    assert surest({"kind": "boxes", "value": [], "hits": []}) is None


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("shape", [(300, 200), (120, 400), (40, 30)])
def test_a_map_lies_over_the_image_where_its_square_came_from(
    shape: tuple[int, int], mirror: bool
) -> None:
    rows, columns = shape
    pixels = np.zeros(shape, np.uint16)
    pixels[rows // 10 : rows // 5, columns // 2 + columns // 5 : columns - columns // 10] = 4000
    square = prepare(pixels, mirror=mirror, size=128)

    png = over_image((square / 255).astype(np.float32), 128, rows, columns, mirror=mirror)

    found = np.asarray(Image.open(BytesIO(png)), np.float64)
    assert max(found.shape) <= 96
    assert found.shape[0] / found.shape[1] == pytest.approx(rows / columns, rel=0.1)
    bright = np.argwhere(found > 128)
    middle = (bright.mean(0) + 0.5) / found.shape
    true = (np.argwhere(pixels > 2000).mean(0) + 0.5) / shape
    assert middle == pytest.approx(true, abs=0.03)


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("crop", [Crop(150, 60, 80), Crop(-30, 90, 100), Crop(250, -20, 120)])
def test_a_map_of_a_crop_lies_where_the_crop_was_cut_and_nowhere_else(
    crop: Crop, mirror: bool
) -> None:
    rows, columns = 200, 320
    left, top = max(0, crop.left), max(0, crop.top)
    pixels = np.zeros((rows, columns), np.uint16)
    pixels[top + 10 : top + 30, left + 30 : left + 45] = 4000
    pixels[192:] = 4000  # beside the crops
    square = prepare(pixels, mirror=mirror, size=64, crop=crop)

    png = over_image((square / 255).astype(np.float32), 64, rows, columns, mirror=mirror, crop=crop)

    found = np.asarray(Image.open(BytesIO(png)), np.float64)
    scale = found.shape[1] / columns
    assert found.shape[0] / found.shape[1] == pytest.approx(rows / columns, rel=0.02)
    assert crop.side * scale >= 47
    within = np.zeros(found.shape, bool)
    ends = [np.clip(round(at * scale), 0, None) for at in (top, crop.top + crop.side)]
    sides = [np.clip(round(at * scale), 0, None) for at in (left, crop.left + crop.side)]
    within[ends[0] : ends[1] + 1, sides[0] : sides[1] + 1] = True
    assert found[~within].max() == 0
    middle = (np.argwhere(found > 128).mean(0) + 0.5) / scale
    assert middle == pytest.approx((top + 20, left + 37.5), abs=1.5)


def test_a_small_crop_makes_the_whole_no_larger_than_need_be() -> None:
    png = over_image(np.ones((3, 3), np.float32), 64, 3000, 2000, mirror=False, crop=Crop(0, 0, 60))

    picture = Image.open(BytesIO(png))
    assert max(picture.size) == 512
    assert len(png) < 3000
