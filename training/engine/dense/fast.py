"""The fast run's dense part: new heads on maps that were made before, in seconds. Encoder and pyramid stay as they are.

A head is linear in each cell; what it should say and how far off it is are its recipe's, as in the full run.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.engine.batches import Images
from training.engine.dense.heads import DenseHead
from training.engine.dense.judging import calibration_of
from training.engine.dense.labels import DenseLabels, collect_dense, marked_in
from training.engine.dense.seeing import Dense
from training.engine.dense.targets import Targets, dense_loss, draw_targets
from training.engine.examples import Example, Field, check_no_leak

STEPS, BATCH, PICTURES = 150, 16, 8
RATE, DECAY = 0.03, 1e-3
SAMPLE = 64  # pictures that give the features' mean and spread
STILL = np.array([[1, 0, 0], [0, 1, 0]], dtype=np.float64)  # nothing is moved: the maps are made
Tell = Callable[[int], None]  # steps of a slot's fit that are taken


class Scale(NamedTuple):
    mean: Tensor  # (features,)
    spread: Tensor


def fit_dense(
    fields: Sequence[Field],
    examples: Sequence[Example],
    maps: Images,
    before: Dense,
    size: int,
    *,
    seed: int,
    report: Callable[[dict[str, Any]], None] = lambda _: None,
) -> Dense | None:
    """Heads for every dense slot that can be learned, fitted on train and calibrated on tune; None where there is none.

    maps: what `before` makes of each picture, (features, H, W), in the order of the examples. Its own heads are where the
    new ones start. size: side of the squares that they were made from. report: as of fit_fast, after each step as well;
    what it raises stops the fit.
    """
    check_no_leak(examples)
    labels, heads = collect_dense(fields, examples, {"train"}, size, before.stride), {}
    for number, one in enumerate(labels):
        counted = {"done": number * STEPS, "of": len(labels) * STEPS}
        report({"slot": one.slot.name, **counted})

        def tell(step: int, counted: Mapping[str, int] = counted) -> None:
            report({"slot": None, "done": counted["done"] + step, "of": counted["of"]})

        heads[one.slot.name] = _head(one, examples, maps, before, size, seed, tell)
    return Dense(heads, before.pyramid) if heads else None


def _head(
    one: DenseLabels,
    examples: Sequence[Example],
    maps: Images,
    before: Dense,
    size: int,
    seed: int,
    tell: Tell,
) -> DenseHead:
    splits = np.array([example.split for example in examples])
    rows, tune = (np.flatnonzero(one.known & (splits == part)) for part in ("train", "tune"))
    head = _fit(one, examples, maps, before, rows, size, seed, tell)
    dense, seen = Dense({one.slot.name: head}, before.pyramid), []
    for n in range(len(tune)):
        seen.append(dense.said(one.slot, maps.take(tune[n : n + 1]).images.float()))
        tell(STEPS)
    of = [examples[n] for n in tune.tolist()]
    calibration = calibration_of(dense, one, seen, of, one.truth(tune, examples), size)
    return DenseHead(head.weight, head.bias, calibration)


def _fit(
    one: DenseLabels,
    examples: Sequence[Example],
    maps: Images,
    before: Dense,
    rows: NDArray[np.int64],
    size: int,
    seed: int,
    tell: Tell,
) -> DenseHead:
    generator, marked = torch.Generator().manual_seed(seed), marked_in([one])
    own = DenseLabels(one.slot, one.items, one.known, slice(0, len(one.start)), one.start)
    scale = _scale(maps, rows)
    layer = _layer(own, before, scale)
    optimizer = torch.optim.AdamW(layer.parameters(), lr=RATE, weight_decay=DECAY)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = RATE * (0.5 + 0.5 * math.cos(math.pi * step / STEPS))
        chosen = rows[torch.randint(len(rows), (BATCH,), generator=generator).numpy()]
        batch = maps.draw(chosen, PICTURES, generator, marked)
        moves = [STILL] * len(batch.images)
        targets: list[Targets] = draw_targets(
            [own], examples, chosen, batch, moves, size, square=size, stride=before.stride
        )
        features = (batch.images.float().movedim(1, -1) - scale.mean) / scale.spread
        loss = dense_loss(layer(features).movedim(-1, 1), targets)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        tell(step + 1)
    weight = layer.weight.detach() / scale.spread
    bias = layer.bias.detach() - weight @ scale.mean
    return DenseHead(weight.numpy(), bias.numpy(), {})


def _scale(maps: Images, rows: NDArray[np.int64]) -> Scale:
    """Of every feature over the cells of a few pictures; one that hardly moves here must not explode on the next."""
    generator = torch.Generator().manual_seed(0)
    some = maps.draw(rows[:SAMPLE], 1, generator).images.float()
    spread = some.std((0, 2, 3))
    return Scale(some.mean((0, 2, 3)), spread + 0.1 * spread.mean() + 1e-6)


def _layer(one: DenseLabels, before: Dense, scale: Scale) -> nn.Linear:
    """On scaled features; as the head before was, or else saying what can be said before anything is seen."""
    layer = nn.Linear(len(scale.mean), len(one.start))
    known = before.heads.get(one.slot.name)
    with torch.no_grad():
        if known is not None and known.weight.shape == layer.weight.shape:
            weight = torch.from_numpy(known.weight)
            layer.weight.copy_(weight * scale.spread)
            layer.bias.copy_(torch.from_numpy(known.bias) + weight @ scale.mean)
        else:
            layer.weight.zero_()
            layer.bias.copy_(torch.from_numpy(one.start))
    return layer
