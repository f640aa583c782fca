"""What polygons and masks share: each cell says whether it is inside (Ronneberger et al., U-Net, MICCAI 2015), by cross
entropy and soft Dice together.

Maps of a picture: one for each name of an area, of logits. An area in an image's own pixels is a picture of yes and no.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_erosion, distance_transform_edt
from scipy.special import expit, logit
from torch import Tensor
from torch.nn import functional

from training.recipes import statistics
from training.recipes.dense import Affine, Calibration, Field, Item, Items, Place, Shape
from training.recipes.hits import known, known_pictures
from training.recipes.place import inverse
from training.recipes.placed import Compared, Figure, Measure, Placed, Said
from training.recipes.statistics import UNDEFINED, Floats

Maps = NDArray[Any]
Area = NDArray[np.bool_]
Spot = tuple[str, int, str]  # image, frame, name

FINE = 4  # an area is drawn so much finer than the cells, and averaged
PRIOR_PICTURES = 50  # that are drawn to see how much of a picture is inside
THRESHOLDS = (0.3, 0.4, 0.5, 0.6, 0.7)
LEAST_CELLS = 2.0  # an area of less is a speck
UNCALIBRATED = {"threshold": 0.5}


class Areas(Placed):
    MAIN_METRIC, SAID, EVIDENCE = "dice", "Dice", False

    @abstractmethod
    def names(self, field: Field) -> list[str]:
        """Of the maps; an item is on one of them."""

    @abstractmethod
    def name(self, item: Item) -> str: ...

    @abstractmethod
    def pixels(self, item: Item) -> tuple[int, int, Area]:
        """Left and top of the item on its image, and the pixels from there on."""

    @abstractmethod
    def shapes(self, area: Area, name: str, to_image: Affine, place: Place) -> list[dict[str, Any]]:
        """The items' own parts for an area that was found, given in pixels that `to_image` leads to the image's."""

    def channels(self, field: Field) -> int:
        return len(self.names(field))

    def start(self, field: Field, shown: Sequence[tuple[Items, Affine]], shape: Shape) -> Floats:
        """Logits of how much of a picture is inside."""
        drawn = [self.drawn(field, *one, shape) for one in shown[:PRIOR_PICTURES]]
        share = np.mean([of.mean((1, 2)) for of in drawn], axis=0)
        return np.asarray(logit(np.clip(share, 0.001, 0.5)), dtype=np.float64)

    def drawn(self, field: Field, items: Items, to_cells: Affine, shape: Shape) -> Maps:
        """(names, *shape): how much of each cell is inside."""
        names = self.names(field)
        found = np.zeros((len(names), shape[0] * FINE, shape[1] * FINE), dtype=np.float32)
        for item in items:
            left, top, area = self.pixels(item)
            back = inverse(to_cells * FINE)
            back[:, 2] -= left, top
            # PIL asks for the pixel at a place's middle, as these maps do
            picture = Image.fromarray(area.astype(np.uint8))
            size = (shape[1] * FINE, shape[0] * FINE)
            on = picture.transform(size, Image.Transform.AFFINE, tuple(back.ravel().tolist()))
            at = names.index(self.name(item))
            found[at] = np.maximum(found[at], np.asarray(on))
        cells = found.reshape(len(names), shape[0], FINE, shape[1], FINE)
        averaged: NDArray[np.float32] = cells.mean((2, 4))
        return averaged

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        each = functional.binary_cross_entropy_with_logits(outputs, targets, reduction="none")
        inside = torch.sigmoid(outputs)
        both = (inside * targets).sum((2, 3))
        dice = 1 - (2 * both + 1) / (inside.sum((2, 3)) + targets.sum((2, 3)) + 1)
        return (each.mean((2, 3)) + dice).mean(1)

    def weight(self, targets: Tensor) -> Tensor:
        """Each picture as much as any other."""
        return torch.ones(len(targets))

    def found(self, field: Field, outputs: Maps) -> NDArray[np.float16]:
        """(names, H, W) logits."""
        return outputs.astype(np.float16)

    def chances(self, outputs: Maps, calibration: Calibration) -> Floats:
        """Of the likeliest name."""
        return np.asarray(expit(outputs.astype(np.float64)).max(0))

    def decode(
        self,
        field: Field,
        found: Sequence[Maps],
        places: Sequence[Place],
        to_cells: Sequence[Affine],
        calibration: Calibration,
    ) -> dict[str, Any]:
        """`mm`: side of a pixel of each image, where it is known; `pixels`: how many it has."""
        threshold = {**UNCALIBRATED, **calibration}["threshold"]
        items: list[dict[str, Any]] = []
        doubt = [0.0]
        for logits, place, cells in zip(found, places, to_cells, strict=True):
            for name, of in zip(self.names(field), logits, strict=True):
                chances = _finer(expit(of.astype(np.float32)))
                area = chances >= threshold
                if area.sum() < LEAST_CELLS * FINE**2:
                    continue
                score = float(chances[area].mean())
                doubt.append(1 - abs(2 * score - 1))
                to_image = inverse(cells * FINE)
                items += [
                    {"image": place.image, "frame": place.frame, "score": score} | shape
                    for shape in self.shapes(area, name, to_image, place)
                ]
        items.sort(key=lambda item: -item["score"])
        return {
            "kind": self.kind,
            "value": [
                {"id": f"m{number}", "attributes": {}} | item
                for number, item in enumerate(items[: field.get("maximum")], 1)
            ],
            "mm": {place.image: place.pixel_mm for place in places if place.pixel_mm},
            "pixels": {place.image: place.rows * place.columns for place in places},
            "probabilities": [],
            "uncertainty": max(doubt),
        }

    def calibrate(
        self,
        field: Field,
        answer: Callable[[Calibration], Sequence[Mapping[str, Any]]],
        y_true: Sequence[Any],
    ) -> dict[str, Any]:
        """The threshold of the largest Dice."""

        def dice(threshold: float) -> float:
            said = answer({"threshold": threshold})
            found = [self._dice(t, one["value"]) for t, one in zip(y_true, said, strict=True)]
            return float(np.nan_to_num(statistics.mean_defined(np.array(found))))

        return {"threshold": max(THRESHOLDS, key=dice)} if y_true else dict(UNCALIBRATED)

    def compared(self, field: Field, y_true: Sequence[Any], predictions: Said) -> Compared:
        """Means over the cases in which either marked something, of the distance over those in which both marked one image."""
        pairs = list(zip(y_true, predictions, strict=True))
        dice = _mean([self._dice(value, said["value"]) for value, said in pairs])

        def figures(figure: Figure) -> dict[str, Any]:
            known = any(said.get("mm") for said in predictions)
            away = [
                self._distance(value, said["value"], said.get("mm", {}) if known else None)
                for value, said in pairs
            ]
            name = "surface_mm" if known else "surface_pixels"
            return {"dice": figure(dice), name: figure(_mean(away))}

        return Compared(dice, 0, figures)

    def nothing(self) -> dict[str, Any]:
        return {name: dict(UNDEFINED) for name in ("dice", "surface_mm")}

    def chance(self, field: Field, y_true: Sequence[Any], predictions: Said) -> float:
        """The Dice of marking all of every picture, with those of the names with which it is largest."""
        cases = [
            self._shares(field, value, said.get("pixels", {}))
            for value, said in zip(y_true, predictions, strict=True)
        ]
        inside, marked, shown = (np.array(of, dtype=np.float64) for of in zip(*cases, strict=True))
        order = np.argsort(-inside.sum(0), kind="stable")
        names = 1 + np.arange(len(order))
        both = inside[:, order].cumsum(1)
        dice = statistics.divide(2 * both, (marked + shown * names.reshape(-1, 1)).T)
        dice[shown == 0] = np.nan
        return float(np.nan_to_num(statistics.mean_defined(dice.T)).max())

    def _shares(
        self, field: Field, value: Items, pixels: Mapping[str, int]
    ) -> tuple[list[int], int, int]:
        """Of a case how many pixels are marked with each name on the pictures that are read, how many in all, and how many
        these pictures have."""
        names = self.names(field)
        inside, marked = [0] * len(names), 0
        for (image, _, name), one, _ in self._spots(value, []):
            inside[names.index(name)] += int(one.sum()) * (image in pixels)
            marked += int(one.sum())
        read = known_pictures(value) if value else {(image, 1) for image in pixels}
        return inside, marked, sum(pixels.get(image, 0) for image, _ in read)

    def _dice(self, value: Items, said: Items) -> float:
        """NaN where nothing is marked."""
        both = total = 0
        for one, other in self._pairs(value, said):
            both, total = both + int((one & other).sum()), total + int(one.sum() + other.sum())
        return 2 * both / total if total else np.nan

    def _distance(self, value: Items, said: Items, mm: Mapping[str, float] | None) -> float:
        """Mean distance of the outlines of both from each other, over the images on which both marked something: in
        pixels, or in mm over those whose pixels' size is known."""
        found = []
        for (image, _, _), one, other in self._spots(value, said):
            if one.any() and other.any():
                scale = 1.0 if mm is None else mm.get(image, np.nan)
                found.append(surface_distance(one, other) * scale)
        return float(np.mean(found)) if found else np.nan

    def _pairs(self, value: Items, said: Items) -> Iterator[tuple[Area, Area]]:
        return ((one, other) for _, one, other in self._spots(value, said))

    def _spots(self, value: Items, said: Items) -> Iterator[tuple[Spot, Area, Area]]:
        """Of each image, frame and name what is inside by either, on one canvas with a pixel's margin; of pictures of
        which nothing is known none."""
        parts: dict[Spot, list[tuple[int, tuple[int, int, Area]]]] = {}
        for side, items in enumerate((value, known(value, said))):
            for item in items:
                spot = (item["image"], item["frame"], self.name(item))
                parts.setdefault(spot, []).append((side, self.pixels(item)))
        for spot, found in parts.items():
            left = min(x for _, (x, _, _) in found) - 1
            top = min(y for _, (_, y, _) in found) - 1
            right = max(x + area.shape[1] for _, (x, _, area) in found) + 1
            low = max(y + area.shape[0] for _, (_, y, area) in found) + 1
            both = np.zeros((2, low - top, right - left), dtype=bool)
            for side, (x, y, area) in found:
                rows = slice(y - top, y - top + area.shape[0])
                both[side, rows, x - left : x - left + area.shape[1]] |= area
            yield spot, both[0], both[1]


def surface_distance(one: Area, other: Area) -> float:
    """Mean distance in pixels from each outline's pixels to the nearest of the other's, both ways together."""
    edges = [area & ~binary_erosion(area) for area in (one, other)]
    away = [distance_transform_edt(~edge) for edge in edges]
    return float(np.concatenate([away[1][edges[0]], away[0][edges[1]]]).mean())


def _finer(chances: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) to (FINE H, FINE W)."""
    height, width = chances.shape
    picture = Image.fromarray(chances)
    finer = picture.resize((width * FINE, height * FINE), Image.Resampling.BILINEAR)
    return np.asarray(finer)


def _mean(values: Sequence[float]) -> Measure:
    """Over the cases in which the value is defined."""
    given = np.array(values, dtype=np.float64)
    defined = np.isfinite(given)
    kept = np.where(defined, given, 0)
    return lambda weights: statistics.divide(weights @ kept, weights @ defined)
