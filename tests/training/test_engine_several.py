"""A run shared by several processes, as by several cards; here by gloo on the processor."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.training.engine_cases import KL, images_of
from tests.training.test_engine_full import EXAMPLES, SETTINGS, start, weights
from training.engine.batches import Images
from training.engine.model import Model
from training.engine.several import train_on_cards

Told = dict[str, Any]


PART = """
import sys
import numpy as np, torch
from tests.training.engine_cases import KL
from tests.training.test_engine_full import EXAMPLES, SETTINGS, start
from training.engine.labels import collect
from training.engine.network import Network, make_optimizer
from training.engine.stepping import Stepper
from training.engine.team import Team
folder, rank, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
if size > 1:
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/met", rank=rank, world_size=size)
torch.manual_seed(0)
labels = collect([KL], EXAMPLES, {"train"})
network = Network(start().network, labels, dropout=0.0).eval()
network.train = lambda mode=True: network  # else batch norm would see a part only
make_optimizer(network, SETTINGS)
x, chosen, team = torch.rand(7, 3, 32, 32), np.arange(7), Team(rank, size)
own = team.part(chosen)
counts = torch.ones(len(own), dtype=torch.int64)
loss = Stepper(network, labels, lambda *_: None).loss(x[own], counts, own, [7], lambda _: None)
loss = team.add_up(network, loss)
np.savez(f"{folder}/{rank}-of-{size}.npz", loss=loss, gradient=torch.cat([p.grad.ravel() for p in network.parameters()]))
"""


class CancelledError(Exception):
    pass


def train(folder: Path, report: Callable[[Told], None], lr: float = 2e-3) -> Model:
    return train_on_cards(
        [KL],
        EXAMPLES,
        Images.single(images_of(EXAMPLES), np.arange(len(EXAMPLES))),
        replace(SETTINGS, lr=lr),
        folder=folder,
        report=report,
        encoder=start(),
        processes=2,
    )


def test_two_processes_train_one_model(tmp_path: Path) -> None:
    told: list[Told] = []

    model = train(tmp_path, told.append)

    # Every epoch's end compares both processes' weights; a third process would be told of by another number of steps.
    assert (told[-1]["epoch"], told[-1]["steps"]) == (3, 6)
    assert told[-1]["tune"].keys() == {"kl"}
    assert np.abs(weights(model)).sum() != pytest.approx(
        np.abs(start().network.get_parameter("head.conv.weight").detach().numpy()).sum()
    )
    assert "kl" in model.predict(images_of(EXAMPLES[:1]))[0]


def test_a_cancelled_run_ends_its_processes_and_goes_on_later(tmp_path: Path) -> None:
    def cancel(progress: Told) -> None:
        if progress["epoch"] == 2:
            raise CancelledError

    with pytest.raises(CancelledError):
        train(tmp_path, cancel)
    told: list[Told] = []
    train(tmp_path, told.append)

    assert told[0]["epoch"] >= 2


def test_what_stops_one_process_is_said_by_the_run(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="The loss became"):
        train(tmp_path, lambda _: None, lr=1e30)


def test_the_gradients_of_two_processes_add_up_to_those_of_one(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    team = [
        subprocess.Popen(
            [sys.executable, "-c", PART, str(tmp_path), str(rank), str(size)], env=environment
        )
        for rank, size in ((0, 1), (0, 2), (1, 2))
    ]
    assert [process.wait(120) for process in team] == [0, 0, 0]

    alone, *both = (np.load(tmp_path / f"{name}.npz") for name in ("0-of-1", "0-of-2", "1-of-2"))

    assert np.abs(alone["gradient"]).max() > 0
    for one in both:
        assert one["loss"] == pytest.approx(alone["loss"], rel=1e-5)
        assert np.allclose(one["gradient"], alone["gradient"], atol=1e-6)
