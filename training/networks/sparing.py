"""Memory for time: what can be made again quickly for the backward pass is not held until then.

A batch norm and a ReLU are two passes over memory; what they make of a convolution for the next one is as large as what they
made it of, and half of what most blocks hold (Rota Bulo et al., In-Place Activated BatchNorm, CVPR 2018, keep that half and
invert it). Where the maps are largest and few convolutions are long, whole parts are computed again (Chen et al.,
Training Deep Nets with Sublinear Memory Cost, 2016).
"""

import math
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.utils.checkpoint import checkpoint

from training.networks.same import SameConv2d


def activated(norm: nn.Module, conv: nn.Conv2d, x: Tensor, most: float = math.inf) -> Tensor:
    """conv(relu(norm(x))) of (N, C, H, W), where the ReLU ends at `most`; while it learns, x is all that is held.

    A card has the memory and is waited for: there everything is held, and with norms and convolutions of another make than
    the networks here have."""
    if _learns(norm, x) and conv.bias is None:
        found: Tensor = _Activated.apply(  # type: ignore[no-untyped-call]
            x, norm.weight, norm.bias, conv.weight, norm, conv, most
        )
        return found
    return holding(norm, conv, x, most)


def _learns(norm: nn.Module, x: Tensor) -> bool:
    return (
        isinstance(norm, nn.BatchNorm2d)
        and norm.training
        and torch.is_grad_enabled()
        and not x.is_cuda
        and not torch.is_autocast_enabled("cpu")
        and norm.affine
        and norm.momentum is not None
        and x.numel() > x.shape[1]  # of a single value a channel there is no spread: torch says so
    )


def again(part: nn.Module, x: Tensor) -> Tensor:
    """part(x), of which x alone is held while it learns."""
    if not (part.training and torch.is_grad_enabled()) or x.is_cuda:
        found: Tensor = part(x)
        return found
    computed: Tensor = checkpoint(
        part,
        x,
        use_reentrant=False,
        preserve_rng_state=True,  # the branches left out must be the same ones
        context_fn=lambda: (nullcontext(), _averages_kept(part)),
    )
    return computed


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


def holding(norm: nn.Module, conv: nn.Conv2d, x: Tensor, most: float = math.inf) -> Tensor:
    """The same, of which everything is held. x may be written over."""
    return conv(_relu(norm(x), most))  # type: ignore[no-any-return]


def _relu(x: Tensor, most: float) -> Tensor:
    """In place: of the input neither a batch norm nor a convolution needs anything for its backward pass."""
    return torch.relu_(x) if math.isinf(most) else nn.functional.hardtanh_(x, 0.0, most)


class _Activated(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        scale: Tensor,
        shift: Tensor,
        weight: Tensor,
        norm: nn.BatchNorm2d,
        conv: nn.Conv2d,
        most: float,
    ) -> Tensor:
        if norm.num_batches_tracked is not None:
            norm.num_batches_tracked.add_(1)
        averages = norm.running_mean, norm.running_var
        y, mean, inverse = torch.native_batch_norm(
            x, scale, shift, *averages, True, norm.momentum or 0.0, norm.eps
        )
        ctx.save_for_backward(x, scale, shift, weight, mean, inverse)
        ctx.conv, ctx.eps, ctx.most = conv, norm.eps, most
        return conv(_relu(y, most))  # type: ignore[no-any-return]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        x, scale, shift, weight, mean, inverse = ctx.saved_tensors
        variance = inverse.pow(-2) - ctx.eps
        y = torch.batch_norm(x, scale, shift, mean, variance, False, 0.0, ctx.eps, False)
        of_y, of_weight = _back_through(ctx.conv, _relu(y, ctx.most), weight, gradient)
        torch.ops.aten.hardtanh_backward.grad_input(of_y, y, 0.0, ctx.most, grad_input=of_y)
        del y  # before the largest gradient is made
        of_x, of_scale, of_shift = torch.ops.aten.native_batch_norm_backward(
            of_y, x, scale, None, None, mean, inverse, True, ctx.eps, [True, True, True]
        )
        return of_x, of_scale, of_shift, of_weight, None, None, None


def _back_through(
    conv: nn.Conv2d, y: Tensor, weight: Tensor, gradient: Tensor
) -> tuple[Tensor, Tensor]:
    """Gradients of what a convolution read and of its weights."""
    padding: Any = conv.padding
    if isinstance(conv, SameConv2d):
        padding, (rows, columns) = conv.alike(y)
        if rows or columns:
            gradient = nn.functional.pad(gradient, (columns, 0, rows, 0))
    of_y, of_weight, _ = torch.ops.aten.convolution_backward(
        gradient,
        y,
        weight,
        None,
        conv.stride,
        padding,
        conv.dilation,
        False,
        [0, 0],
        conv.groups,
        [True, True, False],
    )
    return of_y, of_weight
