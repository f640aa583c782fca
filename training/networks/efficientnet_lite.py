"""EfficientNet-Lite0 (Tan & Le 2019, the Lite variant: ReLU6, no squeeze-and-excitation) in plain torch."""

from torch import Tensor, nn
from torch.nn import functional

from training.networks.backbone import Backbone
from training.networks.depth import Branch
from training.networks.same import SameConv2d
from training.networks.sparing import activated

# TensorFlow's batch norm keeps 99 % of the old average; torch's default of 10 % new is what fine-tuning needs: with the
# slow one the running averages lag for hundreds of steps and evaluation looks broken while the loss falls.
BATCH_NORM_MOMENTUM = 0.1
BATCH_NORM_EPS = 1e-3  # the value the published weights were trained with

STEM_CHANNELS = 32
HEAD_CHANNELS = 1280
# expansion, kernel, stride of the first block, channels out, blocks
STAGES = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)


FINEST = (2, 4, 10)  # the last block at each stride of 4, 8 and 16


class Unit(nn.Module):
    """A convolution and its batch norm. The ReLU6 after it comes with the next convolution."""

    def __init__(
        self, inp: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = SameConv2d(inp, out, kernel, stride, groups)
        self.norm: nn.Module = nn.BatchNorm2d(out, eps=BATCH_NORM_EPS, momentum=BATCH_NORM_MOMENTUM)

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.norm(self.conv(x))
        return found

    def then(self, following: "Unit", convolved: Tensor) -> Tensor:
        """What the convolution of the following one makes of this one's."""
        return activated(self.norm, following.conv, convolved, 6.0)


class MBConv(nn.Module):
    """Inverted residual: expand, depthwise, project, and add the input back where the shapes allow it."""

    def __init__(self, inp: int, out: int, expansion: int, kernel: int, stride: int) -> None:
        super().__init__()
        wide = inp * expansion
        self.expand = Unit(inp, wide) if expansion != 1 else None
        self.depthwise = Unit(wide, wide, kernel, stride, groups=wide)
        self.project = Unit(wide, out)
        self.branch = Branch() if stride == 1 and inp == out else None

    def forward(self, x: Tensor) -> Tensor:
        assert self.expand is not None
        y = self.after(self.expand, self.expand.conv(x))
        return y if self.branch is None else x + self.branch(y)

    def after(self, unit: Unit, convolved: Tensor) -> Tensor:
        """What it makes of the convolution of its expansion, or where it has none, of the unit before it."""
        y = unit.then(self.depthwise, convolved)
        found: Tensor = self.project.norm(self.depthwise.then(self.project, y))
        return found


class EfficientNetLite0(Backbone):
    mean, spread = (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)
    widths = (24, 40, 112, HEAD_CHANNELS)
    beyond = 15.5  # TensorFlow pads below and right: each of five halvings looks half a pixel of its own too far

    def __init__(self) -> None:
        super().__init__()
        self.stem = Unit(3, STEM_CHANNELS, 3, 2)
        blocks, inp = [], STEM_CHANNELS
        for expansion, kernel, stride, out, repeats in STAGES:
            for index in range(repeats):
                blocks.append(MBConv(inp, out, expansion, kernel, stride if index == 0 else 1))
                inp = out
        self.blocks = nn.Sequential(*blocks)
        self.head = Unit(inp, HEAD_CHANNELS)

    def feature_maps(self, x: Tensor) -> list[Tensor]:
        first, *blocks = self.blocks
        x = first.after(self.stem, self.stem.conv(x))  # type: ignore[operator]
        found = []
        for index, block in enumerate(blocks, start=1):
            x = block(x)
            if index in FINEST:
                found.append(x)
        return [*found, functional.relu6(self.head(x), inplace=True)]


def key_from_wheel(key: str) -> str | None:
    """Our name for a tensor of the published state dict, None for its 1,000-class layer."""
    if key.startswith("_fc."):
        return None
    part, _, rest = key.partition(".")
    if part in ("_conv_stem", "_bn0"):
        return f"stem.{'conv' if part == '_conv_stem' else 'norm'}.{rest}"
    if part in ("_conv_head", "_bn1"):
        return f"head.{'conv' if part == '_conv_head' else 'norm'}.{rest}"
    index, inner, leaf = rest.split(".")
    unit = {
        "_expand_conv": "expand.conv",
        "_bn0": "expand.norm",
        "_depthwise_conv": "depthwise.conv",
        "_bn1": "depthwise.norm",
        "_project_conv": "project.conv",
        "_bn2": "project.norm",
    }[inner]
    return f"blocks.{index}.{unit}.{leaf}"
