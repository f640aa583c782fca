import json
import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.training.engine_cases import KL, graded, grades, images_of
from training.engine.batches import Images
from training.engine.encoder import Encoder
from training.engine.full import Settings, train_full
from training.engine.labels import collect
from training.engine.model import Model
from training.engine.network import Network, make_optimizer
from training.engine.stepping import HALVED, Stepper
from training.networks.efficientnet_lite import EfficientNetLite0

EXAMPLES = (
    graded(grades(48, classes=3))
    + graded(grades(16, seed=1, classes=3), "tune", start=100)
    + graded(grades(8, seed=2, classes=3), "test", start=200)
)
SETTINGS = Settings(size=32, epochs=3, batch=8, accumulate=1, lr=2e-3, threads=1, report_seconds=0)


def start() -> Encoder:
    torch.manual_seed(0)
    return Encoder(EfficientNetLite0())


def train(folder: Path, report: Any = lambda _: None, settings: Settings = SETTINGS) -> Model:
    images = images_of(EXAMPLES)
    view = Images.single(images[::-1].copy(), np.arange(len(EXAMPLES))[::-1].copy())
    return train_full([KL], EXAMPLES, view, settings, folder=folder, report=report, encoder=start())


def weights(model: Model) -> np.ndarray:
    assert model.encoder is not None
    return model.encoder.network.get_parameter("head.conv.weight").detach().numpy()


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> tuple[Model, list[dict[str, Any]]]:
    told: list[dict[str, Any]] = []
    return train(tmp_path_factory.mktemp("unbroken"), told.append), told


def test_gradients_keep_one_place_in_memory_through_all_steps() -> None:
    network = Network(start().network, collect([KL], EXAMPLES, {"train"}), dropout=0.0)
    make_optimizer(network, SETTINGS)
    places = [p.grad.data_ptr() for p in network.parameters() if p.grad is not None]

    network(torch.zeros(2, 3, 32, 32), torch.ones(2))[0].sum().backward()

    assert places == [p.grad.data_ptr() for p in network.parameters() if p.grad is not None]
    assert len(places) == len(list(network.parameters()))


def test_progress_is_told(unbroken: tuple[Model, list[dict[str, Any]]]) -> None:
    told = unbroken[1]

    assert set(told[0]) == {
        "epoch",
        "epochs",
        "step",
        "steps",
        "loss",
        "tune",
        "seconds",
        "eta_seconds",
    }
    assert told[-1]["epoch"] == told[-1]["epochs"] == 3
    assert told[-1]["steps"] == 6
    assert told[-1]["tune"].keys() == {"kl"}
    # what follows the last epoch is named, and nobody knows how long it takes
    doing = list(dict.fromkeys(one["code"] for one in told if "doing" in one))
    assert doing[:2] == ["calibrating", "refitting"]
    assert all(one["eta_seconds"] is None for one in told if "doing" in one)
    assert told[-1]["eta_seconds"] is None
    json.dumps(told)


def test_the_run_makes_an_encoder_of_its_own(unbroken: tuple[Model, list[dict[str, Any]]]) -> None:
    model = unbroken[0]

    assert model.encoder_sha256 != start().sha256
    assert model.size == 32
    assert "kl" in model.predict(images_of(EXAMPLES[:1]))[0]


def test_a_cancelled_run_goes_on_as_if_never_stopped(
    tmp_path: Path, unbroken: tuple[Model, list[dict[str, Any]]]
) -> None:
    class CancelledError(Exception):
        pass

    def cancel(progress: dict[str, Any]) -> None:
        if (progress["epoch"], progress["step"]) == (2, 3):
            raise CancelledError

    with pytest.raises(CancelledError):
        train(tmp_path, cancel)
    told: list[dict[str, Any]] = []
    model = train(tmp_path, told.append)

    assert (told[0]["epoch"], told[0]["step"]) == (2, 4)
    assert weights(model) == pytest.approx(weights(unbroken[0]), abs=1e-5)


RUNNER = """
import dataclasses, json, sys
from pathlib import Path
from tests.training.test_engine_full import SETTINGS, train
def report(progress):
    print(json.dumps(progress), flush=True)
train(Path(sys.argv[1]), report, dataclasses.replace(SETTINGS, checkpoint_seconds=0))
"""


def test_a_killed_run_goes_on_from_its_checkpoint(
    tmp_path: Path, unbroken: tuple[Model, list[dict[str, Any]]]
) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", RUNNER, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    guard = threading.Timer(120, process.kill)
    guard.start()
    assert process.stdout is not None
    for line in process.stdout:
        progress = json.loads(line)
        if (progress["epoch"], progress["step"]) >= (2, 2):
            process.send_signal(signal.SIGKILL)
            break
    assert process.wait(30) == -signal.SIGKILL
    process.stdout.close()
    guard.cancel()

    told: list[dict[str, Any]] = []
    model = train(tmp_path, told.append)

    assert (told[0]["epoch"], told[0]["step"]) >= (2, 2)
    assert weights(model) == pytest.approx(weights(unbroken[0]), abs=1e-5)
    assert model.heads["kl"].calibration == pytest.approx(unbroken[0].heads["kl"].calibration)


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    one_epoch = replace(SETTINGS, epochs=1)
    train(tmp_path, settings=one_epoch)

    with pytest.raises(ValueError, match="other data or settings"):
        train(tmp_path, settings=replace(SETTINGS, seed=5))


def test_a_checkpoint_that_lacks_its_optimizer_ends_the_run_with_the_reason(tmp_path: Path) -> None:
    one_epoch = replace(SETTINGS, epochs=1)
    train(tmp_path, settings=one_epoch)
    path = tmp_path / "checkpoint.pt"
    kept = torch.load(path, weights_only=True)
    del kept["state"]["optimizer"]
    torch.save(kept, path)

    with pytest.raises(ValueError, match="lacks its optimizer: this run cannot go on"):
        train(tmp_path, settings=one_epoch)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Lower the learning rate"):
        train(tmp_path, settings=replace(SETTINGS, lr=1e30))


class Cramped(EfficientNetLite0):
    """Has memory for so many images at once."""

    room = 4

    def feature_map(self, x: torch.Tensor) -> torch.Tensor:
        if self.training and len(x) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        return super().feature_map(x)


@pytest.mark.parametrize(("parts", "room"), [(1, 4), (2, 2)])
def test_a_part_of_a_batch_that_the_memory_does_not_hold_is_halved_and_said_once(
    parts: int, room: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cramped, "room", room)
    told: list[dict[str, Any]] = []
    torch.manual_seed(0)
    images = Images.single(images_of(EXAMPLES), np.arange(len(EXAMPLES)))

    train_full(
        [KL],
        EXAMPLES,
        images,
        replace(SETTINGS, epochs=1, accumulate=parts),
        folder=tmp_path,
        report=told.append,
        encoder=Encoder(Cramped()),
    )

    notes = [(one["note"], one["code"]) for one in told if "note" in one]
    assert notes == [(HALVED, "batches_halved")]
    assert told[-1]["epoch"] == 1


def test_half_a_batch_that_does_not_fit_either_ends_the_run_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Cramped, "room", 3)
    images = Images.single(images_of(EXAMPLES), np.arange(len(EXAMPLES)))

    with pytest.raises(ValueError, match="Not even half of a part"):
        train_full(
            [KL],
            EXAMPLES,
            images,
            SETTINGS,
            folder=tmp_path,
            report=lambda _: None,
            encoder=Encoder(Cramped()),
        )


def test_halves_add_up_to_the_gradients_of_the_whole() -> None:
    labels = collect([KL], EXAMPLES, {"train"})
    network = Network(start().network, labels, dropout=0.0).eval()
    network.train = lambda mode=True: network  # type: ignore[method-assign]
    make_optimizer(network, SETTINGS)
    x, chosen = torch.rand(7, 3, 32, 32), np.arange(7)
    found = []
    for pieces in (1, 2, 99):
        stepper = Stepper(network, labels, lambda *_: None, pieces)
        loss = stepper.loss(x, torch.ones(7, dtype=torch.int64), chosen, [7], lambda _: None)
        gradient = network.heads.weight.grad
        assert gradient is not None
        found.append((loss, gradient.clone()))

    for loss, gradient in found[1:]:
        assert loss == pytest.approx(found[0][0], rel=1e-5)
        assert torch.allclose(gradient, found[0][1], atol=1e-6)


def test_one_answer_only_is_refused(tmp_path: Path) -> None:
    examples = graded([1] * 8)

    with pytest.raises(ValueError, match="two different answers"):
        train_full(
            [KL],
            examples,
            Images.single(images_of(examples), np.arange(8)),
            SETTINGS,
            folder=tmp_path,
            report=lambda _: None,
            encoder=start(),
        )


def test_small_sizes_come_first() -> None:
    settings = Settings(size=224, epochs=10, small_share=0.4)

    assert [settings.size_at(epoch) for epoch in (0, 3, 4, 9)] == [160, 160, 224, 224]
    assert settings.rate_at(0.15) == pytest.approx(1)
    assert settings.rate_at(1) == pytest.approx(0.01)
