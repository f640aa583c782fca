"""From an encoder's maps to the outputs of every dense slot: the pyramid, and one linear layer that they share out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.engine.dense.labels import DenseLabels
from training.networks.pyramid import CHANNELS, Pyramid


class DenseHeads(nn.Module):
    def __init__(self, widths: Sequence[int], labels: Sequence[DenseLabels]) -> None:
        super().__init__()
        self.pyramid = Pyramid(widths)
        start = np.concatenate([one.start for one in labels])
        self.heads = nn.Linear(CHANNELS, len(start))
        with torch.no_grad():
            self.heads.weight.normal_(std=0.01)
            self.heads.bias.copy_(torch.from_numpy(start))

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """(P, channels, H, W) of all slots."""
        found: Tensor = self.heads(self.pyramid(maps).movedim(1, -1))
        return found.movedim(-1, 1)

    def head(self, one: DenseLabels, calibration: Mapping[str, Any]) -> "DenseHead":
        weight, bias = self.heads.weight[one.outputs], self.heads.bias[one.outputs]
        return DenseHead(
            weight.detach().cpu().numpy().copy(),
            bias.detach().cpu().numpy().copy(),
            dict(calibration),
        )


@dataclass(frozen=True)
class DenseHead:
    """Linear in each cell: weight (channels, features), bias (channels,), and the recipe's calibration."""

    weight: NDArray[np.float32]
    bias: NDArray[np.float32]
    calibration: Mapping[str, Any]
