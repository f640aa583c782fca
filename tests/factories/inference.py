"""Predictions as rows, and cases of one side of the split."""

from typing import Any

from annotation.models import Case, PatientSplit, Task
from inference.models import Prediction
from tests.factories.annotation import make_cases
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
    return Prediction.objects.create(case=case, model=model, slots=slots)


def keep_cases(task: Task, split: str, count: int) -> list[Case]:
    """So many cases of patients on one side; the task has no others."""
    side = PatientSplit.objects.filter(task=task, split=split).values("patient")
    while Case.objects.filter(task=task, patient__in=side).count() < count:
        make_cases(task, 10)
    kept = list(Case.objects.filter(task=task, patient__in=side).order_by("pk")[:count])
    Case.objects.filter(task=task).exclude(pk__in=[case.pk for case in kept]).delete()
    return kept
