"""Kinds of job whose effect has no protection of its own: no key of its table stops a second row."""

import random
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from jobs.enqueue import enqueue
from jobs.runner import Running, job

QUEUES = (
    "train",
    "infer",
    "ingest",
    "train",
    "infer",
    "export",
)  # one worker has the last of each three
EVERY = 0.8  # seconds between two that fall due
LONGEST_END = 0.5  # seconds within the finishing transaction: kills are to fall there too


def effect(running: Running, number: int) -> Callable[[], None]:
    def apply() -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO effect VALUES (%s, %s)", [number, running.attempt])
            cursor.execute("SELECT pg_sleep(%s)", [random.uniform(0, LONGEST_END)])

    return apply


@job("bench.telling", queue="infer")
def telling(running: Running, *, number: int, seconds: float) -> Callable[[], None]:
    """Asks all the time whether it still holds its lease."""
    began = time.monotonic()
    while (share := (time.monotonic() - began) / seconds) < 1:
        running.progress(share, "At work")
        time.sleep(0.05)
    return effect(running, number)


@job("bench.silent", queue="infer")
def silent(running: Running, *, number: int, seconds: float) -> Callable[[], None]:
    """Never asks: only the token at its end can stop one that was away for too long."""
    time.sleep(seconds)
    return effect(running, number)


def ask(jobs: int, shortest: float, longest: float) -> None:
    """Enqueue so many, half of each kind, over all queues; how many seconds each takes.

    They fall due one after another: behind a long line of first bells, which never expire, nobody would hear those that
    the sweeper rings for the jobs of dead workers, and nothing would be taken over until the line had ended.
    """
    chance, now = random.Random(0), timezone.now()
    with transaction.atomic():
        for number in range(jobs):
            kind = "bench.telling" if number % 2 else "bench.silent"
            arguments = {"number": number, "seconds": chance.uniform(shortest, longest)}
            queue = QUEUES[number // 2 % len(QUEUES)]
            due = now + timedelta(seconds=1 + EVERY * number)
            enqueue(kind, queue=queue, arguments=arguments, not_before=due)
