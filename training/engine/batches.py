"""The prepared images of the cases, and those of a few of them at a time."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.engine.cache import Rows


@dataclass(frozen=True)
class Batch:
    images: Tensor  # uint8 (P, S, S)
    counts: Tensor  # (n,) how many of them each example has


@dataclass(frozen=True)
class Images:
    """Prepared images (any, S, S), in memory or in a file; example n has those of the rows starts[n] to starts[n + 1]."""

    array: NDArray[np.uint8] | Rows
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def single(cls, array: NDArray[np.uint8] | Rows, rows: NDArray[np.int64]) -> "Images":
        """One image an example."""
        return cls(array, rows, np.arange(len(rows) + 1))

    def counts(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = self.starts[chosen + 1] - self.starts[chosen]
        return found

    def take(self, chosen: NDArray[np.int64]) -> Batch:
        """All images of the chosen examples: the only ones that are read from disk."""
        return self._read([np.arange(self.starts[n], self.starts[n + 1]) for n in chosen])

    def draw(self, chosen: NDArray[np.int64], most: int, generator: torch.Generator) -> Batch:
        """At most `most` images of each, drawn anew in every step: a stack is far more than a step can hold."""
        places = []
        for n in chosen:
            start, stop = int(self.starts[n]), int(self.starts[n + 1])
            if stop - start > most:
                drawn = torch.randperm(stop - start, generator=generator)[:most]
                places.append(start + np.sort(drawn.numpy()))
            else:
                places.append(np.arange(start, stop))
        return self._read(places)

    def _read(self, places: list[NDArray[np.int64]]) -> Batch:
        rows = self.rows[np.concatenate(places)] if places else np.zeros(0, dtype=np.int64)
        return Batch(
            torch.from_numpy(np.array(self.array[rows])),
            torch.tensor([len(one) for one in places]),
        )
