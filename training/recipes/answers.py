"""Which answers there are to learn from."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Answers = Sequence[Mapping[str, Any] | None]


def answered(answers: Answers) -> NDArray[np.bool_]:
    """(N,): not assessable and not asked are no answers."""
    return np.array(
        [one is not None and one.get("state") == "answered" for one in answers], dtype=np.bool_
    )


def values(answers: Answers) -> Iterator[tuple[int, Any]]:
    """Row and value of each answer that there is."""
    for row, one in enumerate(answers):
        if one is not None and one.get("state") == "answered":
            yield row, one.get("value")


def items_of(answers: Answers) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """The lists of items (N,) and whether each case was answered. ValueError for an answer that is no list."""
    found, known = np.empty(len(answers), dtype=object), answered(answers)
    for row, value in values(answers):
        if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
            raise ValueError(
                f"The answer {value!r} is no list of items; correct it and train again."
            )
        found[row] = value
    return found, known
