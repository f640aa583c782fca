"""What is known of a patient beside the images, as columns that stand beside the pooled embedding: heads alone see them.

A number is standardised on the split train; one that is named has a column for each option. Either has a column more, which
says that it is not known: the others are then 0, which is the mean.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.engine.examples import Example

Told = Mapping[str, Any]  # by covariate; what is not known is not there
Columns = NDArray[np.float32]

# Those that there are, and the options of each that is no number: as annotation/covariates.py reads them.
OPTIONS: dict[str, tuple[str, ...]] = {"sex": ("F", "M", "O"), "age": ()}
LEAST_SPREAD = 1e-6


@dataclass(frozen=True)
class Covariate:
    name: str
    options: tuple[str, ...]  # none: a number
    mean: float = 0.0
    spread: float = 1.0

    @property
    def width(self) -> int:
        return (len(self.options) or 1) + 1

    def columns(self, told: Sequence[Told]) -> Columns:
        """(N, width)."""
        values = [one.get(self.name) for one in told]
        found = np.zeros((len(values), self.width), dtype=np.float32)
        for row, value in zip(found, values, strict=True):
            if value is None:
                row[-1] = 1
            elif self.options:
                row[self.options.index(value)] = 1
            else:
                row[0] = (value - self.mean) / self.spread
        return found


@dataclass(frozen=True)
class Covariates:
    """Those that a model reads, in the order of its columns."""

    each: tuple[Covariate, ...] = ()

    @property
    def names(self) -> list[str]:
        return [one.name for one in self.each]

    @property
    def width(self) -> int:
        return sum(one.width for one in self.each)

    def columns(self, told: Sequence[Told] | None) -> Columns | None:
        """(N, width) of N cases; None where there are none. ValueError if nothing at all was told of the cases."""
        if not self.each:
            return None
        if told is None:
            raise ValueError(
                f"This model reads {' and '.join(self.names)} beside the images; give what is known of each case."
            )
        return np.concatenate([one.columns(told) for one in self.each], axis=1)

    def metadata(self) -> list[dict[str, Any]]:
        return [asdict(one) for one in self.each]

    @classmethod
    def of(cls, metadata: Iterable[Mapping[str, Any]]) -> "Covariates":
        """As they were saved."""
        return cls(tuple(Covariate(**{**one, "options": (*one["options"],)}) for one in metadata))

    @classmethod
    def fitted(cls, names: Sequence[str], examples: Sequence[Example]) -> "Covariates":
        """With the mean and spread of the split train. ValueError for one that there is not."""
        if unknown := [name for name in names if name not in OPTIONS]:
            raise ValueError(
                f"There is no covariate {unknown[0]!r}; known are {', '.join(OPTIONS)}."
            )
        return cls(tuple(_fitted(name, examples) for name in names))


def beside(pooled: NDArray[np.float32], columns: Columns | None) -> NDArray[np.float32]:
    """What a head reads: pooled embeddings (N, width) and the columns of the cases."""
    return pooled if columns is None else np.concatenate([pooled, columns], axis=1)


def _fitted(name: str, examples: Sequence[Example]) -> Covariate:
    if OPTIONS[name]:
        return Covariate(name, OPTIONS[name])
    said = (one.beside.get(name) for one in examples if one.split == "train")
    values = np.array([value for value in said if value is not None], dtype=np.float64)
    if not len(values):
        return Covariate(name, ())
    spread = float(values.std())
    return Covariate(name, (), float(values.mean()), spread if spread > LEAST_SPREAD else 1.0)
