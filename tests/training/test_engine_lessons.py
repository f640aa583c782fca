"""What a step of a full run draws, and the two ways to keep it from learning its pictures by heart."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.engine_cases import KL
from tests.training.test_engine_full import EXAMPLES, SETTINGS, start, train, weights
from training.engine.augment import mixing_shares
from training.engine.batches import Images
from training.engine.labels import collect
from training.engine.lessons import Lessons
from training.engine.network import Network, loss_of, make_optimizer
from training.engine.stepping import Stepper
from training.engine.team import ALONE
from training.networks.depth import Branch, skip_branches
from training.networks.efficientnet_lite import EfficientNetLite0
from training.networks.resnet import resnet18
from training.networks.sparing import holding
from training.recipes.place import Place


def test_a_mixed_picture_answers_for_both_of_its_own() -> None:
    labels = collect([KL], EXAMPLES, {"train"})
    network = Network(start().network, labels, dropout=0.0).eval()
    network.train = lambda mode=True: network  # type: ignore[method-assign]
    make_optimizer(network, SETTINGS)
    x, chosen, shares = torch.rand(4, 3, 32, 32), np.arange(4), torch.tensor([1, 0.9, 0.5, 0.75])

    told = Stepper(network, labels, lambda *_: None).loss(
        x, torch.ones(4, dtype=torch.int64), chosen, [4], lambda _: None, shares=shares
    )

    laid = torch.stack([shares[n] * x[n] + (1 - shares[n]) * x[3 - n] for n in range(4)])
    with torch.inference_mode():
        said = network(laid, torch.ones(4, dtype=torch.int64))[0]
    each = [
        [float(loss_of(said[n : n + 1], labels, np.array([m]), [1])) for n in range(4)]
        for m in range(4)
    ]
    by_hand = sum(
        float(shares[n]) * each[n][n] + float(1 - shares[n]) * each[3 - n][n] for n in range(4)
    )
    assert told == pytest.approx(by_hand / 4, rel=1e-4)


@pytest.mark.parametrize(
    ("sagittal", "mirrored", "both"),
    [(False, True, True), (True, True, False), (False, False, False)],
)
def test_pictures_are_mirrored_but_for_sagittal_ones_and_where_the_form_says_no(
    sagittal: bool, mirrored: bool, both: bool
) -> None:
    """Pictures that are bright on their left."""
    count = 32
    place = Place("1.2", 1, 64, 64, sagittal=sagittal)
    examples = [replace(one, places=(place,)) for one in EXAMPLES[:count]]
    squares = np.zeros((count, 64, 64), np.uint8)
    squares[:, :, :32] = 200
    images = Images.single(squares, np.arange(count))
    settings = replace(SETTINGS, size=64, mirrored=mirrored)
    lessons = Lessons(collect([KL], EXAMPLES, {"train"}), [], examples, images, settings, ALONE)

    x = lessons.draw(np.arange(count), 0, 0, start().network).x

    left, right = x.chunk(2, dim=3)
    on_the_left = left.mean((1, 2, 3)) > right.mean((1, 2, 3))
    assert set(on_the_left.tolist()) == ({True, False} if both else {True})


@pytest.mark.parametrize(
    "told", [{}, {"turning": 20.0}, {"zooming": 0.4}, {"stretching": 0.4}, {"shifting": 0.15}]
)
def test_pictures_are_moved_as_far_as_the_form_says(told: dict[str, Any]) -> None:
    """Pictures of an upright bar."""
    squares = np.zeros((64, 96, 96), np.uint8)
    squares[:, 24:72, 40:56] = 200
    images = Images.single(squares, np.arange(64))
    still: dict[str, Any] = {"turning": 0.0, "zooming": 0.0, "shifting": 0.0}
    settings = replace(SETTINGS, size=96, small_share=0.0, **still | told)
    examples = [EXAMPLES[0]] * 64
    lessons = Lessons(collect([KL], EXAMPLES, {"train"}), [], examples, images, settings, ALONE)

    x = lessons.draw(np.zeros(64, np.int64), 0, 0, start().network).x[:, 0]

    bar = (x > x.amin() + (x.amax() - x.amin()) / 4).float()
    areas, high, wide = bar.sum((1, 2)), bar.amax(2).sum(1), bar.amax(1).sum(1)
    middles = (bar.sum(1) * torch.arange(96)).sum(1) / areas
    found = {
        "turning": float((wide * high / areas).max()) > 1.3,
        "zooming": float(areas.max() / areas.min()) > 1.6,
        "stretching": float(areas.max() / areas.min()) < 1.3 and float(wide.max()) > 18,
        "shifting": float(middles.max() - middles.min()) > 6,
    }
    if "turning" in told:
        found["stretching"] = False  # a turned bar is wider as well
    assert {name for name, moved in found.items() if moved} == set(told)


def test_most_of_a_mixed_picture_is_its_own() -> None:
    shares = mixing_shares(500, 0.4, torch.Generator().manual_seed(1))

    assert 0.5 <= float(shares.min()) < 0.6
    assert 0.9 < float(shares.max()) <= 1
    assert torch.equal(shares, mixing_shares(500, 0.4, torch.Generator().manual_seed(1)))


def test_deeper_branches_are_left_out_more_often_and_never_where_it_answers() -> None:
    network = EfficientNetLite0()
    skip_branches(network, 0.2)

    shares = [module.skipped for module in network.modules() if isinstance(module, Branch)]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] == 0.2
    branch = Branch()
    branch.skipped = 0.5
    x = torch.ones(400, 2, 3, 3)
    kept = branch.train()(x).flatten(1)
    assert set(kept.unique().tolist()) == {0.0, 2.0}
    assert bool((kept == kept[:, :1]).all())  # all of a picture's branch or nothing of it
    assert torch.equal(branch.eval()(x), x)


@pytest.mark.parametrize("make", [EfficientNetLite0, resnet18])
def test_a_pass_that_is_computed_again_leaves_out_the_same_branches(
    make: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    network = make().train()
    skip_branches(network, 0.8)
    images = torch.rand(6, 3, 64, 64)
    found = []
    for spared in (True, False):
        if not spared:
            module = type(network).__module__
            monkeypatch.setattr(f"{module}.activated", holding)
            monkeypatch.setattr(f"{module}.again", lambda part, x: part(x), raising=False)
        network.zero_grad()
        torch.manual_seed(3)
        network(images).square().mean().backward()
        found.append(next(network.parameters()).grad.clone())

    assert torch.allclose(found[0], found[1], rtol=1e-3, atol=1e-7)


def test_a_mixed_run_that_is_cancelled_goes_on_as_if_never_stopped(tmp_path: Path) -> None:
    settings = replace(SETTINGS, mixing=0.4, skipping=0.3)

    class CancelledError(Exception):
        pass

    def cancel(progress: dict[str, Any]) -> None:
        if (progress["epoch"], progress["step"]) == (2, 3):
            raise CancelledError

    unbroken = train(tmp_path / "unbroken", settings=settings)
    with pytest.raises(CancelledError):
        train(tmp_path / "broken", cancel, settings)
    broken = train(tmp_path / "broken", settings=settings)

    assert weights(broken) == pytest.approx(weights(unbroken), abs=1e-5)
