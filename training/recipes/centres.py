"""What boxes and points share: the middle of each item is a peak of a heat map, and the cells around it say where the
item lies (Zhou, Wang and Krähenbühl, Objects as Points, arXiv 1904.07850; the cells around as in Liu et al., TTFNet,
AAAI 2020).

Maps of a picture: the heat, and `measures` more. An item in cells is a row of numbers: x, y and what its kind adds.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit
from torch import Tensor
from torch.nn import functional

from training.recipes import hits, likelihood
from training.recipes.dense import Affine, Calibration, Field, Item, Items, Place, Shape
from training.recipes.hits import Hits
from training.recipes.place import inverse
from training.recipes.placed import Compared, Figure, Placed, Said
from training.recipes.stacks import Seen, merged
from training.recipes.statistics import UNDEFINED, Floats, Interval

Maps = NDArray[np.float32]

PRIOR = 0.01  # heat of a cell before anything is seen (Lin et al., Focal Loss, ICCV 2017)
SPREAD = 0.3  # heat from which a cell helps to say where the item lies
PEAKS = 20  # of a picture that are kept
MOST_HITS = 20  # of a case
FAINT = 0.001  # a lower score is nothing
AROUND = 2  # cells to each side of a peak that have a say in where its item lies
WIDE = 4  # tables of all hits that a figure needs at once
UNCALIBRATED = {"slope": 1.0, "bias": 0.0, "threshold": 0.3, "together": False}
SUREST = 1 - 1e-6
LEAST_TO_CALIBRATE = 10  # items that are found


class Centres(Placed):
    EVIDENCE = True
    part: str  # of an item, where its numbers stand
    measures: int  # x and y, and what the kind adds

    @abstractmethod
    def rows(self, items: Items, to_cells: Affine) -> Floats:
        """(n, measures) in cells; numbers that may be averaged, as the logarithm of a side."""

    @abstractmethod
    def sigmas(self, rows: Floats) -> Floats:
        """(n, 2): how far the heat of each spreads to the side and down, in cells."""

    @abstractmethod
    def same(self, row: Floats, others: Floats) -> NDArray[np.bool_]:
        """(n,): which of the rows (n, measures) tell of the same item."""

    @abstractmethod
    def shape(self, row: Floats, to_image: Affine, place: Place) -> dict[str, Any]:
        """The item's own part: a box, a point."""

    @abstractmethod
    def near(self, field: Field, item: Item, hit: Item) -> float | None:
        """How near two items of one picture are, higher is nearer; None where they are not the same."""

    @abstractmethod
    def alike(self, field: Field, one: Item, other: Item) -> bool:
        """Whether two hits, of one slice or of two that lie side by side, are of one finding."""

    def channels(self, field: Field) -> int:
        return 1 + self.measures

    def start(self, field: Field, shown: Sequence[tuple[Items, Affine]], shape: Shape) -> Floats:
        """The prior of the heat, no offset, and the mean of what the kind adds."""
        found = [self.rows(items, to_cells) for items, to_cells in shown]
        mean = np.concatenate(found).mean(0) if found else np.zeros(self.measures)
        return np.concatenate([[logit(PRIOR), 0, 0], mean[2:]])

    def drawn(self, field: Field, items: Items, to_cells: Affine, shape: Shape) -> Maps:
        """(2 + measures, *shape): heat, what each cell near an item should say, and how much that counts."""
        heat, weight = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        told = np.zeros((self.measures, *shape), np.float32)
        down, across = np.mgrid[: shape[0], : shape[1]] + 0.5
        rows = self.rows(items, to_cells)
        spreads = self.sigmas(rows)
        for at in np.argsort(-spreads.prod(1)):  # the smallest has the last word
            row, (wide, high) = rows[at], spreads[at]
            x, y = np.floor(row[:2]) + 0.5
            if not (0 < x < shape[1] and 0 < y < shape[0]):
                continue
            own = np.exp(-(((across - x) / wide) ** 2 + ((down - y) / high) ** 2) / 2)
            around = own > SPREAD
            heat = np.maximum(heat, own).astype(np.float32)
            weight[around] = own[around] / own[around].sum()
            told[0, around], told[1, around] = (row[0] - across)[around], (row[1] - down)[around]
            told[2:, around] = row[2:, None]
        return np.concatenate([heat[None], told, weight[None]])

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        heat, told, weight = targets[:, 0], targets[:, 1:-1], targets[:, -1]
        missed = self.missed(outputs[:, 1:], told) * weight
        return (focal(outputs[:, 0], heat) + missed).sum((1, 2))

    def missed(self, said: Tensor, told: Tensor) -> Tensor:
        """(P, H, W): how far what each cell says of an item (P, measures, H, W) is from what it should say."""
        return (said - told).abs().sum(1)

    def weight(self, targets: Tensor) -> Tensor:
        """Items of each picture."""
        return (targets[:, 0] == 1).sum((1, 2)).float()

    def found(self, field: Field, outputs: NDArray[Any]) -> NDArray[np.float32]:
        """(n, 1 + measures): logit of each peak's heat and the item in cells, the surest first.

        Where an item lies is the mean of what the cells around its peak say, by their heat: one alone errs by more. A cell
        that tells of another item has no say.
        """
        heat = outputs[0]
        peaks = np.flatnonzero((heat == maximum_filter(heat, 3, mode="nearest")).ravel())
        best = peaks[np.argsort(-heat.ravel()[peaks], kind="stable")[:PEAKS]]
        said = outputs[1:].astype(np.float64)
        said[:2] += np.mgrid[: heat.shape[0], : heat.shape[1]][::-1] + 0.5
        sure = expit(heat.astype(np.float64))
        rows = np.zeros((len(best), len(outputs)), dtype=np.float32)
        for row, down, across in zip(rows, *np.divmod(best, heat.shape[1]), strict=True):
            near = tuple(slice(max(0, at - AROUND), at + AROUND + 1) for at in (down, across))
            own = said[:, down, across]
            votes = said[:, *near].reshape(len(own), -1).T
            weights = sure[near].ravel() * self.same(own, votes)
            row[0] = heat[down, across]
            row[1:] = np.average(votes, axis=0, weights=weights) if weights.any() else own
        return rows

    def chances(self, outputs: NDArray[Any], calibration: Calibration) -> Floats:
        return np.asarray(_score(outputs[0].astype(np.float64), {**UNCALIBRATED, **calibration}))

    def decode(
        self,
        field: Field,
        found: Sequence[NDArray[np.float32]],
        places: Sequence[Place],
        to_cells: Sequence[Affine],
        calibration: Calibration,
    ) -> dict[str, Any]:
        """`hits`: all that may be something, with scores; `value`: those from the threshold on; `pictures`: how many were
        looked at. Before any calibration hits also say the `logits` of the slices that show them."""
        told = {**UNCALIBRATED, **calibration}
        seen = list(self._seen(found, places, to_cells))

        def alike(one: Item, other: Item) -> bool:
            return self.alike(field, one, other)

        def together(shown: Sequence[Item]) -> dict[str, Any]:
            return self._together(shown, told)

        kept = merged(seen, places, alike, together, MOST_HITS, extent=bool(field.get("extent")))
        kept = [hit for hit in kept if hit["score"] >= FAINT]
        for hit in kept:
            logits = hit.pop("logits")
            if not calibration:
                hit["logits"] = logits  # to calibrate by
        sure = [hit for hit in kept if hit["score"] >= told["threshold"]]
        chances = np.array([[1 - hit["score"], hit["score"]] for hit in kept]).reshape(-1, 2)
        return {
            "kind": self.kind,
            "value": [
                {key: of for key, of in hit.items() if key not in ("on", "alone", "logits")}
                | {"id": f"m{number}", "attributes": {}}
                for number, hit in enumerate(sure[: field.get("maximum")], 1)
            ],
            "hits": kept,
            "pictures": len(places),
            "probabilities": [],
            "uncertainty": float(likelihood.entropy(chances).max(initial=0)),
        }

    def _seen(
        self,
        found: Sequence[NDArray[np.float32]],
        places: Sequence[Place],
        to_cells: Sequence[Affine],
    ) -> Iterator[Seen]:
        """With scores before any calibration: what belongs together does not depend on it."""
        for at, (rows, place, cells) in enumerate(zip(found, places, to_cells, strict=True)):
            to_image = inverse(cells)
            for row in rows.astype(np.float64):
                own = {"image": place.image, "frame": place.frame, "logits": [row[0]]}
                if (score := float(expit(row[0]))) >= FAINT:
                    yield at, own | self.shape(row[1:], to_image, place) | {"score": score}

    def _together(self, shown: Sequence[Item], told: Calibration) -> dict[str, Any]:
        """What several slices say of one item. Where it is known what scores are worth, that one of them is right is the
        likelier, the more there are; `alone`: the score of the surest."""
        logits = np.array([hit["logits"][0] for hit in shown])
        scores = _score(logits, told)
        lies = np.average([hit[self.part] for hit in shown], axis=0, weights=expit(logits))
        alone = sure = float(scores.max())
        if told["together"] and len(shown) > 1:
            sure = float(min(SUREST, 1 - (1 - scores).prod()))
        of = {self.part: np.round(lies, 2).tolist(), "score": sure, "logits": logits.tolist()}
        return of if sure == alone else of | {"alone": alone}

    def calibrate(
        self,
        field: Field,
        answer: Callable[[Calibration], Sequence[Mapping[str, Any]]],
        y_true: Sequence[Any],
    ) -> dict[str, Any]:
        """Scores that say how often a hit is right, by likelihood; the threshold of the largest F1."""
        calibration = dict(UNCALIBRATED)
        of = self._matched(field, y_true, answer({}))
        if of.right.sum() >= LEAST_TO_CALIBRATE:
            calibration["slope"], calibration["bias"] = _slope_and_bias(of)
            calibration["together"] = True
            of = self._matched(field, y_true, answer(calibration))
        best = hits.best_threshold(of)
        return calibration if best is None else {**calibration, "threshold": best}

    def compared(self, field: Field, y_true: Sequence[Any], predictions: Said) -> Compared:
        of = self._matched(field, y_true, predictions)

        def precision(weights: Floats) -> Floats:
            return hits.average_precision(of, weights)

        def figures(figure: Figure) -> dict[str, Any]:
            def sensitivity(false_per_case: float) -> Interval:
                return figure(
                    lambda weights: hits.sensitivity_at(of, weights, false_per_case), share=True
                )

            return {
                self.MAIN_METRIC: figure(precision),
                "sensitivity_05": sensitivity(0.5),
                "froc": [
                    {"false_per_case": each, "sensitivity": sensitivity(each)}
                    for each in hits.FALSE_EACH
                ],
                **_by_image(of, y_true, predictions, figure),
                "froc_curve": hits.curve(of),
                "items": int(of.marked.sum()),
            }

        return Compared(precision, WIDE * len(of.scores), figures)

    def nothing(self) -> dict[str, Any]:
        undefined = {name: dict(UNDEFINED) for name in (self.MAIN_METRIC, "sensitivity_05")}
        return {**undefined, "froc": [], "froc_curve": []}

    def _matched(self, field: Field, y_true: Sequence[Any], predictions: Said) -> Hits:
        found = [one.get("hits", one["value"]) for one in predictions]
        return hits.matched(y_true, found, lambda item, hit: self.near(field, item, hit))


def _by_image(of: Hits, y_true: Sequence[Any], predictions: Said, figure: Figure) -> dict[str, Any]:
    """Where cases have several pictures: as by case, by the pictures whose false hits are counted. None of predictions that
    were kept before they said how many pictures they are of."""
    pictures = np.array(
        [
            len(hits.known_pictures(items)) if items else said.get("pictures", np.nan)
            for items, said in zip(y_true, predictions, strict=True)
        ],
        dtype=np.float64,
    )
    if not pictures.max() > 1:
        return {}

    def sensitivity(false_per_image: float) -> Interval:
        return figure(
            lambda weights: hits.sensitivity_at(of, weights, false_per_image, pictures), share=True
        )

    return {
        "sensitivity_05_image": sensitivity(0.5),
        "froc_image": [
            {"false_per_image": each, "sensitivity": sensitivity(each)} for each in hits.FALSE_EACH
        ],
        "froc_curve_image": hits.curve(of, pictures),
    }


def _score(heat: Any, told: Calibration) -> Any:
    """The chance of what has this logit of the heat."""
    return expit(told["slope"] * heat + told["bias"])


def focal(logits: Tensor, heat: Tensor) -> Tensor:
    """Penalty-reduced focal loss of each cell: a peak is a 1, cells near one count the less as zeros (eq. 1 of Zhou et al.)."""
    sure = torch.sigmoid(logits)
    peak = (1 - sure) ** 2 * functional.logsigmoid(logits)
    empty = (1 - heat) ** 4 * sure**2 * functional.logsigmoid(-logits)
    return -torch.where(heat == 1, peak, empty)


def _slope_and_bias(of: Hits) -> tuple[float, float]:
    """Platt's scaling of what slices say, by hits that were scored without calibration: a hit is right unless all of its
    slices err. The faint pull keeps a separable set finite."""
    logits = np.full((len(of.found), max(len(hit["logits"]) for hit in of.found)), -np.inf)
    for row, hit in zip(logits, of.found, strict=True):
        row[: len(hit["logits"])] = hit["logits"]

    def misfit(free: Floats) -> float:
        wrong = log_expit(-(logits * np.exp(free[0]) + free[1])).sum(1)
        right = np.log(-np.expm1(np.minimum(wrong, -1e-12)))
        fit = -np.where(of.right, right, wrong).mean()
        return float(fit + 0.5 * (free**2).sum() / len(logits))

    free = minimize(misfit, np.zeros(2), method="Nelder-Mead").x
    return float(np.exp(np.clip(free[0], -1.5, 1.5))), float(np.clip(free[1], -6, 6))
