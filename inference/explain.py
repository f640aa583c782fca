"""Where a model looked for its answer. Of a slot of whole cases it is the class activation map (Zhou et al., CVPR 2016,
arXiv 1512.04150), which of these networks is what Grad-CAM gives, of one of places its head's own map.

An embedding is the mean of the encoder's last map and a head is linear, so a head's outputs are the mean over the map's
places of what each place adds to them: with one picture and the plain mean the map is exact, of several pictures it is
that of the one which counts most, seen as the pooling sees it. Of an answer that weighs marks as well it shows the head's own
part; the marks have maps of their own. What lies below the middle of the map is left clear.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import shift

from training.engine.examples import AnySlot, Slot
from training.engine.images import Crop
from training.engine.model import Model
from training.networks.backbone import STRIDES
from training.networks.halves import Halves, half_of
from training.recipes import DENSE
from training.recipes.dense import DenseRecipe
from training.recipes.place import fitted
from training.recipes.recipe import Recipe

Floats = NDArray[np.float32]
SIDE = 96  # pixels on the longer side of what is kept: the map itself has a dozen places
PART, MOST = 48, 512  # of a crop within it, which makes the whole larger, but no larger than this


@dataclass(frozen=True)
class Looked:
    """A picture of a case as its model read it, or the volume of it."""

    square: NDArray[np.uint8]  # (S, S), prepared; (D, H, W)
    embeddings: Floats  # (P, width), of all pictures of the case
    place: int  # which of them it is
    features: Floats | None = None  # what the encoder makes of it, where that is at hand


Map = Callable[[Model, Looked, Any, Mapping[str, Any]], Floats]


def explain(model: Model, looked: Looked, slot: AnySlot, said: Mapping[str, Any]) -> Floats:
    """(h, w), of a volume (d, h, w), from 0 to 1 over what was prepared: how much each place speaks for what the slot's
    kind looks for."""
    drawn: Map = own if slot.field["kind"] in DENSE else activation
    return drawn(model, looked, slot, said)


def foremost(model: Model, embeddings: Floats, slot: Slot[Recipe], said: Mapping[str, Any]) -> int:
    """Which of the pictures (P, width) of a case the slot's map is of."""
    if len(embeddings) == 1:
        return 0
    return model.pooling.foremost(slot.name, embeddings, _direction(model, slot, said))


def surest(said: Mapping[str, Any]) -> tuple[str, int] | None:
    """Image and frame of the place that a slot of places is surest of; None where it found none at all."""
    found = max(_marked(said), key=lambda one: one["score"], default=None)
    return (found["image"], found["frame"]) if found else None


def activation(model: Model, looked: Looked, slot: Slot[Recipe], said: Mapping[str, Any]) -> Floats:
    """Of kinds that a head answers from whole pictures."""
    assert model.encoder is not None
    direction = _direction(model, slot, said)
    part = model.pooling.parts(slot.name, looked.embeddings, direction)[looked.place]
    features = looked.features
    if features is None:
        features = model.encoder.feature_map(looked.square)  # (width, h, w)
    network = model.encoder.network
    if isinstance(network, Halves):
        places = network.beyond / STRIDES[-1]
        found = _of_halves(part, features, model.encoder.both_ways, places).astype(np.float32)
    else:
        found = np.tensordot(part, features, axes=1).astype(np.float32)
    found -= np.median(found)
    most = float(found.max())
    return np.clip(found / most, 0, 1) if most > 0 else np.zeros_like(found)


def beyond(model: Model, slot: AnySlot) -> tuple[float, float]:
    """How far below and right of the middles of their cells the map's places look, in places. A dense head learned where its
    own answers lie; where an encoder looks at a picture and at its mirror image, the two sides make up for one another; and of
    halves the map was set right across."""
    assert model.encoder is not None
    if slot.field["kind"] in DENSE:
        return 0.0, 0.0
    network = model.encoder.network
    part = network.beyond / STRIDES[-1]
    return part, 0.0 if model.encoder.both_ways or isinstance(network, Halves) else part


def _of_halves(part: Floats, features: Floats, both_ways: bool, places: float) -> Floats:
    """(h, w) of a picture that was seen in halves (networks/halves.py), of which the right one was mirrored: what is of the left one
    moved so many places to the right, the other to the left."""
    if both_ways:  # then either half of the channels knows both
        columns = features.shape[2]
        own, at = half_of(columns * STRIDES[-1]) // STRIDES[-1], np.arange(columns)
        left = ((at < own) + 1.0 - (at >= columns - own)) / 2
        whole = np.tensordot(part, features, axes=1)
        of = [whole * left, whole * (1 - left)]
    else:
        halves = zip(np.split(part, 2), np.split(features, 2), strict=True)
        of = [np.tensordot(*half, axes=1) for half in halves]
    moved: Floats = sum(
        shift(one, (0, by), order=1, mode="nearest")
        for one, by in zip(of, (places, -places), strict=True)
    )
    return moved


def own(model: Model, looked: Looked, slot: Slot[DenseRecipe], said: Mapping[str, Any]) -> Floats:
    """Of kinds whose answers are places: on the scale of the surest place of the case, and where nothing is proposed of
    what would be, so that it stays pale."""
    assert model.encoder is not None
    assert model.dense is not None
    threshold = model.dense.heads[slot.name].calibration.get("threshold", 1.0)
    # of a place on several slices, what the surest one alone says: the map is of one slice
    most = max((one.get("alone", one["score"]) for one in _marked(said)), default=0.0)
    most = most if said["value"] else max(most, threshold)
    found = model.dense.chances(model.encoder, slot, looked.square)
    return np.asarray(np.clip(found / np.float32(most), 0, 1))


def _marked(said: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """All places that may be something, as far as they are kept."""
    found: Sequence[Mapping[str, Any]] = said.get("hits", said["value"])
    return found


def _direction(model: Model, slot: Slot[Recipe], said: Mapping[str, Any]) -> Floats:
    """Through the embeddings, to more of it: present, a higher grade, a larger number; of a choice to the option that
    was named, away from the others."""
    weight = model.direction(slot.name)  # (outputs, width)
    if slot.field["kind"] != "choice":
        summed: Floats = weight.sum(0)
        return summed
    named = said["value"] if isinstance(said["value"], list) else [said["value"]]
    chosen = [str(option["value"]) in named for option in slot.field["options"]]
    if not any(chosen):
        chosen = [True] * len(chosen)
    mean: Floats = weight[chosen].mean(0)
    return mean if slot.field.get("many") else mean - weight.mean(0)


def over_image(
    found: Floats,
    size: int,
    rows: int,
    columns: int,
    *,
    mirror: bool,
    crop: Crop | None = None,
    beyond: tuple[float, float] = (0.0, 0.0),
) -> bytes:
    """A map of a prepared square as a grey PNG over the whole image that the square, or a crop of it, was made of. beyond: see
    there."""
    if mirror:
        found, beyond = found[:, ::-1], (beyond[0], -beyond[1])
    if crop is not None:
        return png_of(_around(found, rows, columns, crop, beyond))
    square = _stretched(found, size, beyond)
    height, width, top, left = fitted(rows, columns, size)
    image = square.crop((left, top, left + width, top + height))
    image.thumbnail((SIDE, SIDE), Image.Resampling.BOX)
    return png_of(image)


def _around(
    found: Floats, rows: int, columns: int, crop: Crop, beyond: tuple[float, float]
) -> Image.Image:
    """Empty beside the crop, and so fine that there is something to see of it."""
    longest = max(rows, columns)
    scale = min(max(PART / crop.side, SIDE / longest), MOST / longest)
    height, width, side = (max(1, round(of * scale)) for of in (rows, columns, crop.side))
    image = Image.new("F", (width, height))
    square = _stretched(found, side, beyond)
    image.paste(square, (round(crop.left * scale), round(crop.top * scale)))
    return image


def _stretched(found: Floats, side: int, beyond: tuple[float, float]) -> Image.Image:
    square = Image.fromarray(found).resize((side, side), Image.Resampling.BILINEAR)
    if beyond == (0.0, 0.0):
        return square
    pixels = [part * side / places for part, places in zip(beyond, found.shape, strict=True)]
    return Image.fromarray(shift(np.asarray(square), pixels, order=1, mode="nearest"))


def png_of(image: Image.Image) -> bytes:
    """Grey, of levels from 0 to 1."""
    levels = np.rint(np.clip(np.asarray(image), 0, 1) * 255).astype(np.uint8)
    buffer = BytesIO()
    Image.fromarray(levels).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
