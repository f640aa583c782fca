"""Celery's view of this app: the training itself."""

from collections.abc import Callable, Mapping
from typing import Any

from jobs.runner import Running, job


@job("training.train", queue="train")
def train(running: Running, *, run_id: int) -> Callable[[], Mapping[str, Any]]:
    from training import run  # noqa: PLC0415 -- torch takes seconds and 200 MB

    return run.train(running, run_id)
