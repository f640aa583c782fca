"""How much longer readers wait for the next case while a full run trains on the same cores: with and without it in turns."""

import os
import time
from typing import Any

import psycopg

from tests.benchmarks.figures import Figure
from tests.benchmarks.throughput import PREPARE, SIZE, shell
from tests.benchmarks.worklist import percentile, round_of
from tests.instance import Instance, running

READERS = 10
TURNS = int(os.environ.get("OSTEON_BENCH_TURNS", "3"))
ROUNDS = 2  # of each turn
CASES = {
    "cases": 1_000,
    "waiting": 0,
    "learned": 1_000,
    "epochs": 400,
    "size": SIZE,
}  # more than anybody waits for
BATCH = 32
STARTING_SECONDS = 600
JOB = "SELECT state, text, detail, error FROM jobs_job WHERE kind = 'training.train' ORDER BY id DESC LIMIT 1"
CANCEL = (
    "import json; from jobs.cancel import cancel; from jobs.models import Job; "
    "print(json.dumps(cancel(Job.objects.filter(kind='training.train')[0]).pk))"
)
Database = psycopg.Connection[Any]


def measure() -> tuple[list[Figure], str]:
    alone: list[float] = []
    beside: list[float] = []
    speeds = []
    with (
        running("background") as instance,
        psycopg.connect(instance.environment["DATABASE_URL"], autocommit=True) as database,
    ):
        task = str(shell(instance, PREPARE.format(**CASES)))
        read(instance)  # warm-up, not counted
        for _ in range(TURNS):
            alone += read(instance)
            instance.manage("retrain", task, "--speed", "full")
            before, began = wait_until_training(database), time.monotonic()
            beside += read(instance)
            speeds.append((steps_of(database) - before) * BATCH / (time.monotonic() - began))
            shell(instance, CANCEL)
            wait_until_over(database)
    return figures_of(alone, beside, speeds), (
        f"{READERS} readers without a pause, as in the worklist's measurement, {TURNS} turns of {ROUNDS} rounds each alone and "
        "beside a full run with the platform's own threads and niceness (the KL template's encoder and settings, 700 "
        "generated knees); readers' clients, servers, database and training share the machine.\n"
    )


def read(instance: Instance) -> list[float]:
    """Seconds of each `next` of some rounds, each on a task of its own."""
    found: list[float] = []
    for _ in range(ROUNDS):
        result = round_of(instance, READERS)
        if result["errors"]:
            raise RuntimeError(f"{len(result['errors'])} requests failed: {result['errors'][0]}")
        found += result["next"]
    return found


def job_of(database: Database) -> tuple[str, str, dict[str, Any], str]:
    row = database.execute(JOB).fetchone()
    assert row is not None
    return row[0], row[1], row[2], row[3]


def wait_until_training(database: Database) -> int:
    """Until it takes steps; how many it has taken."""
    until = time.monotonic() + STARTING_SECONDS
    while time.monotonic() < until:
        state, text, _, error = job_of(database)
        if state not in ("queued", "running"):
            raise RuntimeError(f"The training is {state}: {error}")
        if text.startswith("Epoch"):
            return steps_of(database)
        time.sleep(0.2)
    raise RuntimeError(f"No step of the training in {STARTING_SECONDS} s; its last word: {text!r}.")


def steps_of(database: Database) -> int:
    state, _, detail, error = job_of(database)
    if state != "running":
        raise RuntimeError(f"The training is {state} while readers read: {error}")
    return int((detail["epoch"] - 1) * detail["steps"] + detail["step"])


def wait_until_over(database: Database) -> None:
    while job_of(database)[0] == "running":
        time.sleep(0.2)


def figures_of(alone: list[float], beside: list[float], speeds: list[float]) -> list[Figure]:
    p95 = {name: percentile(of, 0.95) for name, of in (("alone", alone), ("beside", beside))}
    p50 = {name: percentile(of, 0.5) for name, of in (("alone", alone), ("beside", beside))}
    return [
        Figure(
            "background.next_p95_ratio",
            p95["beside"] / p95["alone"],
            "≤ 2",
            f"next at {READERS} readers while a full run trains, over that without",
        ),
        Figure("background.next_p95_ms_alone", p95["alone"] * 1e3),
        Figure("background.next_p95_ms_beside", p95["beside"] * 1e3),
        Figure("background.next_p50_ms_alone", p50["alone"] * 1e3),
        Figure("background.next_p50_ms_beside", p50["beside"] * 1e3),
        Figure(
            "background.train_per_s",
            sum(speeds) / len(speeds),
            "",
            "images/s of the training meanwhile",
        ),
    ]
