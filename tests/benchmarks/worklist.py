"""The worklist over HTTP: many readers pull and submit at once, no think time, on the real platform.

The clients run in their own process on the same machine and cores as the servers.
"""

import json
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from tests.benchmarks.figures import Figure
from tests.instance import Instance, running

CASES = 1_000
PREPARE = Path(__file__).with_name("prepare_worklist.py")
CLIENTS = Path(__file__).with_name("clients.py")
LABEL_STUDIO = (
    6.9  # cycles/s at 10 users: Label Studio 1.23.2, PostgreSQL, four gunicorn workers, 2 cores
)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def round_of(instance: Instance, readers: int) -> dict[str, Any]:
    """One task of 1,000 cases, read to its end (or for 15 s) by so many readers."""
    setup = json.loads(instance.manage("shell", "--no-imports", "-v0", "-c", program(readers)))
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, str(CLIENTS), instance.origin],
        input=json.dumps(setup),
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    answer["wall"] = time.monotonic() - started
    return answer


def program(readers: int) -> str:
    return f"from tests.benchmarks.prepare_worklist import prepare; prepare({readers}, {CASES})"


def measure() -> tuple[list[Figure], str]:
    rows, doubled, figures = [], 0, []
    with running("worklist") as instance:
        round_of(instance, 5)  # warm-up, not counted
        for readers in (1, 10, 50):
            result = round_of(instance, readers)
            doubled += sum(n - 1 for n in Counter(result["cases"]).values())
            rows.append((readers, result))
            if result["errors"]:
                raise RuntimeError(
                    f"{len(result['errors'])} requests failed: {result['errors'][0]}"
                )
    by = dict(rows)
    cycles = len(by[10]["submit"]) / by[10]["seconds"]
    figures = [
        Figure(
            "worklist.next_p95_ms_50",
            percentile(by[50]["next"], 0.95) * 1e3,
            "≤ 250",
            "50 readers, 1,000 cases",
        ),
        Figure("worklist.doubled", doubled, "≤ 0", "cases given to two readers"),
        Figure(
            "worklist.cycles_per_s_10",
            cycles,
            "≥ 60",
            f"next + submit, 10 readers; Label Studio on such a machine: {LABEL_STUDIO}",
        ),
    ]
    for readers, result in rows:
        for verb in ("next", "submit"):
            for share in (0.5, 0.95):
                key = f"worklist.{verb}_p{share * 100:.0f}_ms_{readers}"
                if key != "worklist.next_p95_ms_50":
                    figures.append(Figure(key, percentile(result[verb], share) * 1e3))
    table = "\n".join(
        f"| {n} | {statistics.median(r['next']) * 1e3:.1f} / {percentile(r['next'], 0.95) * 1e3:.1f} "
        f"| {statistics.median(r['submit']) * 1e3:.1f} / {percentile(r['submit'], 0.95) * 1e3:.1f} "
        f"| {len(r['submit']) / r['seconds']:.1f} |"
        for n, r in rows
    )
    return figures, (
        "Each reader calls `next`, submits, and calls again, without a pause; clients, web server, workers and "
        f"PostgreSQL (fsync on) share the machine.\n\n| readers | next p50 / p95 ms | submit p50 / p95 ms | cycles/s |\n"
        f"|---|---|---|---|\n{table}\n"
    )
