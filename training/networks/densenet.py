"""DenseNet-121 (Huang et al. 2017) in plain torch, with torchvision's names of tensors: published weights load."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from training.networks.backbone import Backbone
from training.networks.resnet import IMAGENET_MEAN, IMAGENET_SPREAD
from training.networks.sparing import activated

LAYERS = (6, 12, 24, 16)  # of each block
GROWTH = 32  # channels that a layer adds
BOTTLENECK = 4 * GROWTH
STEM = 64
FINEST = ("denseblock1", "denseblock2", "denseblock3")  # at strides of 4, 8 and 16


class DenseLayer(nn.Module):
    """32 new channels made from all that came before, which they are put behind."""

    def __init__(self, inp: int) -> None:
        super().__init__()
        self.norm1 = nn.BatchNorm2d(inp)
        self.conv1 = nn.Conv2d(inp, BOTTLENECK, 1, bias=False)
        self.norm2: nn.Module = nn.BatchNorm2d(BOTTLENECK)
        self.conv2 = nn.Conv2d(BOTTLENECK, GROWTH, 3, padding=1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = activated(self.norm1, self.conv1, x)
        return torch.cat([x, activated(self.norm2, self.conv2, y)], dim=1)


def _block(inp: int, layers: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            (f"denselayer{index + 1}", DenseLayer(inp + index * GROWTH)) for index in range(layers)
        )
    )


def _transition(inp: int) -> nn.Sequential:
    """Half the channels at half the resolution."""
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(inp),
            relu=nn.ReLU(inplace=True),
            conv=nn.Conv2d(inp, inp // 2, 1, bias=False),
            pool=nn.AvgPool2d(2, 2),
        )
    )


class DenseNet121(Backbone):
    mean, spread = IMAGENET_MEAN, IMAGENET_SPREAD
    beyond = -1.5  # as of ResNet, for the first two halvings; the others are means of two
    widths = (256, 512, 1024, 1024)

    def __init__(self) -> None:
        super().__init__()
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            conv0=nn.Conv2d(3, STEM, 7, 2, 3, bias=False),
            norm0=nn.BatchNorm2d(STEM),
            relu0=nn.ReLU(inplace=True),
            pool0=nn.MaxPool2d(3, 2, 1),
        )
        channels = STEM
        for index, layers in enumerate(LAYERS, start=1):
            parts[f"denseblock{index}"] = _block(channels, layers)
            channels += layers * GROWTH
            if index < len(LAYERS):
                parts[f"transition{index}"] = _transition(channels)
                channels //= 2
        parts["norm5"] = nn.BatchNorm2d(channels)
        self.features = nn.Sequential(parts)

    def feature_maps(self, x: Tensor) -> list[Tensor]:
        found = []
        for name, part in self.features.named_children():
            x = part(x)
            if name in FINEST:
                found.append(x)
        return [*found, torch.relu_(x)]
