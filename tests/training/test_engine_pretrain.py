"""Pre-training without labels: what it makes, and how it stops."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.engine_cases import graded, grades, images_of
from training.engine.batches import Images
from training.engine.encoder import Encoder
from training.engine.pretrain import Pretraining, Progress, pretrain
from training.engine.pretrain_siamese import Siamese
from training.engine.pretrain_views import view
from training.networks import NETWORKS

SETTINGS = Pretraining(size=32, passes=2, batch=8, threads=1, report_seconds=0.0)
PICTURES = images_of(graded(grades(24)))


def start(network: str = "resnet18") -> Encoder:
    torch.manual_seed(1)
    return Encoder(NETWORKS[network](), network)


def learn(folder: Path, report: Any, images: Any = PICTURES) -> Encoder:
    rows = np.arange(len(images))
    return pretrain(Images.single(images, rows), start(), SETTINGS, folder=folder, report=report)


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Encoder, list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []
    return learn(tmp_path_factory.mktemp("run"), told.append), told


def test_it_learns_to_tell_that_two_views_show_one_image(
    unbroken: tuple[Encoder, list[dict[str, Any]]],
) -> None:
    encoder, told = unbroken

    assert encoder.name == "resnet18"
    assert encoder.sha256 != start().sha256
    assert [(one["step"], one["steps"]) for one in told] == [(n, 6) for n in range(1, 7)]
    assert [one["pass"] for one in told] == [1, 1, 1, 2, 2, 2]
    assert told[-1]["likeness"] > told[0]["likeness"]
    assert told[-1]["eta_seconds"] == 0
    assert encoder.embed(PICTURES[:2]).shape == (2, 512)


def test_a_stopped_run_goes_on_as_if_never_stopped(
    tmp_path: Path, unbroken: tuple[Encoder, list[dict[str, Any]]]
) -> None:
    class Stopped(Exception):
        pass

    def stop(info: dict[str, Any]) -> None:
        if info["step"] == 4:
            raise Stopped

    with pytest.raises(Stopped):
        learn(tmp_path, stop)
    told: list[dict[str, Any]] = []
    encoder = learn(tmp_path, told.append)

    assert told[0]["step"] == 5
    ours, theirs = (one.network.state_dict() for one in (encoder, unbroken[0]))
    for key, of in theirs.items():
        torch.testing.assert_close(ours[key], of, rtol=1e-4, atol=1e-5)


def test_a_loss_that_is_no_number_stops_it_before_the_weights_take_it_in(tmp_path: Path) -> None:
    broken = start()
    broken.network.get_parameter("conv1.weight").data[:] = torch.nan
    images = Images.single(PICTURES, np.arange(len(PICTURES)))

    with pytest.raises(ValueError, match="The loss became nan in step 1"):
        pretrain(images, broken, SETTINGS, folder=tmp_path, report=lambda _: None)


def test_embeddings_that_become_alike_stop_it(tmp_path: Path) -> None:
    run = Progress(SETTINGS, tmp_path, start(), lambda _: None, 80)
    run.resume(torch.nn.Identity(), torch.optim.SGD([torch.zeros(1)]))
    run.after_step(-0.1, 0.5)
    for _ in range(10):  # one bad batch is none yet
        run.after_step(-0.9, 0.001)
    with pytest.raises(ValueError, match="they collapsed"):
        run.after_step(-0.9, 0.001)


def test_the_spread_is_nothing_where_all_images_are_alike() -> None:
    network = Siamese(start().network).train()
    alike, other = torch.ones(8, 3, 32, 32), torch.randn(8, 3, 32, 32)

    with torch.no_grad():
        assert float(network(alike, alike)[1]) < 0.01
        assert float(network(other, other)[1]) > 0.05


def test_a_view_shows_a_part_of_its_image_and_the_seed_decides_which() -> None:
    images = torch.from_numpy(PICTURES[:4])

    one, again, other = (
        view(images, 24, torch.Generator().manual_seed(seed), mirror=False) for seed in (1, 1, 2)
    )

    assert one.shape == (4, 24, 24)
    assert (one >= 0).all()
    assert (one <= 255).all()
    assert torch.equal(one, again)
    assert not torch.equal(one, other)


def test_every_image_is_shown_once_a_pass_and_no_more_than_asked_for(tmp_path: Path) -> None:
    run = Progress(replace(SETTINGS, shown=40), tmp_path, start(), lambda _: None, 24)

    shown = np.concatenate([run.chosen(step) for step in range(run.each)])

    assert sorted(shown) == list(range(24))
    assert run.steps == 5


def test_it_goes_on_only_from_the_encoder_that_it_began_with(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        learn(tmp_path, _interrupt)
    images = Images.single(PICTURES, np.arange(len(PICTURES)))
    torch.manual_seed(2)
    other = Encoder(NETWORKS["resnet18"](), "resnet18")

    with pytest.raises(ValueError, match="other data or settings"):
        pretrain(images, other, SETTINGS, folder=tmp_path, report=lambda _: None)


def _interrupt(_: dict[str, Any]) -> None:
    raise KeyboardInterrupt
