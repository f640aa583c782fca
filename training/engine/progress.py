"""Where a full run stands: position, best weights so far, checkpoints, reports."""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.engine.checkpoint import load_checkpoint, save_checkpoint
from training.engine.settings import Settings
from training.engine.trouble import Trouble

Report = Callable[[dict[str, Any]], None]

KEPT = ("epoch", "step", "seconds", "loss", "tune", "best_score", "best_epoch", "best")


class Progress:
    """Where the run stands, and who is told: position, best weights so far, checkpoints, reports."""

    def __init__(
        self,
        settings: Settings,
        folder: Path,
        fingerprint: str,
        report: Report,
        cases: int,
        *,
        tuned: int,
        keeps: bool = True,
    ) -> None:
        """cases, tuned: of the splits train and tune."""
        self.settings, self.report = settings, report
        self.folder, self.fingerprint = folder, fingerprint
        self.keeps = keeps  # its own checkpoints; of several processes one does
        # The few cases left over at the end of an epoch come elsewhere in the next one's order.
        self.steps = max(1, cases // settings.batch)
        self.epoch, self.step, self.seconds = 0, 0, 0.0
        self.loss: float | None = None
        self.tune: dict[str, Any] = {}
        # So much may chance move a figure of so few cases. An epoch that is worse by no more than that is as good as the
        # best, and better trained: the rate has fallen further (the one-standard-error rule: Breiman et al., CART, 1984).
        self.slack = 0.5 / math.sqrt(max(1, tuned))
        self.best_score, self.best_epoch = -math.inf, 0
        self.best: dict[str, Any] | None = None
        self._doing: dict[str, str] = {}  # after the last epoch
        now = time.monotonic()
        self._clock, self._reported, self._saved = now, now, now

    def resume(
        self, network: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
    ) -> None:
        self._parts: dict[str, Any] = {
            "network": network,
            "average": average,
            "optimizer": optimizer,
        }
        state = load_checkpoint(self.folder, self.fingerprint)
        if state is None:
            return
        if lacking := [name for name in (*self._parts, *KEPT) if name not in state]:
            raise Trouble(
                f"The checkpoint in {self.folder} lacks its {', '.join(lacking)}: this run cannot go on. Start a new training.",
                "checkpoint_lacks",
                folder=str(self.folder),
                parts=lacking,
            )
        for name, part in self._parts.items():
            part.load_state_dict(state[name])
        for name in KEPT:
            setattr(self, name, state[name])

    def save(self) -> None:
        if not self.keeps:
            return
        state = {name: getattr(self, name) for name in KEPT}
        state |= {name: part.state_dict() for name, part in self._parts.items()}
        save_checkpoint(self.folder, self.fingerprint, state)
        self._saved = time.monotonic()

    def taken(self) -> int:
        return self.epoch * self.steps + self.step

    def progress(self) -> float:
        return self.taken() / (self.settings.epochs * self.steps)

    def say(self, sentence: str, code: str) -> None:
        """Report something that is not about how far it got."""
        self.report({**self._told(), "note": sentence, "code": code})

    def now(self, sentence: str, code: str) -> None:
        """What is being done after the last epoch: nobody knows how long it takes."""
        self._doing = {"doing": sentence, "code": code}
        self._tell()

    def check(self, loss: Tensor) -> None:
        if not torch.isfinite(loss):
            raise Trouble(
                f"The loss became {float(loss.detach())} in epoch {self.epoch + 1}, step {self.step + 1}: training stopped. "
                "Lower the learning rate, or look for damaged images among the cases.",
                "loss_no_number",
                loss=str(float(loss.detach())),
                epoch=self.epoch + 1,
                step=self.step + 1,
            )

    def check_answers(self, logits: NDArray[np.float64]) -> None:
        """After an epoch: a step's loss is of the weights before it."""
        if not np.isfinite(logits).all():
            raise Trouble(
                f"The loss became no number after epoch {self.epoch + 1}: training stopped. "
                "Lower the learning rate, or look for damaged images among the cases.",
                "loss_no_number_after",
                epoch=self.epoch + 1,
            )

    def tick(self) -> None:
        """Tell where the run stands when it is time to."""
        if time.monotonic() - self._reported >= self.settings.report_seconds:
            self._tell()

    def after_step(self, loss: float) -> None:
        self.loss = loss if self.loss is None else 0.95 * self.loss + 0.05 * loss
        self.step += 1
        self._tick()
        if time.monotonic() - self._saved >= self.settings.checkpoint_seconds:
            self.save()
        self.tick()

    def after_epoch(self, scores: dict[str, Any], average: nn.Module) -> None:
        self._tick()
        self.tune = scores
        known = [value for slot in scores.values() for value in slot.values() if value is not None]
        score = sum(known) / len(known) if known else -math.inf
        # Without a tune score the last weights are the best guess; those of a small-size epoch never are.
        full_size = self.settings.size_at(self.epoch) == self.settings.size
        # As good is good enough to go on: some runs begin on a plateau of chance.
        if full_size and (score >= self.best_score or not known):
            self.best_score, self.best_epoch = score, self.epoch
        if full_size and (score >= self.best_score - self.slack or not known):
            self.best = {key: tensor.clone() for key, tensor in average.state_dict().items()}
        self.epoch, self.step = self.epoch + 1, 0
        self.save()
        self._tell()

    def finished(self) -> bool:
        return self.best is not None and self.epoch - 1 - self.best_epoch >= self.settings.patience

    def best_state(self, average: nn.Module) -> dict[str, Any]:
        return self.best if self.best is not None else average.state_dict()

    def _tick(self) -> None:
        now = time.monotonic()
        self.seconds, self._clock = self.seconds + now - self._clock, now

    def _tell(self) -> None:
        self._reported = time.monotonic()
        try:
            self.report(self._told())
        except BaseException:
            self.save()
            raise

    def _told(self) -> dict[str, Any]:
        return {
            "epoch": min(self.epoch + 1, self.settings.epochs),
            "epochs": self.settings.epochs,
            "step": self.step,
            "steps": self.steps,
            "loss": self.loss,
            "tune": self.tune,
            "seconds": self.seconds,
            "eta_seconds": self._left(),
            **self._doing,
        }

    def _left(self) -> float | None:
        """Seconds to the end of the last epoch; None where that is not known, or over."""
        costs = [
            self.settings.size_at(epoch) ** 2 * self.steps for epoch in range(self.settings.epochs)
        ]
        if self._doing or self.epoch >= len(costs):
            return None
        done = sum(costs[: self.epoch]) + costs[self.epoch] * self.step / self.steps
        return self.seconds / done * (sum(costs) - done) if done else None
