"""The network that a pre-training optimises: an encoder with what stands on it meanwhile and is thrown away afterwards."""

import copy

import torch
from torch import Tensor, nn
from torch.nn import functional

from training.networks.backbone import Backbone

PROJECTED, HIDDEN = 512, 128  # outputs of the projector; the predictor's bottleneck


class Siamese(nn.Module):
    """Encoder, projector and predictor."""

    def __init__(self, encoder: Backbone) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(encoder)
        self.projector = nn.Sequential(
            *_layer(encoder.width, PROJECTED),
            *_layer(PROJECTED, PROJECTED),
            nn.Linear(PROJECTED, PROJECTED, bias=False),
            nn.BatchNorm1d(PROJECTED, affine=False),
        )
        self.predictor = nn.Sequential(*_layer(PROJECTED, HIDDEN), nn.Linear(HIDDEN, PROJECTED))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, one: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
        """Two views (N, 3, S, S) of each image to the loss, from -1 (each foretells the other) to 1, and the spread of the
        embeddings: 0 where all are alike."""
        rows = self.encoder(torch.cat([one, other]))
        spread = functional.normalize(rows.detach(), dim=1).std(0).norm()
        projected = self.projector(rows)
        told, (a, b) = self.predictor(projected), projected.detach().chunk(2)
        return -functional.cosine_similarity(told, torch.cat([b, a])).mean(), spread


def _layer(inp: int, out: int) -> tuple[nn.Module, ...]:
    return nn.Linear(inp, out, bias=False), nn.BatchNorm1d(out), nn.ReLU(inplace=True)
