"""The medial and the lateral side of a joint by one network (Tiulpin et al., Scientific Reports 8:1727, 2018).

Each side is a half of the picture, the right one mirrored so that the outer rim lies on the left of both. What the network
says of the two stands side by side in the embedding: which side is worse still counts.
"""

import torch
from torch import Tensor

from training.networks.backbone import STRIDES, Backbone

NO_PLACES = (
    "A network that reads a picture in two halves finds no places on it: take halves out of the template's [training], "
    "or ask for the places in a form of their own."
)


class Halves(Backbone):
    """Any network, on two overlapping halves of a picture whose side is a multiple of 32 pixels.

    A half is a whole number of places of the last map wide, one more than fit into the half of the picture: 128 of 224
    pixels. So what lies in the middle, the tibial spines, stands on both even where the joint is not quite centred, and the
    maps of both lie on the grid of the whole picture's.
    """

    def __init__(self, inner: Backbone) -> None:
        super().__init__()
        self.inner = inner
        self.mean, self.spread, self.beyond = inner.mean, inner.spread, inner.beyond
        self.widths = (*inner.widths[:3], 2 * inner.widths[3])

    def feature_maps(self, x: Tensor) -> list[Tensor]:
        raise ValueError(NO_PLACES)

    def feature_map(self, x: Tensor) -> Tensor:
        """(N, width, H / 32, W / 32) of the whole picture: the first half of the channels where the left half lies, the others
        where the right one does, each empty elsewhere. Their mean over the map is the embedding."""
        left, right = self._each(x).chunk(2)
        columns, own = -(-x.shape[-1] // STRIDES[-1]), left.shape[-1]
        around = (0, columns - own)
        found = torch.cat(
            [
                torch.nn.functional.pad(left, around),
                torch.nn.functional.pad(right, around).flip(-1),
            ],
            1,
        )
        return found * (columns / own)

    def forward(self, x: Tensor) -> Tensor:
        left, right = self._each(x).mean(dim=(2, 3)).chunk(2)
        return torch.cat([left, right], 1)

    def _each(self, x: Tensor) -> Tensor:
        """(2 N, inner width, H / 32, h): the maps of all left halves, then those of all right ones, mirrored."""
        wide = half_of(x.shape[-1])
        both = torch.cat([x[..., :wide], x[..., -wide:].flip(-1)])
        return self.inner.feature_map(both.contiguous(memory_format=torch.channels_last))


def half_of(side: int) -> int:
    """How many pixels of a picture's side each half shows."""
    stride = STRIDES[-1]
    return min(side, (-(-side // stride) // 2 + 1) * stride)
