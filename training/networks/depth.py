"""Residual branches that are left out at random while a network learns (Huang et al., Deep Networks with Stochastic Depth,
ECCV 2016): each picture then meets a shallower network of its own, and none of them can learn the pictures by heart."""

import torch
from torch import Tensor, nn


class Branch(nn.Module):
    """What a block adds to its input, and for a share of the pictures nothing. Holds no weights."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0

    def forward(self, x: Tensor) -> Tensor:
        if not (self.training and self.skipped):
            return x
        keep = torch.rand(len(x), *[1] * (x.ndim - 1), device=x.device) >= self.skipped
        return x * (keep / (1 - self.skipped))


def skip_branches(network: nn.Module, most: float) -> None:
    """Of the deepest branch `most` is left out, of those before it less and less, down to nothing."""
    branches = [module for module in network.modules() if isinstance(module, Branch)]
    for number, branch in enumerate(branches, start=1):
        branch.skipped = most * number / len(branches)
