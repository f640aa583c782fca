"""The part of a network that turns images into embeddings, ready for fast inference."""

import hashlib
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.engine.threads import keep_freed_memory
from training.networks import NETWORKS
from training.networks.backbone import Backbone
from training.networks.folding import folded
from training.networks.weights import convert_imagenet, encoder_bytes, load_checked

BATCH = 16  # larger batches leave the processor's cache and get slower


class Encoder:
    """A network with its name and the sha256 that identifies its weights; embeddings are cached under that hash."""

    def __init__(
        self,
        network: Backbone,
        name: str = "efficientnet_lite0",
        sha256: str | None = None,
    ) -> None:
        self.network = network.eval()
        self.name = name
        self.sha256 = sha256 or hashlib.sha256(encoder_bytes(network.state_dict())).hexdigest()
        self._folded: Backbone | None = None

    @property
    def width(self) -> int:
        return self.network.width

    @classmethod
    def imagenet(cls, folder: Path) -> "Encoder":
        """The published start, converted into `folder` at the first call."""
        path, sha256 = convert_imagenet(folder)
        return cls.from_state(load_checked(path, sha256), sha256=sha256)

    @classmethod
    def from_state(
        cls, state: dict[str, Tensor], name: str = "efficientnet_lite0", sha256: str | None = None
    ) -> "Encoder":
        if name not in NETWORKS:
            raise ValueError(f"There is no network {name!r}; known are {', '.join(NETWORKS)}.")
        network = NETWORKS[name]()
        missing = network.load_state_dict(state, strict=False).missing_keys
        if any(not key.endswith("num_batches_tracked") for key in missing):
            raise ValueError(
                f"The weights lack {missing[0]}; they belong to another network than {name}."
            )
        return cls(network, name, sha256)

    def embed(self, images: NDArray[np.uint8], batch: int = BATCH) -> NDArray[np.float32]:
        """Images (N, S, S) to embeddings (N, width): of equal images to the last bit, whatever else they came with."""
        network = self._ready()
        found = np.empty((len(images), self.width), dtype=np.float32)
        with torch.inference_mode():
            for at in range(0, len(images), batch):
                part = torch.from_numpy(np.ascontiguousarray(images[at : at + batch]))
                if (
                    alone := len(part) == 1
                ):  # torch sums in another order over one than over several
                    part = part.repeat(2, 1, 1)
                rows = network(to_input(part, self.network)).numpy()
                found[at : at + batch] = rows[:1] if alone else rows
        return found

    def feature_map(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the embedding of an image (S, S) is the mean of: (width, h, w)."""
        with torch.inference_mode():
            part = to_input(torch.from_numpy(np.ascontiguousarray(image[None])), self.network)
            found: NDArray[np.float32] = self._ready().feature_map(part)[0].numpy()
        return found

    def _ready(self) -> Backbone:
        if self._folded is None:
            keep_freed_memory()
            self._folded = folded(self.network)
        return self._folded


def to_input(images: Tensor, network: Backbone) -> Tensor:
    """Grey images (N, S, S), 0-255, to the three colours (N, 3, S, S) that the network's published weights expect."""
    mean, spread = (torch.tensor(of)[None, :, None, None] for of in (network.mean, network.spread))
    scaled = (images.float()[:, None] - mean) / spread
    return scaled.contiguous(memory_format=torch.channels_last)
