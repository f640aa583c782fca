"""When a full run has learned what it can."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from training.engine.progress import Progress
from training.engine.settings import Settings

TOLD = Settings(epochs=20, patience=2, small_share=0.0)


def after(
    scores: list[float | None], folder: Path, settings: Settings = TOLD, tuned: int = 10_000
) -> Progress:
    run = Progress(settings, folder, "known", lambda _: None, cases=32, tuned=tuned)
    network = nn.Linear(1, 1)
    run.resume(network, network, torch.optim.SGD(network.parameters(), lr=0.1))
    for number, score in enumerate(scores):
        assert not run.finished()
        with torch.no_grad():
            network.bias.fill_(number)
        run.after_epoch({"kl": {"qwk": score}}, network)
    return run


def kept(run: Progress) -> float:
    assert run.best is not None
    return float(run.best["bias"])


def test_it_ends_when_no_epoch_was_better_for_long_enough(tmp_path: Path) -> None:
    run = after([0.5, 0.6, 0.55, 0.59], tmp_path)

    assert run.finished()
    assert kept(run) == 1


def test_equal_epochs_go_on_and_the_last_is_kept(tmp_path: Path) -> None:
    """Many a run says nothing but chance for some epochs before it learns."""
    run = after([0.0, 0.0, 0.0, 0.0, 0.4], tmp_path)

    assert not run.finished()
    assert kept(run) == 4
    assert kept(after([0.5, 0.5], tmp_path / "equal")) == 1


def test_an_epoch_that_is_worse_by_no_more_than_chance_is_kept_for_it_is_better_trained(
    tmp_path: Path,
) -> None:
    scores: list[float | None] = [0.5, 0.6, 0.57]

    few, many = (after(scores, tmp_path / str(n), tuned=n) for n in (100, 10_000))

    assert (kept(few), kept(many)) == (2, 1)
    assert few.best_epoch == many.best_epoch == 1


def test_small_steps_down_do_not_add_up(tmp_path: Path) -> None:
    settings = replace(TOLD, patience=9)

    run = after([0.6, 0.57, 0.54, 0.51], tmp_path, settings, tuned=100)

    assert kept(run) == 1


def test_without_a_figure_it_goes_on_to_the_last_epoch(tmp_path: Path) -> None:
    run = after([None, None, None, None], tmp_path)

    assert not run.finished()
    assert kept(run) == 3


def test_an_epoch_at_the_small_size_is_never_kept(tmp_path: Path) -> None:
    settings: Any = replace(TOLD, small_share=0.15)
    run = after([0.9, 0.9, 0.9, 0.4], tmp_path, settings)

    assert kept(run) == 3
