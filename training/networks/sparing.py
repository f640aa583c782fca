"""Memory for time: what the backward pass needs is computed again instead of being held."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint


def sparing(part: nn.Module, x: Tensor) -> Tensor:
    """part(x), but what the backward pass needs from within is computed again there instead of being held until then.

    A card has the memory and is waited for: there it is part(x)."""
    if not (part.training and torch.is_grad_enabled()) or x.is_cuda:
        found: Tensor = part(x)
        return found
    again: Tensor = checkpoint(
        part,
        x,
        use_reentrant=False,
        preserve_rng_state=True,  # the branches left out must be the same ones
        context_fn=lambda: (nullcontext(), _averages_kept(part)),
    )
    return again


@contextmanager
def _averages_kept(part: nn.Module) -> Iterator[None]:
    """The second pass over a batch must not move the running averages again."""
    norms = [module for module in part.modules() if isinstance(module, nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in zip(norms, momenta, strict=True):
            norm.momentum = momentum
