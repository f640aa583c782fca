"""What somebody waits for, done by a worker of its own queue: no long job stands before it."""

from collections.abc import Mapping
from typing import Any

from accounts.said import Said, said_by
from annotation.models import Case
from inference import heatmaps as maps
from inference import quarantine
from inference.models import Prediction
from inference.predict import predict as predict_cases
from jobs.runner import Refused, Running
from training import promotion
from training.models import ModelVersion
from training.weights import BadWeights


def predict(running: Running, case_id: int) -> dict[str, Any]:
    """One case, by the model that is current now. Nothing of what it said is told here: who may see it asks for it."""
    case = Case.objects.select_related("task").filter(pk=case_id).first()
    version = promotion.current(case.task) if case else None
    if case is None or version is None:
        raise Refused(Said("There is no such case any more, or no model for it.", "case_gone"))
    loading = f"Loading model {version.number}"
    running.progress(0.0, Said(loading, "loading_model", model=version.number))
    try:
        said = predict_cases(version, [case.pk], _quietly, apart=running.attempt > 1)
    except BadWeights as problem:
        raise Refused(said_by(problem)) from problem
    if case.pk not in said.slots:
        why = said.failures.get(case.pk) or quarantine.quarantined([case.pk]).get(case.pk, "")
        sentence = f"No image of this case can be read. {why}".strip()
        raise Refused(Said(sentence, "case_unreadable", why=why))
    return {"case": case.pk, "model": version.number}


def heatmaps(
    running: Running, prediction_id: int, image: str = "", frame: int = 1
) -> Mapping[str, Any]:
    """Of the picture that is named, or of those that the prediction names. Nothing where the prediction was replaced meanwhile, or its model's weights are gone."""
    prediction = Prediction.objects.filter(pk=prediction_id).first()
    if prediction is None:
        return {"drawn": 0}
    version = ModelVersion.objects.select_related("task").get(pk=prediction.model_id)
    try:
        maps.draw(version, prediction, (image, frame) if image else None, apart=running.attempt > 1)
    except BadWeights as problem:
        raise Refused(said_by(problem)) from problem
    return {"drawn": prediction.heatmaps.count()}


def _quietly(done: int, of: int) -> None:
    """Of one case nothing is told."""
