"""ResNet-18, -34 and -50 (He et al. 2016) in plain torch, with torchvision's names of tensors: published weights load.

ResNet-50 has its stride in the 3x3 convolution, as torchvision's (and NVIDIA's "v1.5") do, not in the first 1x1.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from training.networks.backbone import Backbone
from training.networks.depth import Branch
from training.networks.sparing import activated, again

# of ImageNet's RGB, in grey levels of 0 to 255
IMAGENET_MEAN = (123.675, 116.28, 103.53)
IMAGENET_SPREAD = (58.395, 57.12, 57.375)

STAGES = (64, 128, 256, 512)  # channels within the blocks of each stage


def _convolution(inp: int, out: int, kernel: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inp, out, kernel, stride, kernel // 2, bias=False)


class Block(nn.Module):
    """Two 3x3 convolutions, and the input added back."""

    widening = 1

    def __init__(self, inp: int, channels: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _convolution(inp, channels, 3, stride)
        self.bn1: nn.Module = nn.BatchNorm2d(channels)
        self.conv2 = _convolution(channels, channels, 3)
        self.bn2: nn.Module = nn.BatchNorm2d(channels)
        self.branch = Branch()
        self.downsample = _shortcut(inp, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = activated(self.bn1, self.conv2, self.conv1(x))
        y = self.branch(self.bn2(y))
        added: Tensor = y + (x if self.downsample is None else self.downsample(x))
        return torch.relu_(added)


class Bottleneck(nn.Module):
    """1x1 down, 3x3, 1x1 up to four times the channels, and the input added back."""

    widening = 4

    def __init__(self, inp: int, channels: int, stride: int) -> None:
        super().__init__()
        out = channels * self.widening
        self.conv1 = _convolution(inp, channels, 1)
        self.bn1: nn.Module = nn.BatchNorm2d(channels)
        self.conv2 = _convolution(channels, channels, 3, stride)
        self.bn2: nn.Module = nn.BatchNorm2d(channels)
        self.conv3 = _convolution(channels, out, 1)
        self.bn3: nn.Module = nn.BatchNorm2d(out)
        self.branch = Branch()
        self.downsample = _shortcut(inp, out, stride)

    def forward(self, x: Tensor) -> Tensor:
        y = activated(self.bn1, self.conv2, self.conv1(x))
        y = activated(self.bn2, self.conv3, y)
        y = self.branch(self.bn3(y))
        added: Tensor = y + (x if self.downsample is None else self.downsample(x))
        return torch.relu_(added)


def _shortcut(inp: int, out: int, stride: int) -> nn.Sequential | None:
    if stride == 1 and inp == out:
        return None
    return nn.Sequential(_convolution(inp, out, 1, stride), nn.BatchNorm2d(out))


class ResNet(Backbone):
    mean, spread = IMAGENET_MEAN, IMAGENET_SPREAD
    beyond = -15.5  # padded alike on both sides, each of five halvings takes the first of two pixels as their middle

    def __init__(self, block: type[Block | Bottleneck], repeats: Sequence[int]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1: nn.Module = nn.BatchNorm2d(64)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        inp = 64
        for stage, (channels, times) in enumerate(zip(STAGES, repeats, strict=True), start=1):
            blocks = []
            for index in range(times):
                blocks.append(block(inp, channels, 2 if stage > 1 and index == 0 else 1))
                inp = channels * block.widening
            self.add_module(f"layer{stage}", nn.Sequential(*blocks))
        first, second, third, fourth = (channels * block.widening for channels in STAGES)
        self.widths = first, second, third, fourth

    def feature_maps(self, x: Tensor) -> list[Tensor]:
        x = self.maxpool(torch.relu_(self.bn1(self.conv1(x))))
        found: list[Tensor] = []
        for stage in range(1, len(STAGES) + 1):
            layer = self.get_submodule(f"layer{stage}")
            x = again(layer, x) if stage == 1 else layer(x)  # at a quarter of the resolution
            found.append(x)
        return found


def resnet18() -> ResNet:
    return ResNet(Block, (2, 2, 2, 2))


def resnet34() -> ResNet:
    return ResNet(Block, (3, 4, 6, 3))


def resnet50() -> ResNet:
    return ResNet(Bottleneck, (3, 4, 6, 3))
