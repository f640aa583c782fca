"""The full run: fine-tune the encoder and every head together, resumable at any moment.

Everything random in a step comes from that step's own seed, so a run that was killed goes on exactly as if it had not been.
"""

import copy
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.engine.augment import augment, erase
from training.engine.batches import Images
from training.engine.dense.judging import calibrated, judge
from training.engine.dense.labels import DenseLabels, collect_dense, marked_in
from training.engine.dense.seeing import Dense
from training.engine.dense.targets import draw_targets, moves_of
from training.engine.device import best_device
from training.engine.encoder import Encoder, to_input
from training.engine.examples import Example, Field, check_no_leak
from training.engine.labels import Labels, Learned, collect, may_mirror, rows_of_split
from training.engine.model import Head, Model
from training.engine.network import (
    Network,
    follow,
    known_in,
    make_optimizer,
    predict_logits,
)
from training.engine.progress import Progress, Report
from training.engine.settings import Settings
from training.engine.stepping import Stepper
from training.engine.team import ALONE, Team
from training.engine.threads import limit_threads

__all__ = ["Settings", "train_full"]


def train_full(
    fields: Sequence[Field],
    examples: Sequence[Example],
    images: Images,
    settings: Settings,
    *,
    folder: Path,
    report: Report,
    encoder: Encoder | None = None,
    team: Team = ALONE,
) -> Model:
    """Train on the split train, stop and calibrate on tune; test is never touched.

    images: prepared images (any, size, size), usually memory-mapped, and the rows of each example in them. `folder` keeps the
    checkpoint: called again with it, the run goes on. `encoder` is where it starts, ImageNet's if none is given. `team`:
    the processes that share the run. An exception from `report` passes through after a checkpoint. ValueError if there is nothing to learn, the folder belongs
    to another run, the loss is no longer a number, or not even half a batch fits into the memory.
    """
    limit_threads(settings.threads)
    check_no_leak(examples)
    encoder = encoder or Encoder.imagenet(folder)
    encoder = encoder.in_halves() if settings.halves else encoder
    dense = collect_dense(fields, examples, {"train"}, settings.size)
    labels = collect(fields, examples, {"train"}, alone=not dense)
    every: list[Learned] = [*labels, *dense]
    marked = marked_in(dense)
    train, tune = (rows_of_split(examples, split, every) for split in ("train", "tune"))
    device = best_device()
    network = Network(
        encoder.network, labels, settings.dropout, several=settings.several, dense=dense
    ).to(device)
    average = copy.deepcopy(network).eval().requires_grad_(False)
    optimizer = make_optimizer(network, settings)
    run = Progress(
        settings,
        folder,
        _fingerprint(examples, labels, dense, settings, encoder),
        report,
        len(train),
        keeps=team.leads,
    )
    run.resume(network, average, optimizer)
    stepper = Stepper(network, labels, run.say, settings.accumulate)
    both_ways = settings.both_ways and may_mirror(labels)
    # of halves a mirrored picture changes the sides
    mirror = may_mirror(every) and (both_ways or not settings.halves)

    for epoch in range(run.epoch, settings.epochs):
        if run.finished():
            break
        order, size = _order(train, settings.seed, epoch), settings.size_at(epoch)
        for step in range(run.step, run.steps):
            generator = _seed(settings.seed, epoch, step, team.rank)
            chosen = order[step * settings.batch : (step + 1) * settings.batch]
            known, own = known_in(labels, chosen), team.part(chosen)
            batch = images.draw(own, settings.pictures, generator, marked)
            x, places = augment(batch.images.to(device), size, generator, mirror=mirror)
            if settings.erasing:
                x = erase(x, settings.erasing, generator)
            moves = moves_of(places, settings.size, size)
            targets = draw_targets(dense, examples, own, batch, moves, size, square=settings.size)
            loss = stepper.loss(
                to_input(x, encoder.network),
                batch.counts,
                own,
                known,
                run.check,
                [one._replace(share=team.total(one.share)) for one in targets],
            )
            loss = team.add_up(network, loss)
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * settings.rate_at(run.progress())
            nn.utils.clip_grad_norm_(network.parameters(), 5.0)
            optimizer.step()
            follow(average, network, settings.ema, run.taken())
            run.after_step(loss)
        logits = predict_logits(average, images, tune, size, both_ways=both_ways)
        run.check_answers(logits)
        placed = judge(average, dense, images, examples, tune, size)
        team.check(network)
        run.after_epoch(team.leaders({**_scores(labels, logits, tune), **placed}), average)

    average.load_state_dict(run.best_state(average))
    logits = predict_logits(average, images, tune, settings.size, both_ways=both_ways)
    placing = calibrated(average, dense, images, examples, tune)
    average.cpu()
    trained = Encoder(average.encoder, encoder.name, both_ways=both_ways)
    return _model(fields, average, labels, trained, settings, logits, tune, placing)


def _order(train: NDArray[np.int64], seed: int, epoch: int) -> NDArray[np.int64]:
    return np.random.default_rng([seed, epoch]).permutation(train)


def _seed(seed: int, epoch: int, step: int, rank: int) -> torch.Generator:
    of = [seed, epoch, step, rank] if rank else [seed, epoch, step]
    drawn = int(np.random.default_rng(of).integers(2**62))
    torch.manual_seed(drawn)  # dropout
    return torch.Generator().manual_seed(drawn)


def _scores(
    labels: Sequence[Labels], logits: NDArray[np.float64], tune: NDArray[np.int64]
) -> dict[str, dict[str, float | None]]:
    """Each slot's main metric on the split tune."""
    found = {}
    for one in labels:
        known, recipe = one.known[tune], one.slot.recipe
        score = recipe.score(
            one.slot.field, logits[known][:, one.outputs], one.targets[tune][known]
        )
        found[one.slot.name] = {recipe.MAIN_METRIC: score}
    return found


def _model(
    fields: Sequence[Field],
    network: Network,
    labels: Sequence[Labels],
    encoder: Encoder,
    settings: Settings,
    logits: NDArray[np.float64],
    tune: NDArray[np.int64],
    dense: Dense | None,
) -> Model:
    weight, bias = network.heads.weight.detach().numpy(), network.heads.bias.detach().numpy()
    heads = {}
    for one in labels:
        known, part = one.known[tune], one.outputs
        calibration = one.slot.recipe.calibrate(
            one.slot.field, logits[known][:, part], one.targets[tune][known]
        )
        heads[one.slot.name] = Head(weight[part].copy(), bias[part].copy(), calibration)
    return Model(
        fields,
        heads,
        encoder=encoder,
        size=settings.size,
        pooling=network.pooling(labels),
        dense=dense,
    )


def _fingerprint(
    examples: Sequence[Example],
    labels: Sequence[Labels],
    dense: Sequence[DenseLabels],
    settings: Settings,
    encoder: Encoder,
) -> str:
    """What must be the same for a checkpoint to be gone on from. Threads and pace may change."""
    pace = ("threads", "report_seconds", "checkpoint_seconds")
    told = {key: value for key, value in asdict(settings).items() if key not in pace}
    content: list[Any] = [told, encoder.sha256, [(e.key, e.split) for e in examples]]
    content += [(one.slot.name, one.targets.tolist(), one.known.tolist()) for one in labels]
    content += [(one.slot.name, one.items) for one in dense]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
