"""Celery's view of this app: the training itself, what it may start from, and two versions side by side."""

from collections.abc import Callable, Mapping
from typing import Any

from accounts.said import Said
from jobs.runner import Running, job
from training import comparing
from training.models import ModelVersion


@job("training.train", queue="train")
def train(running: Running, *, run_id: int) -> Callable[[], Mapping[str, Any]]:
    from training import run  # noqa: PLC0415 -- torch takes seconds and 200 MB

    return run.train(running, run_id)


@job("training.pretrain", queue="train")
def pretrain(
    running: Running, *, task_id: int, start_id: int | None, by_id: int | None
) -> Callable[[], Mapping[str, Any]]:
    from training import pretraining_run  # noqa: PLC0415 -- torch takes seconds and 200 MB

    return pretraining_run.work(running, task_id, start_id, by_id)


@job("training.compare", queue="infer")
def compare(running: Running, *, older_id: int, newer_id: int) -> Callable[[], None]:
    from training import comparison  # noqa: PLC0415 -- torch takes seconds and 200 MB

    running.progress(0.0, Said("Comparing two models", "comparing"))
    versions = ModelVersion.objects.select_related("task", "run").in_bulk([older_id, newer_id])
    result = comparison.compared(versions[older_id], versions[newer_id])
    return comparing.finish(older_id, newer_id, result)
