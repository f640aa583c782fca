"""What a full run optimises: encoder and heads as one module, its loss, its averaged copy."""

import copy
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.engine.augment import resize
from training.engine.cache import Rows
from training.engine.encoder import BATCH, to_input
from training.engine.labels import Labels
from training.engine.settings import Settings
from training.networks.backbone import Backbone
from training.networks.folding import folded

# prepared images (any, S, S), in memory or in a file; each example's row in them
Images = tuple[NDArray[np.uint8] | Rows, NDArray[np.int64]]


class Network(nn.Module):
    """Encoder and one linear layer whose outputs all slots share out between them."""

    def __init__(self, encoder: Backbone, labels: Sequence[Labels], dropout: float) -> None:
        super().__init__()
        self.encoder = copy.deepcopy(encoder)
        self.dropout = nn.Dropout(dropout)
        bias = np.concatenate([one.start_bias for one in labels])
        self.heads = nn.Linear(encoder.width, len(bias))
        with torch.no_grad():
            self.heads.weight.zero_()
            self.heads.bias.copy_(torch.from_numpy(bias))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.heads(self.dropout(self.encoder(x)))
        return logits


def make_optimizer(network: Network, settings: Settings) -> torch.optim.Optimizer:
    for parameter in network.parameters():
        # They stay where they are: made anew within each step they would lie scattered over the memory that its images
        # leave behind, and the next step would find no room there for its own.
        parameter.grad = torch.zeros_like(parameter)
    encoder = list(network.encoder.parameters())
    groups = [
        {"params": [p for p in encoder if p.ndim > 1], "peak": settings.lr},
        {"params": [p for p in encoder if p.ndim <= 1], "peak": settings.lr, "weight_decay": 0.0},
        {"params": list(network.heads.parameters()), "peak": 3 * settings.lr},
    ]
    return torch.optim.AdamW(groups, lr=settings.lr, weight_decay=settings.weight_decay)


def loss_of(logits: Tensor, labels: Sequence[Labels], chosen: NDArray[np.int64]) -> Tensor:
    """Mean over the slots of the mean loss over the cases in which the slot is known."""
    total = logits.sum() * 0
    for one in labels:
        known = torch.from_numpy(one.known[chosen]).float()
        each = one.slot.recipe.loss(
            logits[:, one.outputs], torch.from_numpy(one.targets[chosen]), one.weights
        )
        total = total + (each * known).sum() / known.sum().clamp(min=1)
    return total / len(labels)


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move the averaged weights and batch norm statistics a little towards the current ones."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    current = network.state_dict()
    for key, value in average.state_dict().items():
        if value.is_floating_point():
            value.lerp_(current[key], share)


def take(images: Images, chosen: NDArray[np.int64]) -> Tensor:
    """uint8 (n, S, S) of the chosen examples: the only ones that are read from disk."""
    array, rows = images
    return torch.from_numpy(np.array(array[rows[chosen]]))


def predict_logits(
    network: Network, images: Images, chosen: NDArray[np.int64], size: int
) -> NDArray[np.float64]:
    """(n, outputs) of the chosen examples, without augmentation."""
    encoder = folded(network.encoder)
    found = []
    with torch.inference_mode():
        for at in range(0, len(chosen), BATCH):
            batch = resize(take(images, chosen[at : at + BATCH]), size)
            found.append(network.heads(encoder(to_input(batch, encoder))).double().numpy())
    return np.concatenate(found) if found else np.zeros((0, network.heads.out_features))
