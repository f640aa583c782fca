"""Items → maps → items: what a perfect network would say is read as what was marked, and fits the kind."""

from typing import Any

import numpy as np
import pytest
import torch
from scipy.spatial.distance import cdist
from scipy.special import logit

from annotation.kinds import KINDS, REGIONS
from annotation.kinds.regions import CaseImage
from training.engine.augment import augment
from training.engine.dense.targets import moves_of
from training.engine.images import prepare
from training.recipes import DENSE
from training.recipes.areas import surface_distance
from training.recipes.boxes import Boxes, generalized_iou
from training.recipes.place import Place, after, inverse, scaling, through

ROWS, COLUMNS, SIZE, STRIDE = 300, 400, 128, 4
CELLS = SIZE // STRIDE
SEGMENTS = [{"value": "effusion", "label": "Effusion"}, {"value": "bone", "label": "Bone"}]
RUNS = [n for row in range(50, 120) for n in (row * COLUMNS + 80, 100)]
VALUES: dict[str, list[dict[str, Any]]] = {
    "boxes": [{"box": [50, 60, 130, 110]}, {"box": [250, 200, 380, 290.5]}],
    "points": [{"at": [50, 60]}, {"at": [390, 12.25]}],
    "polygon": [{"points": [[60, 50], [220, 60], [200, 180], [80, 150]]}],
    "mask": [{"segment": "effusion", "rows": ROWS, "columns": COLUMNS, "runs": RUNS}],
}


def field_of(kind: str) -> dict[str, Any]:
    return {"key": "where", "kind": kind, "segments": SEGMENTS, "within": 10}


def items_of(kind: str) -> list[dict[str, Any]]:
    common = {"image": "1.2", "frame": 1, "attributes": {}}
    return [{"id": f"r{n}", **common, **shape} for n, shape in enumerate(VALUES[kind])]


def perfect(kind: str, maps: np.ndarray) -> np.ndarray:
    """The outputs of a network that has learned all of it."""
    if kind in ("polygon", "mask"):
        return np.asarray(logit(np.clip(maps, 0.001, 0.999)), dtype=np.float32)
    return np.concatenate([logit(np.clip(maps[:1], 0.001, 0.999)), maps[1:-1]]).astype(np.float32)


def said(kind: str, place: Place) -> dict[str, Any]:
    recipe, field = DENSE[kind], field_of(kind)
    to_cells = after(scaling(1 / STRIDE), place.to_square(SIZE))
    maps = recipe.drawn(field, items_of(kind), to_cells, (CELLS, CELLS))
    found = recipe.found(field, perfect(kind, maps))
    return recipe.decode(field, [found], [place], [to_cells], {})


@pytest.mark.parametrize("mirror", [False, True])
@pytest.mark.parametrize("kind", DENSE)
def test_what_was_drawn_is_read_again_in_pixels_of_the_image(kind: str, mirror: bool) -> None:
    place = Place("1.2", 1, ROWS, COLUMNS, mirror, pixel_mm=0.5)

    found = said(kind, place)

    figures = DENSE[kind].metrics([items_of(kind)], [found], ["p"], 0, field=field_of(kind))
    assert figures[DENSE[kind].MAIN_METRIC]["value"] > 0.9
    assert DENSE[kind].sound(field_of(kind), found)
    plain = [{k: v for k, v in item.items() if k != "score"} for item in found["value"]]
    assert len(plain) == len(VALUES[kind])
    images = {"1.2": CaseImage(1, ROWS, COLUMNS, "")}
    assert KINDS[kind].value_problem(field_of(kind), plain, True) is None
    assert REGIONS[kind].image_problem(field_of(kind), plain, images) is None


@pytest.mark.parametrize("kind", ["boxes", "points"])
def test_read_places_are_exact_to_a_part_of_a_cell(kind: str) -> None:
    found = said(kind, Place("1.2", 1, ROWS, COLUMNS))["value"]

    key = {"boxes": "box", "points": "at"}[kind]
    read = sorted(item[key] for item in found)
    assert np.allclose(read, sorted(item[key] for item in VALUES[kind]), atol=0.02)


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        ("boxes", [{"box": [100, 100, 130, 160]}, {"box": [130, 100, 160, 160]}]),
        ("boxes", [{"box": [100, 100, 140, 150]}, {"box": [20, 20, 280, 280]}]),
        ("points", [{"at": [100, 100]}, {"at": [140, 100]}]),
    ],
)
def test_neighbours_keep_their_places(kind: str, items: Any) -> None:
    """To a fifth of a cell."""
    place = Place("1.2", 1, ROWS, COLUMNS)
    recipe, to_cells = DENSE[kind], after(scaling(1 / STRIDE), place.to_square(SIZE))
    maps = recipe.drawn(field_of(kind), items, to_cells, (CELLS, CELLS))

    found = recipe.found(field_of(kind), perfect(kind, maps))

    hits = recipe.decode(field_of(kind), [found], [place], [to_cells], {})["hits"]
    key = {"boxes": "box", "points": "at"}[kind]
    read = [hit[key] for hit in hits[: len(items)]]
    assert np.allclose(sorted(read), sorted(item[key] for item in items), atol=2.5)


@pytest.mark.parametrize("stride", [4, 16])
def test_an_area_starts_at_its_share_of_a_picture_however_fine_the_maps(stride: int) -> None:
    place, cells = Place("1.2", 1, 200, 200), 384 // stride
    half = [{"points": [[0, 100], [200, 100], [200, 200], [0, 200]]}]
    to_cells = after(scaling(1 / stride), place.to_square(384))

    found = DENSE["polygon"].start(field_of("polygon"), [(half, to_cells)], (cells, cells))

    assert 1 / (1 + np.exp(-found)) == pytest.approx(0.5, abs=0.02)


def test_of_too_many_areas_the_surest_are_kept() -> None:
    faint, sure = (np.full((1, 16, 16), -8, np.float32) for _ in range(2))
    faint[0, :3, :3], sure[0, :10, :10] = 0.6, 8
    places = [Place("a", 1, 64, 64), Place("b", 1, 64, 64)]
    field = {"key": "o", "kind": "polygon", "maximum": 1}

    value = DENSE["polygon"].decode(field, [faint, sure], places, [scaling(0.25)] * 2, {})["value"]

    assert [(item["image"], item["id"]) for item in value] == [("b", "m1")]


def test_outlines_lie_so_many_mm_from_each_other_as_the_pixels_are_large() -> None:
    def square(margin: float) -> dict[str, Any]:
        low, high = 60 - margin, 160 + margin
        points = [[low, low], [high, low], [high, high], [low, high]]
        return {"image": "a", "frame": 1, "points": points}

    def away(**known: Any) -> dict[str, Any]:
        said = [{"kind": "polygon", "value": [square(6)], **known}]
        return DENSE["polygon"].metrics([[square(0)]], said, ["p"])

    assert away()["surface_pixels"]["value"] == pytest.approx(6, rel=0.05)
    assert away(mm={"a": 0.3})["surface_mm"]["value"] == pytest.approx(1.8, rel=0.05)
    assert "surface_mm" not in away()


def test_an_area_on_a_view_of_which_nothing_is_known_counts_neither_way() -> None:
    areas = [{"image": image, "frame": 1, **VALUES["polygon"][0]} for image in ("a", "b")]

    def dice(truth: list[Any], found: list[Any]) -> float | None:
        said = [{"kind": "polygon", "value": found}]
        value: float | None = DENSE["polygon"].metrics([truth], said, ["p"])["dice"]["value"]
        return value

    assert dice(areas[:1], areas) == 1
    assert dice(areas, areas[:1]) == pytest.approx(2 / 3)
    assert dice([], areas) == 0


def test_a_place_leads_to_where_the_square_has_the_pixel() -> None:
    pixels = np.zeros((ROWS, COLUMNS))
    pixels[200:212, 300:312] = 100

    for mirror in (False, True):
        square = prepare(pixels, mirror=mirror, size=SIZE)
        down, across = np.nonzero(square > 128)
        middle = through(Place("1", 1, ROWS, COLUMNS, mirror).to_square(SIZE), [306, 206])
        assert np.allclose(middle, [across.mean() + 0.5, down.mean() + 0.5], atol=0.6)


def test_a_place_follows_its_picture_through_augmentation() -> None:
    squares = torch.zeros(6, SIZE, SIZE, dtype=torch.uint8)
    squares[:, 40:48, 80:88] = 255

    pictures, grids = augment(squares, 96, torch.Generator().manual_seed(3), mirror=True)

    for picture, move in zip(pictures, moves_of(grids, SIZE, 96), strict=True):
        down, across = np.nonzero((picture > picture.max() / 2).numpy())
        middle = through(move, [84, 44])
        assert np.allclose(middle, [across.mean() + 0.5, down.mean() + 0.5], atol=0.7)


def test_a_map_and_its_inverse_undo_each_other() -> None:
    move = np.array([[0.8, -0.3, 5], [0.2, 1.1, -7]])

    assert np.allclose(after(inverse(move), move), [[1, 0, 0], [0, 1, 0]])


def test_a_perfect_output_costs_less_than_any_other() -> None:
    for kind, recipe in DENSE.items():
        to_cells = after(scaling(1 / STRIDE), Place("1.2", 1, ROWS, COLUMNS).to_square(SIZE))
        maps = recipe.drawn(field_of(kind), items_of(kind), to_cells, (CELLS, CELLS))
        outputs, targets = torch.from_numpy(perfect(kind, maps))[None], torch.from_numpy(maps)[None]
        noise = torch.randn(outputs.shape, generator=torch.Generator().manual_seed(0))
        assert recipe.loss(outputs, targets) < recipe.loss(outputs + noise, targets)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((1, 1, 2, 2), (1, 1, 2, 2), 1),
        ((1, 1, 2, 2), (2, 2, 2, 2), 1 / 7 - 2 / 9),
        ((1, 1, 2, 2), (1, 1, 4, 2), 1 / 2),
        ((0, 0, 2, 2), (10, 0, 2, 2), -8 / 12),
    ],
)
def test_overlap_goes_on_where_boxes_lie_apart(one: Any, other: Any, expected: float) -> None:
    """Middle, width and height."""

    def told(box: Any) -> torch.Tensor:
        x, y, width, height = map(float, box)
        return torch.tensor([x, y, np.log(width), np.log(height)]).view(1, 4, 1, 1)

    assert generalized_iou(told(one), told(other)).item() == pytest.approx(expected, abs=1e-6)


def test_a_shift_costs_a_thin_box_more_than_a_large_one() -> None:
    large, thin = (
        torch.tensor([0.0, 0.0, np.log(8), np.log(height)]).view(1, 4, 1, 1) for height in (8, 2)
    )
    shift = torch.tensor([0.0, 1.0, 0.0, 0.0]).view(1, 4, 1, 1)
    recipe = Boxes()

    assert recipe.missed(thin + shift, thin) > recipe.missed(large + shift, large)


def test_the_distance_of_two_outlines_is_the_mean_of_each_pixel_to_the_nearest() -> None:
    rng = np.random.default_rng(0)
    one, other = np.zeros((40, 50), bool), np.zeros((40, 50), bool)
    one[5:20, 8:30], other[9:28, 6:25] = True, True
    one[18:24, 20:40] |= rng.uniform(size=(6, 20)) > 0.5

    def edge(area: np.ndarray) -> np.ndarray:
        inner = area.copy()
        for step, axis in ((1, 0), (-1, 0), (1, 1), (-1, 1)):
            inner &= np.roll(area, step, axis)
        return np.argwhere(area & ~inner)

    away = cdist(edge(one), edge(other))
    expected = np.concatenate([away.min(1), away.min(0)]).mean()
    assert surface_distance(one, other) == pytest.approx(expected)
    assert surface_distance(one, one) == 0


@pytest.mark.parametrize("kind", DENSE)
def test_an_answer_that_is_no_list_of_items_stops_the_training(kind: str) -> None:
    with pytest.raises(ValueError, match="is no list of items"):
        DENSE[kind].target(field_of(kind), [{"state": "answered", "value": "left"}])


@pytest.mark.parametrize("mirror", [False, True])
def test_an_outline_ends_with_its_image(mirror: bool) -> None:
    """Of a network that marks the black beside a picture as well."""
    recipe, place = DENSE["polygon"], Place("1.2", 1, 200, 100, mirror)
    to_cells = after(scaling(1 / STRIDE), place.to_square(SIZE))
    beside, across = np.full((2, 1, CELLS, CELLS), -9.0, dtype=np.float32)
    beside[:, 4:20, 0:4] = 9
    across[:, 4:20, 2:16] = 9

    said = [
        recipe.decode(field_of("polygon"), [recipe.found({}, maps)], [place], [to_cells], {})[
            "value"
        ]
        for maps in (beside, across)
    ]

    assert said[0] == []
    [one] = said[1]
    [x, y] = np.array(one["points"]).T
    assert (x.min() == 0) != (x.max() == 100)
    assert np.ptp(x) > 10
    assert np.ptp(y) > 10


def test_a_segment_that_the_form_does_not_name_teaches_nothing() -> None:
    answers = [
        {"state": "answered", "value": [{"segment": name}]} for name in ("effusion", "tibia")
    ]

    assert DENSE["mask"].target(field_of("mask"), answers)[1].tolist() == [True, False]
