"""The full run: fine-tune the encoder and every head together, resumable at any moment.

Everything random in a step comes from that step's own seed, so a run that was killed goes on exactly as if it had not been.
"""

import copy
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
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
from training.engine.refit import refitted, weighing
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
    of = _Learned.of(fields, examples, images, settings, encoder or Encoder.imagenet(folder))
    training = _Training(of, folder, report, team)
    while training.run.epoch < settings.epochs and not training.run.finished():
        training.epoch()
    return training.model()


@dataclass(frozen=True)
class _Learned:
    """What is learned, of which examples, from where."""

    fields: Sequence[Field]
    examples: Sequence[Example]
    images: Images
    settings: Settings
    encoder: Encoder
    labels: Sequence[Labels]
    dense: Sequence[DenseLabels]
    covariates: Covariates

    @classmethod
    def of(
        cls,
        fields: Sequence[Field],
        examples: Sequence[Example],
        images: Images,
        settings: Settings,
        encoder: Encoder,
    ) -> "_Learned":
        """ValueError where there is nothing to learn."""
        encoder = encoder.in_halves() if settings.halves else encoder
        dense = collect_dense(fields, examples, {"train"}, settings.size)
        labels = collect(fields, examples, {"train"}, alone=not dense)
        covariates = Covariates.fitted(settings.covariates, examples)
        return cls(fields, examples, images, settings, encoder, labels, dense, covariates)

    def rows(self, split: str) -> NDArray[np.int64]:
        return rows_of_split(self.examples, split, [*self.labels, *self.dense])

    @property
    def both_ways(self) -> bool:
        settings = self.settings
        learned: list[Learned] = [*self.labels, *self.dense]
        return settings.both_ways and settings.mirrored and same_mirrored(learned, self.examples)

    def network(self) -> Network:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.settings.seed)  # attention, pyramid and heads begin by chance
            return Network(
                self.encoder.network,
                self.labels,
                self.settings.dropout,
                several=self.settings.several,
                dense=self.dense,
                columns=self.covariates.columns([example.beside for example in self.examples]),
            )

    def logits(self, network: Network, size: int, tick: Callable[[], None]) -> NDArray[np.float64]:
        """Of the split tune."""
        tune = self.rows("tune")
        return predict_logits(network, self.images, tune, size, tick, both_ways=self.both_ways)


class _Training:
    """A run under way: the network and its average, moved step by step from where its checkpoint stands."""

    def __init__(self, of: _Learned, folder: Path, report: Report, team: Team) -> None:
        self.of, self.settings, self.team, self.train = of, of.settings, team, of.rows("train")
        self.network = of.network().to(best_device())
        self.average = copy.deepcopy(self.network).eval().requires_grad_(False)
        self.optimizer = make_optimizer(self.network, of.settings)
        known, cases, tuned = _fingerprint(of), len(self.train), len(of.rows("tune"))
        self.run = Progress(
            of.settings, folder, known, report, cases, tuned=tuned, keeps=team.leads
        )
        self.run.resume(self.network, self.average, self.optimizer)
        skip_branches(self.network.encoder, of.settings.skipping)
        self.stepper = Stepper(self.network, of.labels, self.run.say, of.settings.accumulate)
        self.lessons = Lessons(of.labels, of.dense, of.examples, of.images, of.settings, team)

    def epoch(self) -> None:
        """From where the run stands to the epoch's end."""
        run, batch = self.run, self.settings.batch
        order = order_of(self.train, self.settings.seed, run.epoch)
        for step in range(run.step, run.steps):
            self._step(order[step * batch : (step + 1) * batch], step)
        scores = self._judged()
        self.team.check(self.network)
        run.after_epoch(self.team.leaders(scores), self.average)

    def _step(self, chosen: NDArray[np.int64], step: int) -> None:
        run, settings, network = self.run, self.settings, self.network
        lesson = self.lessons.draw(chosen, run.epoch, step, network.encoder)
        loss = self.stepper.loss(*lesson[:4], run.check, *lesson[4:])
        loss = self.team.add_up(network, loss)
        _move(network, self.optimizer, settings.rate_at(run.progress()))
        follow(self.average, network, settings.ema, run.taken())
        run.after_step(loss)

    def _judged(self) -> dict[str, Any]:
        """Each slot's figures on the split tune."""
        of, tune, size = self.of, self.of.rows("tune"), self.settings.size_at(self.run.epoch)
        logits = of.logits(self.average, size, self.run.tick)
        self.run.check_answers(logits)
        placed = judge(self.average, of.dense, of.images, of.examples, tune, size, self.run.tick)
        return {**_scores(of.labels, logits, tune), **placed}

    def model(self) -> Model:
        """The best average, calibrated on the split tune; it goes to the processor."""
        of, average, run, tune = self.of, self.average, self.run, self.of.rows("tune")
        run.now("Calibrating the answers", "calibrating")
        average.load_state_dict(run.best_state(average))
        logits = of.logits(average, self.settings.size, run.tick)
        placing = calibrated(average, of.dense, of.images, of.examples, tune, run.tick)
        average.cpu()
        model = Model(
            of.fields,
            _heads(average, of.labels, logits, tune),
            encoder=Encoder(average.encoder, of.encoder.name, both_ways=of.both_ways),
            size=self.settings.size,
            pooling=average.pooling(of.labels),
            dense=placing,
            covariates=of.covariates,
        )
        if self.team.leads:
            run.now("Fitting the heads anew", "refitting")
            model.heads.update(refitted(model, of.labels, of.examples, of.images, run.tick))
            model = weighing(model, of.examples, of.images, run.tick)
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


def _heads(
    network: Network,
    labels: Sequence[Labels],
    logits: NDArray[np.float64],
    tune: NDArray[np.int64],
) -> dict[str, Head]:
    weight, bias = network.heads.weight.detach().numpy(), network.heads.bias.detach().numpy()
    heads = {}
    for one in labels:
        known, part = one.known[tune], one.outputs
        calibration = one.slot.recipe.calibrate(
            one.slot.field, logits[known][:, part], one.targets[tune][known]
        )
        heads[one.slot.name] = Head(weight[part].copy(), bias[part].copy(), calibration)
    return heads


def _fingerprint(of: _Learned) -> str:
    """What must be the same for a checkpoint to be gone on from. Threads and pace may change."""
    pace = ("threads", "report_seconds", "checkpoint_seconds")
    told = {key: value for key, value in asdict(of.settings).items() if key not in pace}
    content: list[Any] = [told, of.encoder.sha256, [(e.key, e.split) for e in of.examples]]
    content += [(one.slot.name, one.targets.tolist(), one.known.tolist()) for one in of.labels]
    content += [(one.slot.name, one.items) for one in of.dense]
    if of.settings.covariates:
        content += [dict(example.beside) for example in of.examples]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
