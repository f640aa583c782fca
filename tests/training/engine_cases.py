"""Small made-up cases for the engine's tests: squares whose brightness follows the grade."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.engine.examples import Example
from training.networks.efficientnet_lite import HEAD_CHANNELS

KL: dict[str, Any] = {
    "key": "kl",
    "kind": "grade",
    "label": "KL grade",
    "grades": [{"value": value, "label": str(value)} for value in range(5)],
    "sites": [],
}
FRACTURE: dict[str, Any] = {"key": "fracture", "kind": "presence", "label": "Fracture", "sites": []}


def answered(value: Any) -> dict[str, Any]:
    return {"state": "answered", "value": value}


def graded(grades: list[int], split: str = "train", start: int = 0) -> list[Example]:
    """One example a grade, two of each patient."""
    return [
        Example(f"case-{n}", f"patient-{n // 2}", split, {"kl": answered(grade)}, "R")
        for n, grade in enumerate(grades, start)
    ]


def grades(n: int, seed: int = 0, classes: int = 5) -> list[int]:
    drawn: list[int] = np.random.default_rng(seed).integers(0, classes, n).tolist()
    return drawn


def embeddings_of(
    examples: list[Example], noise: float = 1.0, seed: int = 0
) -> NDArray[np.float32]:
    """(N, 1280) in which a few features rise with the grade."""
    generator = np.random.default_rng(seed)
    found = generator.normal(size=(len(examples), HEAD_CHANNELS)) * noise
    found[:, :20] += np.array([[example.answers["kl"]["value"]] for example in examples])
    return found.astype(np.float32)


def images_of(examples: list[Example], size: int = 32, seed: int = 0) -> NDArray[np.uint8]:
    """(N, size, size): noise with a bar that is the wider the higher the grade."""
    found = np.random.default_rng(seed).integers(0, 60, (len(examples), size, size))
    for image, example in zip(found, examples, strict=True):
        image[: 4 + 5 * int(example.answers["kl"]["value"]), :] += 150
    return found.astype(np.uint8)


def grade_prediction(value: int, probabilities: list[float] | None = None) -> dict[str, Any]:
    chances = probabilities or [0.9 if grade == value else 0.025 for grade in range(5)]
    return {
        "kind": "grade",
        "value": value,
        "probabilities": chances,
        "expected": float(value),
        "uncertainty": 0.1,
    }


def presence_prediction(present: float) -> dict[str, Any]:
    value = "present" if present >= 0.5 else "absent"
    return {
        "kind": "presence",
        "value": value,
        "probabilities": [1 - present, present],
        "uncertainty": 0.5,
    }
