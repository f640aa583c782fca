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
