"""Safetensors files as an admin may send them, sound and otherwise; and starting weights as rows."""

import json
from itertools import count
from typing import Any

import numpy as np
import torch
from safetensors.torch import save

from annotation.models import Task
from tests.factories.annotation import make_user
from training import weights
from training.models import StartingWeights
from training.networks import NETWORKS
from training.networks.weights import encoder_bytes

_seeds = count(1)


def state_of(network: str, seed: int = 0) -> dict[str, torch.Tensor]:
    """The tensors of a fresh network, counters included, as torchvision's files have them."""
    torch.manual_seed(seed)
    return NETWORKS[network]().state_dict()


def file_of(network: str = "efficientnet_lite0", **changed: torch.Tensor | None) -> bytes:
    """A whole file; `changed`: tensors that are exchanged, added or, where None, left out."""
    state = state_of(network) | {key.replace("__", "."): of for key, of in changed.items()}
    return save({key: of.contiguous() for key, of in state.items() if of is not None})


def lying(header: dict[str, Any], data: bytes = b"") -> bytes:
    """A file with this header, whatever it says of the data behind it."""
    told = json.dumps(header).encode()
    return len(told).to_bytes(8, "little") + told + data


def at(start: int, end: int) -> dict[str, Any]:
    return {"dtype": "F32", "shape": [2], "data_offsets": [start, end]}


TWO = np.ones(2, dtype=np.float32).tobytes()


def make_start(task: Task, network: str = "efficientnet_lite0", **values: Any) -> StartingWeights:
    """Weights that are stored and belong to a fresh network."""
    content = encoder_bytes(state_of(network, next(_seeds)))
    given = {"name": "Published", "source": "A test", "by": make_user()} | values
    return StartingWeights.objects.create(
        task=task, network=network, sha256=weights.store(content), **given
    )
