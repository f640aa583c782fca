"""Predict now: how long a reader waits for what the model says of the case before him, also while a full run trains."""

import http.client
import json
import os
import statistics
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.benchmarks.background import CANCEL, Database, wait_until_over, wait_until_training
from tests.benchmarks.figures import Figure
from tests.benchmarks.throughput import PREPARE, shell
from tests.benchmarks.worklist import percentile
from tests.instance import Instance, running

TIMES = int(os.environ.get("OSTEON_BENCH_TIMES", "30"))  # of each kind; "≤ 1" is of 20 or more
WARMING = 2  # after the first
LEARNED = {"cases": 400, "waiting": 0, "learned": 400, "epochs": 400, "size": 224}
PREPARE_NOW = "from tests.benchmarks.prepare_now import prepare; prepare({task}, count={count})"
PATIENCE_SECONDS = 120.0
PAUSE = 0.005  # between two looks
THERE = "SELECT slots FROM inference_prediction WHERE case_id = %s"
JOB = "SELECT state, error, extract(epoch FROM started_at - created_at) FROM jobs_job WHERE id = %s"


def measure() -> tuple[list[Figure], str]:
    with (
        running("now", OSTEON_CHECK_TEXT="0") as instance,
        psycopg.connect(instance.environment["DATABASE_URL"], autocommit=True) as database,
    ):
        task = str(shell(instance, PREPARE.format(**LEARNED)))
        said = instance.manage("retrain", task, "--speed", "fast", "--wait").strip()
        if " is current:" not in said:
            raise RuntimeError(f"There is no model to ask: {said}")
        count = 1 + WARMING + 2 * TIMES
        given = shell(instance, PREPARE_NOW.format(task=task, count=count))
        cases = iter(given["cases"])
        asking = Asking(instance, database, given["token"])
        cold = asking.seconds(next(cases))
        for _ in range(WARMING):
            asking.seconds(next(cases))
        asking.claimed.clear()
        warm = [asking.seconds(next(cases)) for _ in range(TIMES)]
        claimed = percentile(asking.claimed, 0.95)
        instance.manage("retrain", task, "--speed", "full")
        wait_until_training(database)
        beside = [asking.seconds(next(cases)) for _ in range(TIMES)]
        wait_until_training(database)  # or it says that it ended before
        shell(instance, CANCEL)
        wait_until_over(database)
    return figures_of(cold, warm, beside, claimed), NOTES


class Asking:
    """A reader's client, which sees a prediction as soon as it is there."""

    def __init__(self, instance: Instance, database: Database, token: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(instance.origin).netloc, timeout=60)
        self.database, self.headers = database, {"Authorization": f"Token {token}"}
        self.claimed: list[float] = []  # seconds until a worker had taken each up

    def seconds(self, case: int) -> float:
        """From the request to the prediction. RuntimeError where there is one before, or none comes."""
        if self.database.execute(THERE, [case]).fetchone():
            raise RuntimeError(f"Case {case} was predicted before anybody asked.")
        began = time.monotonic()
        self.connection.request("POST", f"/api/cases/{case}/predict/", headers=self.headers)
        answer = self.connection.getresponse()
        told: dict[str, Any] = json.loads(answer.read())
        if answer.status != 202:
            raise RuntimeError(f"Case {case}: {answer.status} {told}")
        while (row := self.database.execute(THERE, [case]).fetchone()) is None:
            if time.monotonic() > began + PATIENCE_SECONDS:
                state, error, _ = self.job(told["job"]["id"])
                raise RuntimeError(f"No prediction of case {case}; its job is {state}: {error}")
            time.sleep(PAUSE)
        seconds = time.monotonic() - began
        if not row[0]:
            raise RuntimeError(f"The model says nothing of case {case}.")
        self.claimed.append(self.job(told["job"]["id"])[2])
        return seconds

    def job(self, number: int) -> tuple[str, str, float]:
        """State, error, and after how many seconds a worker took it up."""
        found = self.database.execute(JOB, [number]).fetchone()
        assert found is not None
        return found[0], found[1], float(found[2] or 0)


def figures_of(
    cold: float, warm: Sequence[float], beside: Sequence[float], claimed: float
) -> list[Figure]:
    asked = f"p95 of {TIMES} reads: request → the prediction is there"
    return [
        Figure("now.warm_s", percentile(list(warm), 0.95), "≤ 1", asked),
        Figure(
            "now.training_s",
            percentile(list(beside), 0.95),
            "≤ 1",
            f"{asked}, while a full run trains",
        ),
        Figure(
            "now.cold_s", cold, "", "the first after a start: its worker loads torch and the model"
        ),
        Figure("now.warm_p50_s", statistics.median(warm)),
        Figure("now.training_p50_s", statistics.median(beside)),
        Figure("now.warm_claimed_p95_s", claimed, "", "of it: until a worker has taken it up"),
    ]


NOTES = (
    "Radiographs of 2500 x 2000 pixels, none of which was decoded, prepared or embedded before; a task of the KL template with "
    "a model of a fast run on ImageNet's EfficientNet-Lite0. One request at a time, over HTTP as the page sends it, until the "
    "prediction stands in the database, looked for every 5 ms. The job that predicts all waiting cases is held back: it "
    "would take them first. The full run has the platform's own threads and niceness.\n"
)
