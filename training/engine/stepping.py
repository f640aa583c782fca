"""The gradients of a batch, taken in parts that add up to the same; where the memory does not hold one, in twice as many."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.engine.dense.targets import Targets, dense_loss
from training.engine.device import half
from training.engine.labels import Labels
from training.engine.network import Network, loss_of
from training.engine.trouble import Trouble

HALVED = "The memory did not hold a part of a batch: from here on each is taken in two halves."
TOO_LARGE = (
    "Not even half of a part of a batch fits into the memory: give the machine more, or the template's [training] a smaller size, "
    "batch or number of pictures."
)


class Stepper:
    """Runs a batch through the network and back; `say` hears it when batches are halved, once a run."""

    def __init__(
        self,
        network: Network,
        labels: Sequence[Labels],
        say: Callable[[str, str], None],
        pieces: int = 1,
    ) -> None:
        self.network, self.labels, self.say = network, labels, say
        self.pieces, self._most = pieces, 2 * pieces

    def loss(
        self,
        x: Tensor,
        counts: Tensor,
        chosen: NDArray[np.int64],
        known: Sequence[int],
        check: Callable[[Tensor], None],
        dense: Sequence[Targets] = (),
        shares: Tensor | None = None,
    ) -> float:
        """Leave the gradients of the batch's loss in the parameters. x: the pictures, `counts` (n,) of each example;
        known: see loss_of.

        dense: what the pictures should show. shares (n,), where every example has one picture: how much of each picture
        stays; the rest comes from another one of its part of the batch, and its answer weighs as much (mixup: Zhang et
        al., ICLR 2018).

        Raises ValueError when not even half of a part fits into the memory, and what `check` raises of the loss.
        """
        try:
            return self._back(x, counts, chosen, known, check, dense, shares)
        except RuntimeError as problem:
            if not _out_of_memory(problem):
                raise
            if self.pieces == self._most or len(chosen) < 2:
                raise Trouble(TOO_LARGE, "memory_too_small") from problem
        self.pieces = self._most
        self.say(HALVED, "batches_halved")
        return self.loss(x, counts, chosen, known, check, dense, shares)

    def _back(
        self,
        x: Tensor,
        counts: Tensor,
        chosen: NDArray[np.int64],
        known: Sequence[int],
        check: Callable[[Tensor], None],
        dense: Sequence[Targets],
        shares: Tensor | None,
    ) -> float:
        for parameter in self.network.parameters():
            if parameter.grad is not None:
                parameter.grad.zero_()
        total, at = 0.0, 0
        for part in np.array_split(np.arange(len(chosen)), min(self.pieces, len(chosen))):
            own = counts[part]
            pictures = slice(at, at + int(own.sum()))
            at = pictures.stop
            kept = None if shares is None else shares[part]
            with half(x.device):
                logits, maps = self.network.train()(_mixed(x[pictures], kept), own, chosen[part])
            loss = self._whole(logits.float(), chosen[part], known, kept)
            if maps is not None:
                placed = dense_loss(maps, [one.part(pictures) for one in dense])
                loss = (loss * len(self.labels) + placed) / (len(self.labels) + len(dense))
            check(loss)
            loss.backward()  # type: ignore[no-untyped-call]
            total += loss.item()
        return total

    def _whole(
        self,
        logits: Tensor,
        chosen: NDArray[np.int64],
        known: Sequence[int],
        kept: Tensor | None,
    ) -> Tensor:
        if kept is None:
            return loss_of(logits, self.labels, chosen, known)
        own = loss_of(logits, self.labels, chosen, known, kept)
        return own + loss_of(logits, self.labels, chosen[::-1].copy(), known, 1 - kept)


def _mixed(x: Tensor, kept: Tensor | None) -> Tensor:
    """Each picture with the one that stands as far from the other end."""
    if kept is None:
        return x
    return torch.lerp(x.flip(0), x, kept.view(-1, *[1] * (x.ndim - 1)))


def _out_of_memory(problem: RuntimeError) -> bool:
    """CUDA has a class for it, the allocator of the CPU only a sentence."""
    return isinstance(problem, torch.OutOfMemoryError) or "allocate memory" in str(problem)
