"""What a full run optimises: encoder and heads as one module, its loss, its averaged copy."""

import copy
from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.engine.augment import resize
from training.engine.batches import Images
from training.engine.dense.heads import DenseHeads
from training.engine.dense.labels import DenseLabels
from training.engine.encoder import BATCH, LAYOUT, at_once, embedded
from training.engine.labels import Labels
from training.engine.pooling import Attention, Mean, Pooling
from training.engine.settings import Settings
from training.networks.backbone import Backbone
from training.networks.folding import folded

HIDDEN = 64  # of the attention


class Network(nn.Module):
    """Encoder, attention over the pictures of a case where it has several, and one linear layer whose outputs all slots
    share out between them."""

    def __init__(
        self,
        encoder: Backbone,
        labels: Sequence[Labels],
        dropout: float,
        *,
        several: bool = False,
        dense: Sequence[DenseLabels] = (),
        columns: NDArray[np.float32] | None = None,
    ) -> None:
        """columns: of all examples, what stands beside their embeddings (covariates.py)."""
        super().__init__()
        self.encoder = copy.deepcopy(encoder)
        self.parts = [one.outputs for one in labels]
        self.attention = GatedAttention(encoder.width, len(labels)) if several and labels else None
        self.dense = DenseHeads(encoder.widths, dense) if dense else None
        self.dropout = nn.Dropout(dropout)
        bias = np.concatenate([np.zeros(0), *(one.start_bias for one in labels)])
        self.columns = None if columns is None or not labels else torch.from_numpy(columns)
        beside = 0 if self.columns is None else self.columns.shape[1]
        self.heads = Heads(encoder.width + beside, bias)
        self.to(memory_format=LAYOUT[encoder.dims])  # type: ignore[call-overload]

    def forward(
        self, x: Tensor, counts: Tensor, chosen: NDArray[np.int64] | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Pictures (P, 3, S, S), of which each case has `counts` (n,), to raw outputs (n, outputs) of the cases and
        (P, channels, H, W) of the pictures. chosen: which examples the cases are, where columns stand beside."""
        if self.dense is None:
            return self.answers(self.encoder(x), counts, chosen), None
        maps = self.encoder.feature_maps(x)
        return self.answers(maps[-1].mean(dim=(2, 3)), counts, chosen), self.dense(maps)

    def answers(
        self, rows: Tensor, counts: Tensor, chosen: NDArray[np.int64] | None = None
    ) -> Tensor:
        """Embeddings (P, width) of the pictures to raw outputs (n, outputs)."""
        rows = self.dropout(rows.float())  # also where the network calculates in half precision
        if self.attention is None:
            logits: Tensor = self.heads(self._beside(rows, chosen))
            return logits
        weights = self.attention(rows, counts)
        counts = counts.to(rows.device)
        owner = torch.repeat_interleave(torch.arange(len(counts), device=rows.device), counts)
        found = []
        for slot, part in enumerate(self.parts):
            pooled = rows.new_zeros(len(counts), rows.shape[1]).index_add(
                0, owner, rows * weights[:, slot : slot + 1]
            )
            read = self._beside(pooled, chosen)
            found.append(nn.functional.linear(read, self.heads.weight[part], self.heads.bias[part]))
        return torch.cat(found, 1)

    def _beside(self, pooled: Tensor, chosen: NDArray[np.int64] | None) -> Tensor:
        """Of each of the chosen examples the pooled embedding and the columns beside it."""
        if self.columns is None:
            return pooled
        assert chosen is not None
        return torch.cat([pooled, self.columns[torch.from_numpy(chosen)].to(pooled)], 1)

    def pooling(self, labels: Sequence[Labels]) -> Pooling:
        if self.attention is None:
            return Mean()
        value, gate, score = (
            layer.weight.detach().cpu().numpy().copy()
            for layer in (self.attention.value, self.attention.gate, self.attention.score)
        )
        return Attention([one.slot.name for one in labels], value, gate, score)


class Heads(nn.Module):
    """A linear layer that at the start says its bias of every case; of no outputs where only places are learned."""

    def __init__(self, width: int, bias: NDArray[np.float64]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(len(bias), width))
        self.bias = nn.Parameter(torch.from_numpy(bias).float())

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, self.weight, self.bias)


def device_of(network: nn.Module) -> torch.device:
    return next(network.parameters()).device


class GatedAttention(nn.Module):
    """What each picture of a case weighs for each slot; at the start all alike. See pooling.Attention."""

    def __init__(self, width: int, slots: int) -> None:
        super().__init__()
        self.value = nn.Linear(width, HIDDEN, bias=False)
        self.gate = nn.Linear(width, HIDDEN, bias=False)
        self.score = nn.Linear(HIDDEN, slots, bias=False)
        nn.init.zeros_(self.score.weight)

    def forward(self, embedded: Tensor, counts: Tensor) -> Tensor:
        """(P, slots): of each case they sum to one."""
        scores: Tensor = self.score(
            torch.tanh(self.value(embedded)) * torch.sigmoid(self.gate(embedded))
        )
        parts = scores.split(counts.tolist())  # type: ignore[no-untyped-call]
        return torch.cat([part.softmax(0) for part in parts])


def make_optimizer(network: Network, settings: Settings) -> torch.optim.Optimizer:
    for parameter in network.parameters():
        # They stay where they are: made anew within each step they would lie scattered over the memory that its images
        # leave behind, and the next step would find no room there for its own.
        parameter.grad = torch.zeros_like(parameter)
    encoder = list(network.encoder.parameters())
    new = [p for name, p in network.named_parameters() if not name.startswith("encoder.")]
    groups = [
        {"params": [p for p in encoder if p.ndim > 1], "peak": settings.lr},
        {"params": [p for p in encoder if p.ndim <= 1], "peak": settings.lr, "weight_decay": 0.0},
        {"params": new, "peak": 3 * settings.lr},
    ]
    return torch.optim.AdamW(groups, lr=settings.lr, weight_decay=settings.weight_decay, fused=True)


def known_in(labels: Sequence[Labels], chosen: NDArray[np.int64]) -> list[int]:
    """In how many of the chosen cases each slot is known."""
    return [int(one.known[chosen].sum()) for one in labels]


def loss_of(
    logits: Tensor,
    labels: Sequence[Labels],
    chosen: NDArray[np.int64],
    known_cases: Sequence[int],
    shares: Tensor | None = None,
) -> Tensor:
    """Mean over the slots of the mean loss over the cases in which the slot is known.

    known_cases: how many those are in the whole batch, of which these may be a part: the parts' losses add up.
    shares (n,): how much each of the answers counts, all of it if not given.
    """
    total = logits.sum() * 0
    for one, cases in zip(labels, known_cases, strict=True):
        known = torch.from_numpy(one.known[chosen]).float().to(logits.device)
        targets = torch.from_numpy(one.targets[chosen]).to(logits.device)
        each = one.slot.recipe.loss(logits[:, one.outputs], targets, one.weights.to(logits.device))
        counted = known if shares is None else known * shares
        total = total + (each * counted).sum() / max(1, cases)
    return total / max(1, len(labels))


@torch.no_grad()
def follow(average: nn.Module, network: nn.Module, decay: float, step: int) -> None:
    """Move the averaged weights and batch norm statistics a little towards the current ones."""
    share = 1 - min(decay, (1 + step) / (10 + step))
    current = network.state_dict()
    moved = {key: of for key, of in average.state_dict().items() if of.is_floating_point()}
    # hundreds of them: on a card one launch after the other would take longer than the work
    torch._foreach_lerp_(list(moved.values()), [current[key] for key in moved], share)


def predict_logits(
    network: Network,
    images: Images,
    chosen: NDArray[np.int64],
    size: int,
    tick: Callable[[], None],
    *,
    both_ways: bool,
) -> NDArray[np.float64]:
    """(n, outputs) of the chosen examples, without augmentation. tick: called again and again; what it raises passes
    through."""
    encoder, device = folded(network.encoder), device_of(network)
    found = []
    with torch.inference_mode():
        for at in range(0, len(chosen), BATCH):
            few = chosen[at : at + BATCH]
            batch = images.take(few)
            rows = [
                embedded(encoder, resize(part.to(device), size), both_ways)
                for part in torch.split(batch.images, at_once(batch.images.shape[1:]))
            ]
            answers = network.answers(torch.cat(rows), batch.counts, few)
            found.append(answers.double().cpu().numpy())
            tick()
    return np.concatenate(found) if found else np.zeros((0, len(network.heads.bias)))
