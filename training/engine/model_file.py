"""What a model's file holds: one safetensors file with everything but the tensors as JSON in its header."""

import json
from collections.abc import Mapping
from typing import Any

import torch

from training.engine.dense.seeing import Dense
from training.engine.encoder import Encoder
from training.engine.pooling import Mean, Pooling, of_name

FORMAT = "osteon-model-1"


def pooling_in(metadata: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]) -> Pooling:
    learned = {key: tensor.numpy() for key, tensor in part_of(tensors, "pooling.").items()}
    name = metadata.get("pooling", Mean.name)  # models of before there were several pictures
    return of_name(name, metadata.get("pooling_slots", []), learned)


def dense_in(
    metadata: Mapping[str, Any], tensors: Mapping[str, torch.Tensor], encoder: Encoder | None
) -> Dense | None:
    told = metadata.get("dense")  # models of before there were places have none
    if told is None:
        return None
    return Dense.of(told, part_of(tensors, "dense."), encoder.network.widths if encoder else ())


def part_of(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {
        key.removeprefix(prefix): tensor
        for key, tensor in tensors.items()
        if key.startswith(prefix)
    }


def metadata_in(content: bytes, name: str) -> dict[str, Any]:
    """The JSON in a safetensors header: eight bytes of its length, then the header itself."""
    length = int.from_bytes(content[:8], "little")
    text = json.loads(content[8 : 8 + length]).get("__metadata__", {}).get("osteon")
    metadata: dict[str, Any] = json.loads(text) if text else {}
    if metadata.get("format") != FORMAT:
        raise ValueError(f"The file {name} is no model of this platform ({FORMAT}).")
    return metadata
