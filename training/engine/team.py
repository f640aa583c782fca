"""Several processes, one run: each takes its part of every batch, and the gradients add up to those of the whole.

torchrun starts one process a card (training/engine/several.py). A batch's loss is divided by the cases of the whole batch
before its parts are taken, so a sum over the processes is all that is needed; what batch norms have seen is averaged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
import torch.distributed
from numpy.typing import NDArray
from torch import Tensor, nn

from training.engine.trouble import Trouble

T = TypeVar("T")

DRIFTED = "The cards no longer hold the same weights: training stopped. Start it again, on one card if it happens again."


@dataclass(frozen=True)
class Team:
    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Reports and keeps checkpoints."""
        return self.rank == 0

    def part(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """This process's examples of a batch."""
        return np.array_split(chosen, self.size)[self.rank]

    def add_up(self, network: nn.Module, loss: float) -> float:
        """The whole batch's gradients in every process, and its loss."""
        if self.size == 1:
            return loss
        gradients = [p.grad for p in network.parameters() if p.grad is not None]
        _sum_in_place(gradients)
        seen = [b for b in network.buffers() if b.is_floating_point()]
        _sum_in_place(seen, share=1 / self.size)
        total = torch.tensor(loss, device=gradients[0].device)
        torch.distributed.all_reduce(total)
        return float(total)

    def total(self, own: float) -> float:
        """The sum of what the processes have."""
        if self.size == 1:
            return own
        found: list[float] = [0.0] * self.size
        torch.distributed.all_gather_object(found, own)
        return sum(found)

    def leaders(self, value: T) -> T:
        """What the process that leads found: decisions are taken once."""
        if self.size == 1:
            return value
        found = [value]
        torch.distributed.broadcast_object_list(found, src=0)
        return found[0]

    def check(self, network: nn.Module) -> None:
        """ValueError where the processes' weights have drifted apart."""
        own = float(sum(p.detach().double().sum() for p in network.parameters()))
        if self.leaders(own) != own:
            raise Trouble(DRIFTED, "cards_drifted")


ALONE = Team()


def _sum_in_place(tensors: Sequence[Tensor], share: float = 1.0) -> None:
    """As one message: hundreds of small ones would wait for each other."""
    flat = torch.cat([one.reshape(-1) for one in tensors])
    torch.distributed.all_reduce(flat)
    if share != 1:
        flat *= share
    for one, found in zip(
        tensors, torch.split(flat, [one.numel() for one in tensors]), strict=True
    ):
        one.copy_(found.view_as(one))
