"""From the pictures of a case to one embedding: a film is its own, of a stack or of several views much has to become one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Embeddings = NDArray[np.float32]
EVERY = ""  # the pooled embedding of every slot that has none of its own


@dataclass(frozen=True)
class Bags:
    """The pictures' embeddings (P, width), case after case; case n has the rows starts[n] to starts[n + 1].

    beside: what is known of each case's patient, where a model reads it (covariates.py).
    """

    rows: Embeddings
    starts: NDArray[np.int64]  # (N + 1,)
    beside: Sequence[Mapping[str, Any]] | None = None

    @classmethod
    def single(cls, rows: Embeddings) -> "Bags":
        return cls(rows, np.arange(len(rows) + 1))

    @classmethod
    def of(
        cls, parts: Sequence[Embeddings], beside: Sequence[Mapping[str, Any]] | None = None
    ) -> "Bags":
        return cls(np.concatenate(parts), np.cumsum([0, *map(len, parts)]), beside)

    def __len__(self) -> int:
        return len(self.starts) - 1

    def each(self) -> list[Embeddings]:
        return [self.rows[a:b] for a, b in zip(self.starts[:-1], self.starts[1:], strict=True)]


class Pooling(Protocol):
    name: str

    def pooled(self, bags: Bags) -> dict[str, Embeddings]:
        """(N, width) by slot; EVERY stands for the slots that are not named."""

    def parts(self, slot: str, rows: Embeddings, direction: Embeddings) -> Embeddings:
        """(P, width): what of a head's direction meets the embedding of each picture (P, width) of one case, so that
        the products of all of them add up to the direction's with the pooled embedding."""

    def foremost(self, slot: str, rows: Embeddings, direction: Embeddings) -> int:
        """Which of the pictures (P, width) of one case counts most."""

    def tensors(self) -> Mapping[str, NDArray[np.float32]]:
        """What it learned."""


class Mean:
    """The mean; of one picture, the picture's own."""

    name = "mean"

    def pooled(self, bags: Bags) -> dict[str, Embeddings]:
        counts = np.diff(bags.starts).astype(np.float32)
        mean: Embeddings = _reduced(bags, np.add) / counts[:, None]
        return {EVERY: mean}

    def parts(self, slot: str, rows: Embeddings, direction: Embeddings) -> Embeddings:
        return np.broadcast_to(direction / np.float32(len(rows)), rows.shape)

    def foremost(self, slot: str, rows: Embeddings, direction: Embeddings) -> int:
        return _above_the_others(rows, self.parts(slot, rows, direction))

    def tensors(self) -> Mapping[str, NDArray[np.float32]]:
        return {}


class MeanMax:
    """The mean, and beside it the largest of every feature: one torn slice of forty hardly moves a mean."""

    name = "mean_max"

    def pooled(self, bags: Bags) -> dict[str, Embeddings]:
        mean = Mean().pooled(bags)[EVERY]
        return {EVERY: np.concatenate([mean, _reduced(bags, np.maximum)], axis=1)}

    def parts(self, slot: str, rows: Embeddings, direction: Embeddings) -> Embeddings:
        of_mean, of_largest = np.split(direction, 2)
        largest = rows.argmax(0) == np.arange(len(rows))[:, None]
        found: Embeddings = Mean().parts(slot, rows, of_mean) + of_largest * largest
        return found

    def foremost(self, slot: str, rows: Embeddings, direction: Embeddings) -> int:
        return _above_the_others(rows, self.parts(slot, rows, direction))

    def tensors(self) -> Mapping[str, NDArray[np.float32]]:
        return {}


class Attention:
    """A weighted mean for each slot, whose weights the pictures' embeddings give (gated attention: Ilse, Tomczak and
    Welling, ICML 2018, arXiv 1802.04712).

    value, gate: (hidden, width); score: (slots, hidden).
    """

    name = "attention"

    def __init__(
        self,
        slots: Sequence[str],
        value: NDArray[np.float32],
        gate: NDArray[np.float32],
        score: NDArray[np.float32],
    ) -> None:
        self.slots, self.value, self.gate, self.score = list(slots), value, gate, score

    def weights(self, bags: Bags) -> NDArray[np.float32]:
        """(P, slots): of each case they sum to one."""
        # Case by case, so that the same case weighs the same in other company, to the last bit.
        none = np.zeros((0, len(self.slots)), dtype=np.float32)
        scores = np.concatenate([none, *(self._scores(rows) for rows in bags.each())])
        counts = np.diff(bags.starts)
        highest = np.maximum.reduceat(scores, bags.starts[:-1])
        raised = np.exp(scores - np.repeat(highest, counts, axis=0))
        total = np.add.reduceat(raised, bags.starts[:-1])
        shares: NDArray[np.float32] = raised / np.repeat(total, counts, axis=0)
        return shares

    def _scores(self, rows: Embeddings) -> NDArray[np.float32]:
        hidden = np.tanh(rows @ self.value.T) / (1 + np.exp(-(rows @ self.gate.T)))
        found: NDArray[np.float32] = hidden @ self.score.T
        return found

    def pooled(self, bags: Bags) -> dict[str, Embeddings]:
        weights = self.weights(bags)
        found = Mean().pooled(bags)
        for index, slot in enumerate(self.slots):
            weighted = bags.rows * weights[:, index : index + 1]
            found[slot] = np.add.reduceat(weighted, bags.starts[:-1])
        return found

    def parts(self, slot: str, rows: Embeddings, direction: Embeddings) -> Embeddings:
        found: Embeddings = self._weights_for(slot, rows)[:, None] * direction
        return found

    def foremost(self, slot: str, rows: Embeddings, direction: Embeddings) -> int:
        return int(self._weights_for(slot, rows).argmax())

    def _weights_for(self, slot: str, rows: Embeddings) -> Embeddings:
        if slot not in self.slots:
            return np.full(len(rows), 1 / len(rows), dtype=np.float32)
        found: Embeddings = self.weights(Bags.of([rows]))[:, self.slots.index(slot)]
        return found

    def tensors(self) -> Mapping[str, NDArray[np.float32]]:
        return {"value": self.value, "gate": self.gate, "score": self.score}


def of_name(name: str, slots: Sequence[str], tensors: Mapping[str, NDArray[np.float32]]) -> Pooling:
    """As it was saved. ValueError if there is no pooling of that name."""
    if name == Attention.name:
        return Attention(slots, tensors["value"], tensors["gate"], tensors["score"])
    known: dict[str, type[Mean] | type[MeanMax]] = {Mean.name: Mean, MeanMax.name: MeanMax}
    if name not in known:
        raise ValueError(
            f"There is no pooling {name!r}; known are {', '.join([*known, Attention.name])}."
        )
    return known[name]()


def pooled_for(slot: str, pooled: Mapping[str, Embeddings]) -> Embeddings:
    """(N, width) that the slot's head reads."""
    return pooled[slot] if slot in pooled else pooled[EVERY]


def as_bags(embeddings: Embeddings | Bags) -> Bags:
    return embeddings if isinstance(embeddings, Bags) else Bags.single(embeddings)


def _above_the_others(rows: Embeddings, parts: Embeddings) -> int:
    return int(((rows - rows.mean(0)) * parts).sum(1).argmax())


def _reduced(bags: Bags, function: Any) -> Embeddings:
    if not len(bags):
        return np.zeros((0, bags.rows.shape[1]), dtype=np.float32)
    found: Embeddings = function.reduceat(bags.rows, bags.starts[:-1])
    return found
