"""Where torch calculates: on a CUDA card in half precision where there is one, else on the processor as it is."""

from contextlib import AbstractContextManager, nullcontext

import torch


def best_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def half(device: torch.device) -> AbstractContextManager[None]:
    """Mixed precision where it is faster and needs no scaling of the loss: bfloat16 on the cards that calculate in it. Others
    would only imitate it, more slowly than float32."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()
