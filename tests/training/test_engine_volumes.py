"""Volumes by themselves: their grid, their network, and a full run that learns from nothing."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.factories.volumes import SIDE, SLICES, TEAR, draw_volume
from tests.training.engine_cases import answered
from training.engine.augment import augment
from training.engine.batches import Images
from training.engine.encoder import Encoder, to_input
from training.engine.evaluate import evaluate
from training.engine.examples import Example
from training.engine.fast import fit_fast
from training.engine.full import Settings, train_full
from training.engine.model import Model
from training.engine.settings import OF_VOLUMES
from training.engine.volumes import Grid, laid_over, resampled
from training.networks import VOLUMES

SAME = Grid((4.0, 2.0, 2.0), (6, 16, 16))


def planes(block: NDArray[Any]) -> Any:
    return iter(block)


def test_a_stack_on_its_own_grid_is_itself_between_its_percentiles() -> None:
    block = np.arange(6 * 16 * 16, dtype=np.float32).reshape(6, 16, 16)

    found = resampled(planes(block), (6, 16, 16), (4.0, 2.0, 2.0), SAME, None)

    low, high = np.percentile(block, [0.5, 99.5])
    assert found.shape == SAME.shape
    assert np.abs(found - np.clip((block - low) * 255 / (high - low), 0, 255)).max() <= 1


def test_what_shrinks_is_averaged_and_not_picked() -> None:
    fine = np.indices((32, 64, 64)).sum(0) % 2 * 1000.0  # black and white in turn along each axis
    fine[:, :, :20], fine[:, :, 44:] = 0, 1000

    found = resampled(planes(fine), fine.shape, (1.0, 1.0, 1.0), Grid((4, 4, 4), (8, 16, 16)), None)

    assert np.abs(found[2:6, 4:12, 6:10].astype(int) - 127).max() < 12
    assert found[4, 8, 1] == 0
    assert found[4, 8, 14] == 255


def test_the_grid_lies_about_the_middle_and_is_black_beyond_the_stack() -> None:
    block = np.full((4, 8, 8), 100.0)
    block[:, :, 4:] = 200
    grid = Grid((4.0, 2.0, 2.0), (8, 16, 16))

    found = resampled(planes(block), block.shape, (4.0, 2.0, 2.0), grid, None)

    assert found[2:6, 4:12, 8:12].min() == 255
    bright = np.argwhere(found > 128)
    assert bright.min(0).tolist() == [2, 4, 8]
    assert bright.max(0).tolist() == [5, 11, 11]


@pytest.mark.parametrize("axis", [0, 2])
def test_it_is_turned_round_along_the_axis_that_is_named(axis: int) -> None:
    block = np.random.default_rng(0).uniform(0, 100, (6, 16, 16))

    asis, turned = (
        resampled(planes(block), block.shape, (4.0, 2.0, 2.0), SAME, flip) for flip in (None, axis)
    )

    assert (turned == np.flip(asis, axis)).all()


@pytest.mark.parametrize("flip", [None, 0, 2])
@pytest.mark.parametrize(
    ("grid", "cells"),
    [
        (Grid((4.0, 2.0, 2.0), (10, 40, 40)), 1),
        (Grid((2.0, 1.0, 1.0), (16, 64, 64)), 4),  # smaller than the stack
        (Grid((3.0, 4.0, 2.5), (20, 24, 40)), 2),  # larger
    ],
)
def test_what_is_found_in_a_block_lies_where_it_does_in_its_stack(
    grid: Grid, cells: int, flip: int | None
) -> None:
    """cells: of the block that are one of the map."""
    shape, spacing = (14, 60, 48), (3.3, 1.5, 1.5)
    block = np.zeros(shape)
    block[8:11, 20:29, 30:38] = 100
    seen = resampled(planes(block), shape, spacing, grid, flip).astype(np.float32) / 255
    sizes = [(side // cells, cells) for side in grid.shape]
    small = seen.reshape([of for pair in sizes for of in pair]).mean((1, 3, 5))

    lies = ((cells, (cells - 1) / 2),) * 3
    laid = laid_over(small, lies, (shape, spacing), grid, flip, most=30)

    assert laid.shape == (14, 30, 24)
    middle = (np.argwhere(laid > laid.max() / 2) + 0.5).mean(0) / laid.shape
    assert middle == pytest.approx((9.5 / 14, 24.5 / 60, 34 / 48), abs=0.035)


def test_where_the_grid_does_not_reach_there_is_no_map() -> None:
    grid = Grid((4.0, 2.0, 2.0), (4, 8, 8))

    lies = ((2, 0.5), (4, 1.5), (4, 1.5))
    stack = ((8, 16, 16), (4.0, 2.0, 2.0))
    laid = laid_over(np.ones((2, 2, 2), np.float32), lies, stack, grid, None, most=96)

    there = np.argwhere(laid > 0)
    assert (there.min(0).tolist(), there.max(0).tolist()) == ([2, 4, 4], [5, 11, 11])
    assert set(laid[2:6, 4:12, 4:12].ravel().tolist()) == {1.0}


def test_a_plane_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="Slice 1 has the shape"):
        resampled(planes(np.zeros((6, 8, 8))), (6, 16, 16), (4.0, 2.0, 2.0), SAME, None)


def test_voxels_are_halved_in_the_plane_until_they_are_as_wide_as_deep() -> None:
    spacings = [(1.0, 1.0, 1.0), (0.5, 1.0, 1.0), (2.2, 1, 1), (3.3, 0.8, 0.8), (30.0, 1.0, 1.0)]

    assert [Grid(spacing, (8, 8, 8)).flat for spacing in spacings] == [0, 0, 1, 2, 3]


@pytest.mark.parametrize("name", VOLUMES)
def test_a_network_is_small_and_its_embedding_is_the_mean_of_its_map(name: str) -> None:
    network = VOLUMES[name]().eval()
    volumes = torch.randn(2, 1, 12, 48, 40)
    with torch.inference_mode():
        features, pooled = network.feature_map(volumes), network(volumes)

    assert sum(parameter.numel() for parameter in network.parameters()) < 1_000_000
    assert pooled.shape == (2, network.width)
    assert features.shape[-2:] == (3, 3)
    torch.testing.assert_close(pooled, features.mean((2, 3, 4)))


def test_flat_steps_do_not_mix_slices() -> None:
    network = VOLUMES["volume2"]().eval()
    volumes = torch.randn(1, 1, 8, 32, 32)
    with torch.inference_mode():
        before = [of.clone() for of in network.feature_maps(volumes)]
        # turned upside down and not made brighter: group norms look at a whole volume
        volumes[:, :, 4] = volumes[:, :, 4].flip(-1)
        after = network.feature_maps(volumes)

    changed = [(new - old).abs().amax((0, 1, 3, 4)) for old, new in zip(before, after, strict=True)]
    assert [of.shape[2] for of in before] == [8, 8, 4, 2]
    for stage in changed[:2]:
        assert stage[4] > 0.1
        assert stage[[0, 1, 2, 3, 5, 6, 7]].max() < 0.1 * stage[4]


def test_volumes_are_moved_a_little_by_their_generator_alone() -> None:
    block = torch.from_numpy(np.stack([draw_volume(True, seed) for seed in range(3)]))

    first, again = (
        augment(block, 24, torch.Generator().manual_seed(5), mirror=True)[0] for _ in range(2)
    )

    assert torch.equal(first, again)
    assert first.shape == block.shape
    assert 0 <= first.min() < first.max() <= 255
    assert not torch.allclose(first[0], first[1])


def cases(answers: list[bool], split: str, start: int = 0) -> list[Example]:
    values = ["present" if one else "absent" for one in answers]
    return [
        Example(f"case-{n}", f"patient-{n}", split, {"tear": answered(value)}, "")
        for n, value in enumerate(values, start)
    ]


def trained(folder: Path, torn: list[bool], told: list[bool], train: int, tune: int) -> Model:
    """`told`: what is answered of the cases, the first of which are to learn from."""
    volumes = np.stack([draw_volume(one, seed) for seed, one in enumerate(torn)])
    examples = cases(told[:train], "train") + cases(told[train : train + tune], "tune", train)
    usual: dict[str, Any] = {**OF_VOLUMES, "epochs": 10, "lr": 3e-3}
    torch.manual_seed(0)
    return train_full(
        [TEAR],
        examples,
        Images.single(volumes[: train + tune], np.arange(train + tune)),
        Settings(**{**usual, "size": 24, "images": "volume", "threads": 1}),
        folder=folder,
        report=lambda _: None,
        encoder=Encoder(VOLUMES["volume1"](), "volume1"),
    )


def test_a_full_run_learns_from_nothing_and_not_from_shuffled_answers(tmp_path: Path) -> None:
    torn = [n % 2 == 0 for n in range(100)]
    shuffled = [n // 2 % 2 == 0 for n in range(100)]  # of the torn ones half are called so
    held = np.stack([draw_volume(one, 500 + seed) for seed, one in enumerate(torn[:40])])

    aucs = {}
    for name, told in (("true", torn), ("shuffled", shuffled)):
        model = trained(tmp_path / name, torn, told, 60, 40)
        again = Model.load(*model.save(tmp_path))
        assert again.predict(held[:3]) == model.predict(held)[:3]
        found = evaluate([TEAR], cases(torn[:40], "test", 900), model.predict(held))
        aucs[name] = found["tear"]["auc"]["value"]

    assert aucs["true"] > 0.85
    assert 0.2 < aucs["shuffled"] < 0.8


def test_a_fast_run_fits_heads_on_what_the_network_of_volumes_sees() -> None:
    torn = [n % 2 == 0 for n in range(24)]
    encoder = Encoder(VOLUMES["volume1"](), "volume1")
    volumes = np.stack([draw_volume(one, seed) for seed, one in enumerate(torn)])

    model = fit_fast(
        [TEAR],
        cases(torn, "train"),
        encoder.embed(volumes),
        encoder=encoder,
        seed=0,
        report=lambda _: None,
        size=24,
    )

    assert model.predict(volumes) == model.predict_embeddings(encoder.embed(volumes))
    x = to_input(torch.from_numpy(volumes), encoder.network)
    assert x.shape == (24, 1, SLICES, SIDE, SIDE)
