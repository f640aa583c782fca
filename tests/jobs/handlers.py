"""Handlers that real workers load in test_workers and test_chaos; their effects are rows of a table of the test."""

import os
import re
import signal
import time
from collections.abc import Callable

from django.db import connection

from jobs.runner import Refused, Running, job

QUEUE = "chaos"


def note(running: Running, number: int) -> Callable[[], dict[str, int]]:
    """An effect without any protection of its own: no unique key stops a second row."""

    def apply() -> dict[str, int]:
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO chaos_effect (number, attempt) VALUES (%s, %s)",
                [number, running.attempt],
            )
        return {"number": number}

    return apply


@job("test.effect", queue=QUEUE)
def effect(running: Running, *, number: int) -> Callable[[], dict[str, int]]:
    for step in range(8):
        running.progress(step / 8, f"Step {step + 1} of 8", {"step": step})
        time.sleep(0.05)
    return note(running, number)


@job("test.silent", queue=QUEUE)
def silent(running: Running, *, number: int) -> Callable[[], dict[str, int]]:
    """Never asks whether it still holds its lease: only the fence at the end can stop a zombie."""
    time.sleep(1.0)
    return note(running, number)


@job("test.greedy", queue=QUEUE)
def greedy(running: Running, *, number: int) -> Callable[[], dict[str, int]]:
    """Lets no other thread run for a good second at a time, as a training step may."""
    for _ in range(3):
        re.match(r"(a+)+$", "a" * 22 + "b")
    return note(running, number)


@job("test.poison", queue=QUEUE)
def poison(running: Running) -> None:
    running.progress(0.5, "Reading the poisoned file")
    time.sleep(1.0)
    os.kill(os.getpid(), signal.SIGKILL)


@job("test.long", queue=QUEUE)
def long(running: Running) -> None:
    while True:
        running.progress(0.5, "At work for ever")
        time.sleep(0.05)


@job("test.refused", queue=QUEUE)
def refused(running: Running) -> None:
    raise Refused("There is nothing to do.")
