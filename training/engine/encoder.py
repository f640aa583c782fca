"""The part of a network that turns images into embeddings, ready for fast inference."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from training.engine.device import best_device
from training.engine.exported import Exported, exported
from training.engine.threads import keep_freed_memory
from training.networks import NETWORKS, VOLUMES
from training.networks.backbone import Backbone
from training.networks.folding import folded
from training.networks.halves import Halves
from training.networks.weights import convert_imagenet, encoder_bytes, load_checked

BATCH = 16  # larger batches leave the processor's cache and get slower
# In memory, by a network's dims. Of volumes channels last trained a quarter slower on a processor (26 x 96 x 96 voxels).
LAYOUT = {2: torch.channels_last, 3: torch.contiguous_format}


class Encoder:
    """A network with its name and the sha256 that identifies what it makes; embeddings are cached under that hash.

    both_ways: an embedding is the mean of the picture's own and that of its mirror image.
    """

    def __init__(
        self,
        network: Backbone,
        name: str = "efficientnet_lite0",
        sha256: str | None = None,
        *,
        both_ways: bool = False,
    ) -> None:
        self.network = network.eval()
        self.name = name
        self.both_ways = both_ways
        self.sha256 = sha256 or _hash(network, both_ways)
        self._folded: Backbone | None = None
        self._exported: dict[tuple[Any, ...], Exported | None] = {}

    @property
    def width(self) -> int:
        return self.network.width

    @property
    def halves(self) -> bool:
        """Whether its network reads a picture in two halves."""
        return isinstance(self.network, Halves)

    def in_halves(self) -> "Encoder":
        """The same network on the two halves of a picture."""
        return self if self.halves else Encoder(Halves(self.network), self.name)

    @classmethod
    def imagenet(cls, folder: Path) -> "Encoder":
        """The published start, converted into `folder` at the first call."""
        path, sha256 = convert_imagenet(folder)
        return cls.from_state(load_checked(path, sha256), sha256=sha256)

    @classmethod
    def from_state(
        cls,
        state: dict[str, Tensor],
        name: str = "efficientnet_lite0",
        sha256: str | None = None,
        *,
        both_ways: bool = False,
        halves: bool = False,
    ) -> "Encoder":
        known = NETWORKS | VOLUMES
        if name not in known:
            raise ValueError(f"There is no network {name!r}; known are {', '.join(known)}.")
        network = Halves(known[name]()) if halves else known[name]()
        missing = network.load_state_dict(state, strict=False).missing_keys
        if any(not key.endswith("num_batches_tracked") for key in missing):
            raise ValueError(
                f"The weights lack {missing[0]}; they belong to another network than {name}."
            )
        return cls(network, name, sha256, both_ways=both_ways)

    def fast(self) -> Backbone:
        """The network for inference only."""
        if self._folded is None:
            keep_freed_memory()
            self._folded = folded(self.network).to(best_device())
        return self._folded

    def embed(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Images (N, S, S), or volumes (N, D, H, W), to embeddings (N, width): of equal ones to the last bit, whatever else
        they came with."""

        def module(network: Backbone) -> nn.Module:
            return _Embedding(network, self.both_ways)

        if len(images) and (quick := self.exported(self.sha256, module, images.shape[1:])):
            return quick(images)
        network, device, batch = self.fast(), best_device(), at_once(images.shape[1:])
        found = np.empty((len(images), self.width), dtype=np.float32)
        with torch.inference_mode():
            for at in range(0, len(images), batch):
                part = torch.from_numpy(np.ascontiguousarray(images[at : at + batch])).to(device)
                rows = embedded(network, filled(part, batch), self.both_ways)[: len(part)]
                found[at : at + batch] = rows.cpu().numpy()
        return found

    def exported(
        self, sha256: str, module: Callable[[Backbone], nn.Module], shape: Sequence[int]
    ) -> Exported | None:
        """What makes on a processor of pictures of this shape what a module about the network does, named by `sha256`;
        None where torch does it: on a card, of volumes, and where the export fails."""
        if self.network.dims != 2 or best_device().type != "cpu":
            return None
        key = (sha256, *shape, torch.get_num_threads())
        if key not in self._exported:
            keep_freed_memory()
            network = self._folded or folded(self.network)
            self._exported[key] = exported(sha256, module(network), shape)
        return self._exported[key]

    def feature_map(self, image: NDArray[np.uint8]) -> NDArray[np.float32]:
        """What the embedding of an image (S, S) is the mean of: (width, h, w)."""
        network = self.fast()
        with torch.inference_mode():
            part = torch.from_numpy(np.ascontiguousarray(image[None])).to(best_device())
            found = network.feature_map(to_input(part, network))
            if self.both_ways:
                turned = network.feature_map(to_input(part.flip(-1), network))
                found = (found + turned.flip(-1)) / 2
        kept: NDArray[np.float32] = found[0].cpu().numpy()
        return kept


class _Embedding(nn.Module):
    """`embedded` as a module, to be exported."""

    def __init__(self, network: Backbone, both_ways: bool) -> None:
        super().__init__()
        self.network, self.both_ways = network, both_ways

    def forward(self, images: Tensor) -> Tensor:
        return embedded(self.network, images, self.both_ways)


def at_once(shape: Sequence[int]) -> int:
    """So many pictures (S, S) go through a network together; a volume (D, H, W) is enough by itself."""
    return BATCH if len(shape) == 2 else 1


def filled(part: Tensor, batch: int) -> Tensor:
    """Pictures (n, S, S) with empty ones after them, (batch, S, S): torch sums in another order over a batch of another
    size, and a picture would be told differently in other company."""
    return functional.pad(part, (0, 0) * (part.ndim - 1) + (0, batch - len(part)))


def embedded(network: Backbone, images: Tensor, both_ways: bool) -> Tensor:
    """Grey images (N, S, S), 0-255, to embeddings (N, width)."""
    found: Tensor = network(to_input(images, network))
    if both_ways:
        found = (found + network(to_input(images.flip(-1), network))) / 2
    return found


def _hash(network: Backbone, both_ways: bool) -> str:
    told = hashlib.sha256(encoder_bytes(network.state_dict()))
    if both_ways:
        told.update(b"both ways")
    return told.hexdigest()


def to_input(images: Tensor, network: Backbone) -> Tensor:
    """Grey images (N, S, S), 0-255, to the three colours (N, 3, S, S) that the network's published weights expect; volumes
    (N, D, H, W) to one, (N, 1, D, H, W)."""
    mean, spread = (
        torch.tensor(of, device=images.device).view(1, -1, *[1] * network.dims)
        for of in (network.mean, network.spread)
    )
    scaled = (images.float()[:, None] - mean) / spread
    return scaled.contiguous(memory_format=LAYOUT[network.dims])
