"""Answers dealt out anew, so that they tell nothing of their cases."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def shuffled(answers: Sequence[bool], groups: Sequence[str], seed: int) -> NDArray[np.int64]:
    """(N,): whose answer each case gets, one of its own group's. Of those with a finding as many get one as of those
    without: a draw by lot gives more to either, and of so few cases that is learned."""
    rng = np.random.default_rng(seed)
    found, of = np.asarray(answers, dtype=bool), np.asarray(groups)
    whose = np.arange(len(found))
    for group in np.unique(of):
        present, absent = (
            rng.permutation(np.flatnonzero((of == group) & (found == is_))) for is_ in (True, False)
        )
        share = len(present) / max(1, len(present) + len(absent))
        kept = round(share * len(present))  # of those with a finding that get one
        given = len(present) - kept
        whose[np.concatenate([present, absent])] = np.concatenate(
            [
                np.roll(present[:kept], 1),
                absent[:given],
                present[kept:],
                np.roll(absent[given:], 1),
            ]
        )
    return whose
