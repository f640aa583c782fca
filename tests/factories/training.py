"""Trainings and model versions as rows, without a network behind them unless a test stores one."""

import hashlib
from itertools import count
from typing import Any

from annotation.models import Snapshot, Task
from jobs.models import Job
from training import weights
from training.models import ModelVersion, TrainingRun

_numbers = count(1)
PASSED = {"passed": True, "reason": "Better than before."}


def make_snapshot(task: Task) -> Snapshot:
    """A snapshot without rows."""
    number = Snapshot.objects.filter(task=task).count() + 1
    return Snapshot.objects.create(task=task, number=number, hash=f"{next(_numbers):064x}")


def make_run(task: Task, job_state: str = "done", **values: Any) -> TrainingRun:
    """A training whose job stands as given; it is in no queue."""
    job = Job.objects.create(
        kind="training.train",
        queue="train",
        topic=task.topic,
        state=job_state,
        key=f"train/{task.pk}",
    )
    given: dict[str, Any] = {"speed": "fast", "trigger": "A test", "references": 20} | values
    snapshot = given.pop("snapshot", None) or make_snapshot(task)
    return TrainingRun.objects.create(task=task, snapshot=snapshot, job=job, **given)


def make_model(task: Task, state: str = "candidate", **values: Any) -> ModelVersion:
    """An evaluated version that passed the gate; its weights are bytes that no network could load."""
    number = ModelVersion.objects.filter(task=task).count() + 1
    given: dict[str, Any] = {
        "weights": store_bytes(f"weights {next(_numbers)}".encode()),
        "encoder": "e" * 64,
        "metrics": {
            "kl": {"n": 12, "n_patients": 12, "qwk": {"value": 0.5, "low": 0.4, "high": 0.6}}
        },
        "gate": PASSED,
    } | values
    run = given.pop("run", None) or make_run(task)
    return ModelVersion.objects.create(task=task, number=number, run=run, state=state, **given)


def store_bytes(content: bytes) -> str:
    """Bytes in the weight store under their SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    weights.folder().mkdir(parents=True, exist_ok=True)
    weights.path_of(sha256).write_bytes(content)
    return sha256
