"""The same function with fewer steps: a batch norm that follows a convolution becomes part of it."""

import copy
import itertools

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from training.networks.backbone import Backbone


def folded(network: Backbone) -> Backbone:
    """A copy for inference only, up to twice as fast.

    In every module here a batch norm that is declared right after a convolution is applied right after it as well; one
    that stands elsewhere (DenseNet's first of each layer) stays as it is.
    """
    found = copy.deepcopy(network).eval().requires_grad_(False)
    for module in list(found.modules()):
        children = list(module.named_children())
        for (before, convolution), (after, norm) in itertools.pairwise(children):
            if isinstance(convolution, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                fused = fuse_conv_bn_eval(convolution, norm).requires_grad_(False)
                setattr(module, before, fused)
                setattr(module, after, nn.Identity())
    layout = torch.channels_last if network.dims == 2 else torch.contiguous_format
    return found.to(memory_format=layout)  # type: ignore[call-overload, no-any-return]
