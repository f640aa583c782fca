"""How the weights of a full run move: down the gradients, and the average after them."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.engine_cases import KL
from tests.training.test_engine_full import EXAMPLES, SETTINGS, start
from training.engine.labels import collect
from training.engine.network import Network, follow, make_optimizer
from training.engine.settings import Settings


def network() -> Network:
    return Network(start().network, collect([KL], EXAMPLES, {"train"}), dropout=0.0)


def test_new_heads_learn_at_three_times_the_rate_of_the_encoder_by_adamw() -> None:
    of = network()
    optimizer = make_optimizer(of, replace(SETTINGS, lr=1e-3, weight_decay=0.04))

    assert isinstance(optimizer, torch.optim.AdamW)
    peaks = {id(one): group["peak"] for group in optimizer.param_groups for one in group["params"]}
    assert len(peaks) == len(list(of.parameters()))
    assert {peaks[id(one)] for one in of.encoder.parameters()} == {1e-3}
    assert [peaks[id(one)] for one in of.heads.parameters()] == pytest.approx([3e-3, 3e-3])
    decays = {
        id(one): group["weight_decay"]
        for group in optimizer.param_groups
        for one in group["params"]
    }
    assert decays[id(of.heads.weight)] == 0.04


def test_the_average_follows_by_its_decay_and_faster_in_the_first_steps() -> None:
    of = network()
    average = copy.deepcopy(of).requires_grad_(False)
    before = average.heads.weight.detach().clone()
    with torch.no_grad():
        of.heads.weight.add_(1.0)

    for step, share in ((0, 0.9), (90, 0.09), (10**6, 0.005)):
        average.heads.weight.data.copy_(before)
        follow(average, of, 0.995, step)
        moved = (average.heads.weight.detach() - before).mean().item()
        assert moved == pytest.approx(share, rel=1e-3)


def test_the_rate_rises_to_its_peak_and_falls_along_a_cosine() -> None:
    at = np.linspace(0.15, 1, 50)
    rates = np.array([Settings().rate_at(progress) for progress in at])

    cosine = 0.5 * (1 + np.cos(np.pi * (at - 0.15) / 0.85))
    assert rates == pytest.approx(0.01 + 0.99 * cosine)
    assert [Settings().rate_at(progress) for progress in (0, 0.075, 0.15)] == pytest.approx(
        [0.04, 0.52, 1.0]
    )


def test_convolutions_lie_channels_last() -> None:
    kernels = [one for one in network().encoder.parameters() if one.ndim == 4 and one.shape[1] > 1]

    assert kernels
    assert all(one.is_contiguous(memory_format=torch.channels_last) for one in kernels)
