"""A run shared by several processes, as by several cards; here by gloo on the processor."""

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
