"""Memory for time: what a batch norm and a ReLU make is made again for the backward pass instead of being held until then.

Every convolution's input is then made of the output of the one before, and half of what a training step holds is not held
(Rota Bulo et al., In-Place Activated BatchNorm, CVPR 2018, take the other half and invert it). The convolutions themselves
are not computed again."""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from training.networks.same import SameConv2d


def activated(norm: nn.Module, conv: nn.Conv2d, x: Tensor, most: float = math.inf) -> Tensor:
    """conv(relu(norm(x))), where the ReLU ends at `most`; while it learns, x is all that is held.

    A card has the memory and is waited for: there everything is held."""
    learning = isinstance(norm, nn.BatchNorm2d) and norm.training and torch.is_grad_enabled()
    if learning and not x.is_cuda:
        found: Tensor = _Activated.apply(  # type: ignore[no-untyped-call]
            x, norm.weight, norm.bias, conv.weight, norm, conv, most
        )
        return found
    return holding(norm, conv, x, most)


def holding(norm: nn.Module, conv: nn.Conv2d, x: Tensor, most: float = math.inf) -> Tensor:
    """The same, which holds everything."""
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
        momentum, averages = norm.momentum or 0.0, (norm.running_mean, norm.running_var)
        y, mean, inverse = torch.native_batch_norm(
            x, scale, shift, *averages, True, momentum, norm.eps
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
