"""Self-supervised pre-training: an encoder learns what a task's images look like before anybody has read one.

SimSiam (Chen & He, Exploring Simple Siamese Representation Learning, CVPR 2021): from one view of an image foretell the
embedding of another. It needs neither negatives nor a second network, and works with the small batches of a machine
without a GPU. Everything random in a step comes from that step's own seed: over the same images a killed run goes on as if
unbroken.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.engine.batches import Images
from training.engine.checkpoint import load_checkpoint, save_checkpoint
from training.engine.device import best_device, half
from training.engine.encoder import Encoder, to_input
from training.engine.pretrain_siamese import Siamese
from training.engine.pretrain_views import view
from training.engine.threads import limit_threads
from training.engine.trouble import Trouble

Report = Callable[[dict[str, Any]], None]
COLLAPSED = 0.1  # of the spread that the embeddings had at the start
KEPT = ("step", "seconds", "loss", "spread", "first")


@dataclass(frozen=True)
class Pretraining:
    """What a pre-training may be told."""

    size: int = 160  # side of a view; embeddings are made at the form's own size later
    shown: int = 40_000  # images in all, each in two views: about an hour on one core
    passes: int = 20  # over all images, at most
    batch: int = 32
    lr: float = 3e-4
    weight_decay: float = 0.01
    mirror: bool = False  # whether an image mirrored shows the same
    seed: int = 0
    threads: int = 2
    report_seconds: float = 1.0
    checkpoint_seconds: float = 60.0

    def rate_at(self, progress: float) -> float:
        """Up over the first twentieth, down along a cosine to nothing."""
        if progress < 0.05:
            return 0.04 + 0.96 * progress / 0.05
        return 0.5 * (1 + math.cos(math.pi * (progress - 0.05) / 0.95))


def pretrain(
    images: Images, encoder: Encoder, settings: Pretraining, *, folder: Path, report: Report
) -> Encoder:
    """`encoder`, trained on prepared images without any label.

    `folder` keeps the checkpoint: called again with it, the run goes on. An exception from `report`, which is asked after
    each step, passes through after a checkpoint. ValueError where the loss is no longer a number, all embeddings have become
    alike, or the folder belongs to another run.
    """
    limit_threads(settings.threads)
    torch.manual_seed(settings.seed)  # of the projector
    device = best_device()
    network = Siamese(encoder.network).to(device).train()
    optimizer = torch.optim.AdamW(
        network.parameters(), lr=settings.lr, weight_decay=settings.weight_decay, fused=True
    )
    for parameter in network.parameters():
        parameter.grad = torch.zeros_like(parameter)
    run = Progress(settings, folder, encoder, report, len(images.starts) - 1)
    run.resume(network, optimizer)
    for step in range(run.step, run.steps):
        generator = _seed(settings.seed, step)
        batch = images.take(run.chosen(step)).images
        one, other = (
            to_input(
                view(batch, settings.size, generator, mirror=settings.mirror), encoder.network
            ).to(device)
            for _ in range(2)
        )
        with half(device):
            loss, spread = network(one, other)
        for group in optimizer.param_groups:
            group["lr"] = settings.lr * settings.rate_at(step / run.steps)
        optimizer.zero_grad(set_to_none=False)  # see network.make_optimizer
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        run.check(float(loss.detach()))  # before the weights take it in
        optimizer.step()
        run.after_step(float(loss.detach()), float(spread))
    return Encoder(network.encoder.cpu(), encoder.name)


def _seed(seed: int, step: int) -> torch.Generator:
    return torch.Generator().manual_seed(int(np.random.default_rng([seed, step]).integers(2**62)))


class Progress:
    """Where the run stands, and who is told."""

    def __init__(
        self, settings: Pretraining, folder: Path, encoder: Encoder, report: Report, images: int
    ) -> None:
        self.settings, self.folder, self.report, self.images = settings, folder, report, images
        self.each = max(1, images // settings.batch)  # steps of a pass
        self.steps = min(settings.passes * self.each, max(1, settings.shown // settings.batch))
        self.step, self.seconds, self.loss, self.spread, self.first = 0, 0.0, 0.0, 0.0, 0.0
        pace = ("threads", "report_seconds", "checkpoint_seconds")
        told = {key: value for key, value in asdict(settings).items() if key not in pace}
        content = json.dumps([told, encoder.sha256], sort_keys=True)
        self.fingerprint = hashlib.sha256(content.encode()).hexdigest()
        self._clock = self._reported = self._saved = time.monotonic()

    def chosen(self, step: int) -> NDArray[np.int64]:
        """(batch,) the images of a step: in each pass every image once, in an order of its own."""
        order = np.random.default_rng([self.settings.seed, 1, step // self.each])
        at, batch = step % self.each, self.settings.batch
        return order.permutation(self.images)[at * batch : (at + 1) * batch]

    def resume(self, network: nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self._parts: dict[str, Any] = {"network": network, "optimizer": optimizer}
        state = load_checkpoint(self.folder, self.fingerprint)
        if state is None:
            return
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        for name in KEPT:
            setattr(self, name, state[name])

    def save(self) -> None:
        state = {name: getattr(self, name) for name in KEPT}
        state |= {name: part.state_dict() for name, part in self._parts.items()}
        save_checkpoint(self.folder, self.fingerprint, state)
        self._saved = time.monotonic()

    def check(self, loss: float) -> None:
        if not math.isfinite(loss):
            raise Trouble(
                f"The loss became {loss} in step {self.step + 1} of {self.steps}: pre-training stopped. "
                "Look for damaged images among the cases.",
                "pretraining_loss_no_number",
                loss=str(loss),
                step=self.step + 1,
                steps=self.steps,
            )

    def after_step(self, loss: float, spread: float) -> None:
        new = self.step == 0
        self.first = spread if new else self.first
        self.loss = loss if new else 0.95 * self.loss + 0.05 * loss
        self.spread = spread if new else 0.8 * self.spread + 0.2 * spread
        self.step += 1
        now = time.monotonic()
        self.seconds, self._clock = self.seconds + now - self._clock, now
        if self.spread < COLLAPSED * self.first:
            raise Trouble(
                f"After step {self.step} of {self.steps} the embeddings of all images are nearly alike: they collapsed, and "
                "would tell nothing apart. The pool may hold too few different images; the task keeps its start.",
                "pretraining_collapsed",
                step=self.step,
                steps=self.steps,
            )
        if now - self._saved >= self.settings.checkpoint_seconds:
            self.save()
        if now - self._reported >= self.settings.report_seconds or self.step % self.each == 0:
            self._tell()

    def _tell(self) -> None:
        self._reported = time.monotonic()
        try:
            self.report(
                {
                    "pass": min((self.step - 1) // self.each + 1, -(-self.steps // self.each)),
                    "passes": -(-self.steps // self.each),
                    "ended": self.step % self.each == 0,
                    "step": self.step,
                    "steps": self.steps,
                    "likeness": -self.loss,
                    "spread": self.spread / self.first if self.first else 0.0,
                    "eta_seconds": self.seconds / self.step * (self.steps - self.step),
                }
            )
        except BaseException:
            self.save()
            raise
