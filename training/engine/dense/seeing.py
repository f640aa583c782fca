"""From pictures to answers: what each picture shows, and from those of a case its prediction."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from training.engine.augment import resize
from training.engine.batches import Images
from training.engine.dense.heads import DenseHead
from training.engine.encoder import BATCH, Encoder, filled, to_input
from training.engine.examples import Example, Slot
from training.engine.exported import Exported
from training.networks.backbone import STRIDES, Backbone
from training.networks.pyramid import CHANNELS, Pyramid
from training.networks.weights import encoder_bytes
from training.recipes.dense import DenseRecipe, Found
from training.recipes.place import Place, after, scaling

DenseSlot = Slot[DenseRecipe]
Seen = dict[str, list[Found]]  # by slot, of each picture
COARSE = 2  # of STRIDES: the map that heads read where no pyramid was trained


class Dense:
    """The dense part of a model: heads on the pyramid that a full run trained, or on a map of the encoder."""

    def __init__(self, heads: Mapping[str, DenseHead], pyramid: Pyramid | None) -> None:
        self.heads = dict(heads)
        self.pyramid = pyramid.eval().requires_grad_(False) if pyramid is not None else None

    @property
    def stride(self) -> int:
        return STRIDES[0] if self.pyramid is not None else STRIDES[COARSE]

    def without(self, names: Collection[str]) -> "Dense":
        heads = {name: head for name, head in self.heads.items() if name not in names}
        return Dense(heads, self.pyramid)

    def sha256(self, encoder: Encoder) -> str:
        """Names what it makes of a picture."""
        told = hashlib.sha256(encoder.sha256.encode())
        if self.pyramid is not None:
            told.update(encoder_bytes(self.pyramid.state_dict()))
        return told.hexdigest()

    def maps(self, encoder: Encoder, squares: NDArray[np.uint8]) -> NDArray[np.float16]:
        """Prepared images (P, S, S) to what the heads read, to be kept."""
        if quick := self._by_onnxruntime(encoder, squares):
            return quick(squares).astype(np.float16)
        with torch.inference_mode():
            found = self.features(encoder.fast(), torch.from_numpy(squares))
        return found.cpu().numpy().astype(np.float16)

    def shape(self, encoder: Encoder, size: int) -> tuple[int, int, int]:
        """Of what it makes of a picture."""
        side = -(-size // self.stride)
        width = CHANNELS if self.pyramid is not None else encoder.network.widths[COARSE]
        return width, side, side

    def features(self, encoder: Backbone, pictures: Tensor) -> Tensor:
        """Grey pictures (P, S, S), 0-255, to what the heads read (P, features, H, W)."""
        at = next(encoder.parameters()).device
        maps = encoder.feature_maps(to_input(pictures.to(at), encoder))
        found: Tensor = self.pyramid.to(at)(maps) if self.pyramid is not None else maps[COARSE]
        return found

    def find(
        self, encoder: Encoder, slots: Sequence[DenseSlot], squares: NDArray[np.uint8]
    ) -> Seen:
        """As look, of prepared images (P, S, S) at full size, by whatever is quickest."""
        quick = self._by_onnxruntime(encoder, squares)
        if quick is None:
            return self.look(encoder.fast(), slots, torch.from_numpy(squares))
        seen: Seen = {slot.name: [] for slot in slots}
        for n in range(len(squares)):
            features = torch.from_numpy(quick(squares[n : n + 1]))
            for slot in slots:
                seen[slot.name] += self.said(slot, features)
        return seen

    def _by_onnxruntime(self, encoder: Encoder, squares: NDArray[np.uint8]) -> Exported | None:
        if not len(squares):
            return None
        return encoder.exported(
            self.sha256(encoder), lambda network: _Features(self, network), squares.shape[1:]
        )

    def look(self, encoder: Backbone, slots: Sequence[DenseSlot], pictures: Tensor) -> Seen:
        """What each slot's recipe keeps of each of the pictures (P, S, S)."""
        seen: Seen = {slot.name: [] for slot in slots}
        with torch.inference_mode():
            for part in torch.split(pictures, BATCH):
                # Filled up for the same reason as in Encoder.embed.
                features = self.features(encoder, filled(part, BATCH))
                for slot in slots:
                    seen[slot.name] += self.said(slot, features)[: len(part)]
        return seen

    def said(self, slot: DenseSlot, features: Tensor) -> list[Found]:
        """What the slot's recipe keeps of pictures of which the features (P, features, H, W) are known."""
        return [slot.recipe.found(slot.field, one) for one in self._outputs(slot, features)]

    def chances(
        self, encoder: Encoder, slot: DenseSlot, square: NDArray[np.uint8]
    ) -> NDArray[np.float32]:
        """(H, W): how sure the slot is of each place of a prepared image (S, S)."""
        pictures = torch.from_numpy(square[None].copy())
        with torch.inference_mode():
            [outputs] = self._outputs(slot, self.features(encoder.fast(), pictures))
        found: NDArray[np.float32] = slot.recipe.chances(
            outputs, self.heads[slot.name].calibration
        ).astype(np.float32)
        return found

    def _outputs(self, slot: DenseSlot, features: Tensor) -> NDArray[np.float32]:
        """(P, channels, H, W)."""
        head = self.heads[slot.name]
        weight, bias = (torch.from_numpy(of).to(features.device) for of in (head.weight, head.bias))
        outputs = torch.einsum("cf,pfhw->pchw", weight, features) + bias[:, None, None]
        found: NDArray[np.float32] = outputs.cpu().numpy()
        return found

    def answer(
        self,
        slot: DenseSlot,
        found: Sequence[Found],
        places: Sequence[Place],
        size: int,
        calibration: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """The prediction of one case; by its own calibration if none is given. size: the side of the pictures looked at."""
        if calibration is None:
            calibration = self.heads[slot.name].calibration
        cells = [after(scaling(1 / self.stride), place.to_square(size)) for place in places]
        return slot.recipe.decode(slot.field, found, places, cells, calibration)

    def tensors(self) -> dict[str, Tensor]:
        """What it learned, by name."""
        found = {}
        for name, head in self.heads.items():
            found[f"heads.{name}.weight"] = torch.from_numpy(head.weight)
            found[f"heads.{name}.bias"] = torch.from_numpy(head.bias)
        if self.pyramid is not None:
            for key, tensor in self.pyramid.state_dict().items():
                found[f"pyramid.{key}"] = tensor.detach().cpu().contiguous()
        return found

    def metadata(self) -> dict[str, Any]:
        return {
            "calibration": {name: dict(head.calibration) for name, head in self.heads.items()},
            "pyramid": self.pyramid is not None,
        }

    @classmethod
    def of(
        cls, metadata: Mapping[str, Any], tensors: Mapping[str, Tensor], widths: Sequence[int]
    ) -> "Dense":
        """As it was saved; widths: the channels of its encoder's maps."""
        heads = {
            name: DenseHead(
                tensors[f"heads.{name}.weight"].numpy(),
                tensors[f"heads.{name}.bias"].numpy(),
                calibration,
            )
            for name, calibration in metadata["calibration"].items()
        }
        if not metadata["pyramid"]:
            return cls(heads, None)
        pyramid = Pyramid(widths)
        pyramid.load_state_dict(
            {
                key.removeprefix("pyramid."): tensor
                for key, tensor in tensors.items()
                if key.startswith("pyramid.")
            }
        )
        return cls(heads, pyramid)


class _Features(nn.Module):
    """`Dense.features` as a module, to be exported."""

    def __init__(self, dense: Dense, network: Backbone) -> None:
        super().__init__()
        self.dense, self.network = dense, network

    def forward(self, pictures: Tensor) -> Tensor:
        return self.dense.features(self.network, pictures)


def look_at(
    dense: Dense,
    encoder: Backbone,
    slots: Sequence[DenseSlot],
    images: Images,
    chosen: Sequence[int],
    size: int,
    tick: Callable[[], None],
) -> dict[str, list[list[Found]]]:
    """By slot, of each picture of each chosen example. tick: called after each; what it raises passes through."""
    found: dict[str, list[list[Found]]] = {slot.name: [] for slot in slots}
    for n in chosen:
        batch = images.take(np.array([n]))
        seen = dense.look(encoder, slots, resize(batch.images, size))
        for name, of in seen.items():
            found[name].append(of)
        tick()
    return found


def answers(
    dense: Dense,
    slot: DenseSlot,
    found: Sequence[Sequence[Found]],
    examples: Sequence[Example],
    size: int,
    calibration: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """The predictions of examples of whose pictures `found` was seen."""
    return [
        dense.answer(slot, of, example.places, size, calibration)
        for of, example in zip(found, examples, strict=True)
    ]
