"""Celery's view of this app: predictions, exports, and what beat asks every few seconds (config/settings.py)."""

from collections.abc import Callable, Mapping
from typing import Any

from celery import shared_task

from annotation.each import each_task
from inference import exports, keep_current, retraining
from jobs.runner import Running, job


@job("inference.preannotate", queue="infer")
def preannotate(running: Running, *, model_id: int) -> Mapping[str, Any]:
    from inference import preannotation  # noqa: PLC0415 -- torch takes seconds and 200 MB

    return preannotation.preannotate(running, model_id)


@job("inference.predict", queue="ask")
def predict(running: Running, *, case_id: int) -> Mapping[str, Any]:
    from inference import asked  # noqa: PLC0415 -- torch takes seconds and 200 MB

    return asked.predict(running, case_id)


@job("inference.outside", queue="ask")
def outside(running: Running, **asked: Any) -> Callable[[], Mapping[str, Any]]:
    from inference import outside  # noqa: PLC0415 -- torch takes seconds and 200 MB

    return outside.predict(running, **asked)


@job("inference.heatmaps", queue="ask")
def heatmaps(running: Running, **asked_for: Any) -> Mapping[str, Any]:
    from inference import asked  # noqa: PLC0415 -- torch takes seconds and 200 MB

    return asked.heatmaps(running, **asked_for)


@job("inference.export", queue="export")
def export(running: Running, *, export_id: int) -> Callable[[], Mapping[str, Any]]:
    return exports.make(running, export_id)


@shared_task(name="inference.keep_current", ignore_result=True)
def keep() -> None:
    each_task(keep_current.keep)


@shared_task(name="inference.consider", ignore_result=True)
def consider() -> None:
    each_task(retraining.consider)
