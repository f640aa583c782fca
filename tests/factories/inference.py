"""Predictions as rows."""

from typing import Any

from annotation.models import Case
from inference.models import Prediction
from training.models import ModelVersion


def proposal(value: int = 2, uncertainty: float = 0.4) -> dict[str, Any]:
    """What a model says of a knee."""
    chances = [0.1] * 5
    chances[value] = 0.6
    return {
        "kl": {
            "kind": "grade",
            "value": value,
            "probabilities": chances,
            "expected": float(value),
            "uncertainty": uncertainty,
        }
    }


def make_prediction(
    case: Case, model: ModelVersion, value: int = 2, uncertainty: float = 0.4
) -> Prediction:
    slots = proposal(value, uncertainty)
    return Prediction.objects.create(case=case, model=model, slots=slots, uncertainty=uncertainty)
