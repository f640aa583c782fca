"""The last question before a version is kept: does what was stored say what was judged?"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from accounts.said import Said
from training import weights
from training.dataset import Dataset
from training.engine.model import Model

Predictions = Sequence[Mapping[str, Mapping[str, Any]]]  # by slot, case by case
CASES = 5
DIFFERENT = Said(
    "The stored weights do not say what the trained model said; nothing was kept. Train again.",
    "stored_weights_differ",
)


def prove(
    sha256: str,
    test: Dataset,
    judged: Predictions,
    answer: Callable[[Model, Dataset], Predictions],
) -> None:
    """Load the stored weights anew and let them answer a few test cases; raises BadWeights unless they say the same."""
    few = Dataset(test.examples[:CASES], test.bags[:CASES])
    try:
        said = answer(Model.load(weights.checked(sha256), sha256), few)
    except (ValueError, KeyError) as problem:
        unusable = f"The stored weights cannot be used: {problem}"
        raise weights.BadWeights(
            Said(unusable, "stored_weights_unusable", why=str(problem))
        ) from problem
    for new, before in zip(said, judged[:CASES], strict=True):
        if not all(slot in new and _same(new[slot], before[slot]) for slot in before):
            raise weights.BadWeights(DIFFERENT)


def _same(new: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Items of an image have ids of their own each time: they are compared by how many there are."""
    if isinstance(before["value"], list):
        return len(new["value"]) == len(before["value"])
    if isinstance(before["value"], float):
        return bool(np.isclose(new["value"], before["value"], rtol=1e-4))
    chances = (new.get("probabilities", []), before.get("probabilities", []))
    return bool(new["value"] == before["value"]) and np.allclose(*chances, atol=1e-4)
