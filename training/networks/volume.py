"""A small network for volumes: residual, its convolutions factorised into one in the plane and one along the stack
(R(2+1)D: Tran et al., CVPR 2018, arXiv 1711.11248).

MR slices lie further apart than their pixels do. The first steps stay in the plane, kernels and strides alike, until a voxel
is as wide as it is deep. Group norms (Wu & He, ECCV 2018): a step holds two or three volumes.
"""

from collections.abc import Callable
from functools import partial
from itertools import pairwise

from torch import Tensor, nn

from training.networks.backbone import Backbone

WIDTHS = (24, 48, 96, 160)
GROUPS = 8


class VolumeNet(Backbone):
    """Volumes (N, 1, D, H, W) to an embedding. flat: of its four halvings the first so many are in the plane alone."""

    dims = 3
    mean, spread = (64.0,), (64.0,)
    widths = WIDTHS

    def __init__(self, flat: int) -> None:
        super().__init__()
        self.flat = flat
        stem = nn.Sequential(
            Factorised(1, WIDTHS[0], deep=flat < 1, stride=2), norm(WIDTHS[0]), nn.ReLU()
        )
        blocks = [
            Block(before, width, deep=flat < halving)
            for halving, (before, width) in enumerate(pairwise(WIDTHS), 2)
        ]
        self.stages = nn.ModuleList([stem, *blocks])

    @property
    def lies(self) -> tuple[tuple[int, float], ...]:
        """Of each axis of its last map: voxels from one place to the next, and the voxel on which the first lies.

        A convolution that halves has its places on every second voxel, what a block keeps beside it on the edge of two:
        a quarter of a voxel further in the mean.
        """
        deep, halved = 2 ** (len(WIDTHS) - self.flat), 1 if self.flat else 2
        wide = 2 ** len(WIDTHS)
        return (deep, (deep - halved) / 4), (wide, (wide - 2) / 4), (wide, (wide - 2) / 4)

    def feature_maps(self, x: Tensor) -> list[Tensor]:
        """(N, widths[k], d, h, w), finest first."""
        found = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found

    def forward(self, x: Tensor) -> Tensor:
        pooled: Tensor = self.feature_map(x).mean(dim=(2, 3, 4))
        return pooled


class Block(nn.Module):
    """Halves its volume."""

    def __init__(self, before: int, width: int, *, deep: bool) -> None:
        super().__init__()
        self.changed = nn.Sequential(
            Factorised(before, width, deep=deep, stride=2),
            norm(width),
            nn.ReLU(),
            Factorised(width, width, deep=deep, stride=1),
            norm(width),
        )
        halves = (2 if deep else 1, 2, 2)
        self.kept = nn.Sequential(
            nn.AvgPool3d(halves, halves, ceil_mode=True),
            nn.Conv3d(before, width, 1, bias=False),
            norm(width),
        )
        self.last = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.last(self.changed(x) + self.kept(x))
        return found


class Factorised(nn.Sequential):
    """A convolution in the plane and, where it is `deep`, one along the stack after it."""

    def __init__(self, before: int, width: int, *, deep: bool, stride: int) -> None:
        parts: list[nn.Module] = [_conv(before, width, (1, 3, 3), (1, stride, stride))]
        if deep:
            parts += [norm(width), nn.ReLU(), _conv(width, width, (3, 1, 1), (stride, 1, 1))]
        super().__init__(*parts)


def _conv(
    before: int, width: int, kernel: tuple[int, int, int], stride: tuple[int, int, int]
) -> nn.Conv3d:
    margin = (kernel[0] // 2, kernel[1] // 2, kernel[2] // 2)
    made = nn.Conv3d(before, width, kernel, stride, margin, bias=False)
    nn.init.kaiming_normal_(made.weight, mode="fan_out", nonlinearity="relu")
    return made


def norm(width: int) -> nn.GroupNorm:
    return nn.GroupNorm(GROUPS, width)


VOLUMES: dict[str, Callable[[], Backbone]] = {
    "volume0": partial(VolumeNet, 0),
    "volume1": partial(VolumeNet, 1),
    "volume2": partial(VolumeNet, 2),
    "volume3": partial(VolumeNet, 3),
}
