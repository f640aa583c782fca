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

from training.engine.batches import Images
from training.engine.covariates import Covariates
from training.engine.dense.judging import calibrated, judge
from training.engine.dense.labels import DenseLabels, collect_dense
from training.engine.dense.seeing import Dense
from training.engine.device import best_device
from training.engine.encoder import Encoder
from training.engine.examples import Example, Field, check_no_leak
from training.engine.labels import Labels, Learned, collect, rows_of_split, same_mirrored
from training.engine.lessons import Lessons, order_of
from training.engine.model import Head, Model
from training.engine.network import (
    Network,
    follow,
    make_optimizer,
    predict_logits,
)
from training.engine.progress import Progress, Report
from training.engine.refit import refitted
from training.engine.settings import Settings
from training.engine.stepping import Stepper
from training.engine.team import ALONE, Team
from training.engine.threads import limit_threads
from training.networks.depth import skip_branches

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
    covariates = Covariates.fitted(settings.covariates, examples)
    every: list[Learned] = [*labels, *dense]
    train, tune = (rows_of_split(examples, split, every) for split in ("train", "tune"))
    device = best_device()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(settings.seed)  # attention, pyramid and heads begin by chance
        network = Network(
            encoder.network,
            labels,
            settings.dropout,
            several=settings.several,
            dense=dense,
            columns=covariates.columns([example.beside for example in examples]),
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
    skip_branches(network.encoder, settings.skipping)
    stepper = Stepper(network, labels, run.say, settings.accumulate)
    lessons = Lessons(labels, dense, examples, images, settings, team)
    both_ways = settings.both_ways and settings.mirrored and same_mirrored(labels, examples)

    for epoch in range(run.epoch, settings.epochs):
        if run.finished():
            break
        order, size = order_of(train, settings.seed, epoch), settings.size_at(epoch)
        for step in range(run.step, run.steps):
            chosen = order[step * settings.batch : (step + 1) * settings.batch]
            lesson = lessons.draw(chosen, epoch, step, network.encoder)
            loss = team.add_up(network, stepper.loss(*lesson[:4], run.check, *lesson[4:]))
            _move(network, optimizer, settings.rate_at(run.progress()))
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
    model = _model(fields, average, labels, trained, settings, logits, tune, placing, covariates)
    if team.leads:
        model.heads.update(refitted(model, labels, examples, images, run.tick))
    return model


def _move(network: Network, optimizer: torch.optim.Optimizer, rate: float) -> None:
    """Down the gradients, at that share of the peak rates."""
    for group in optimizer.param_groups:
        group["lr"] = group["peak"] * rate
    nn.utils.clip_grad_norm_(network.parameters(), 5.0)
    optimizer.step()


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
    covariates: Covariates,
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
        covariates=covariates,
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
    if settings.covariates:
        content += [dict(example.beside) for example in examples]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
