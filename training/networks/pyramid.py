"""From an encoder's maps to one fine map that knows the coarse ones (Lin et al., Feature Pyramid Networks, CVPR 2017)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

CHANNELS = 64


class Pyramid(nn.Module):
    """Maps of `widths` channels, finest first, to one of CHANNELS at the finest resolution."""

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.laterals = nn.ModuleList(nn.Conv2d(width, CHANNELS, 1, bias=False) for width in widths)
        self.norms = nn.ModuleList(nn.BatchNorm2d(CHANNELS) for _ in widths)
        self.smooth = nn.ModuleList(
            nn.Conv2d(CHANNELS, CHANNELS, 3, padding=1, bias=False) for _ in range(2)
        )
        self.smooth_norms = nn.ModuleList(nn.BatchNorm2d(CHANNELS) for _ in range(2))

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        sides = [
            norm(lateral(x))
            for lateral, norm, x in zip(self.laterals, self.norms, maps, strict=True)
        ]
        found: Tensor = sides[-1]
        for side in reversed(sides[:-1]):
            found = side + functional.interpolate(found, side.shape[-2:], mode="nearest")
        found = torch.relu(found)
        for convolution, norm in zip(self.smooth, self.smooth_norms, strict=True):
            found = torch.relu(norm(convolution(found)))
        return found
