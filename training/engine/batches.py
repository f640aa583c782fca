"""The prepared images of the cases, and those of a few of them at a time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from training.engine.cache import Rows

Marked = Mapping[
    int, NDArray[np.int64]
]  # by example, those of its pictures that show something to be found


@dataclass(frozen=True)
class Batch:
    images: Tensor  # uint8 (P, S, S)
    counts: Tensor  # (n,) how many of them each example has
    which: NDArray[np.int64]  # (P,) which of its example's pictures each is


@dataclass(frozen=True)
class Images:
    """Prepared images (any, S, S), in memory or in a file; example n has those of the rows starts[n] to starts[n + 1]."""

    array: NDArray[Any] | Rows
    rows: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def single(cls, array: NDArray[Any] | Rows, rows: NDArray[np.int64]) -> "Images":
        """One image an example."""
        return cls(array, rows, np.arange(len(rows) + 1))

    def counts(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        found: NDArray[np.int64] = self.starts[chosen + 1] - self.starts[chosen]
        return found

    def take(self, chosen: NDArray[np.int64]) -> Batch:
        """All images of the chosen examples: the only ones that are read from disk."""
        return self._read(chosen, [np.arange(count) for count in self.counts(chosen)])

    def draw(
        self,
        chosen: NDArray[np.int64],
        most: int,
        generator: torch.Generator,
        marked: Marked | None = None,
    ) -> Batch:
        """At most `most` images of each, drawn anew in every step: a stack is far more than a step can hold.

        Half of them are of those `marked`, as far as there are any.
        """
        which = []
        for n, count in zip(chosen.tolist(), self.counts(chosen).tolist(), strict=True):
            if count <= most:
                which.append(np.arange(count))
                continue
            order = torch.randperm(count, generator=generator).numpy()
            first = order[np.isin(order, (marked or {}).get(n, []))][: -(-most // 2)]
            others = order[~np.isin(order, first)]
            which.append(np.sort(np.concatenate([first, others])[:most]))
        return self._read(chosen, which)

    def _read(self, chosen: NDArray[np.int64], which: list[NDArray[np.int64]]) -> Batch:
        places = [self.starts[n] + one for n, one in zip(chosen, which, strict=True)]
        nothing = np.zeros(0, dtype=np.int64)
        rows = self.rows[np.concatenate(places)] if places else nothing
        return Batch(
            torch.from_numpy(np.array(self.array[rows])),
            torch.tensor([len(one) for one in which]),
            np.concatenate(which) if which else nothing,
        )
