"""What is left undone or done twice when the workers of a real instance are killed and frozen in the middle of jobs, and
whether any broken training touches the model in use.

The database itself is the witness: a trigger writes down each change of a job's state, and each effect is one more row.
"""

import os
import random
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections import Counter
from typing import Any

import psycopg

from tests.benchmarks.figures import Figure
from tests.benchmarks.jobs_crew import FROZEN_LEASES, MACHINES, Crew
from tests.instance import ROOT, running

JOBS = int(os.environ.get("OSTEON_BENCH_JOBS", "300"))
KILLS, FREEZES = JOBS * 60 // 300, JOBS * 40 // 300
LEASE = 3.0  # seconds
SECONDS = (1.0, 5.0)  # of a job
LONGEST = 45 * 60  # seconds, whatever the machine does besides
BROKEN_RUNS = "tests/training/test_broken_runs.py"
ASK = "from tests.benchmarks.jobs_handlers import ask; ask({jobs}, *{seconds})"
WITNESS = """
CREATE TABLE effect (number integer, attempt integer);
CREATE TABLE stale (number integer, attempt integer);
CREATE TABLE witness (job bigint, became text, error text);
CREATE FUNCTION witness() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO witness VALUES (NEW.id, NEW.state, NEW.error);
  RETURN NULL;
END $$;
CREATE TRIGGER witness AFTER UPDATE ON jobs_job FOR EACH ROW
  WHEN (OLD.state <> NEW.state AND NEW.kind LIKE 'bench.%') EXECUTE FUNCTION witness();
"""
OVER = "SELECT count(*) FROM jobs_job WHERE kind LIKE 'bench.%' AND finished_at IS NOT NULL"
# Of each job: what it became at its ends, the last reason, how many effects, and how many of them of an attempt that was over.
ACCOUNTS = """
SELECT (SELECT array_agg(became) FROM witness WHERE job = j.id AND became NOT IN ('queued', 'running')),
       (SELECT coalesce(max(error), '') FROM witness WHERE job = j.id AND became = 'failed'),
       (SELECT count(*) FROM effect WHERE number = (arguments->>'number')::int),
       (SELECT count(*) FROM effect JOIN stale USING (number, attempt)
        WHERE number = (arguments->>'number')::int),
       attempts
FROM jobs_job j WHERE kind LIKE 'bench.%'
"""
Database = psycopg.Connection[Any]


def measure() -> tuple[list[Figure], str]:
    given = {
        "DJANGO_SETTINGS_MODULE": "tests.benchmarks.jobs_settings",
        "JOB_LEASE_SECONDS": str(LEASE),
    }
    with (
        running("jobs", **given) as instance,
        psycopg.connect(instance.environment["DATABASE_URL"], autocommit=True) as database,
    ):
        database.execute(WITNESS)
        instance.manage(
            "shell", "--no-imports", "-v0", "-c", ASK.format(jobs=JOBS, seconds=SECONDS)
        )
        crew = Crew(instance, database, LEASE)
        try:
            began = time.monotonic()
            trouble(crew, database)
            took = time.monotonic() - began
            time.sleep(SECONDS[1] + LEASE)  # until those that were woken last have ended as well
        finally:
            crew.dismiss()
        rows = database.execute(ACCOUNTS).fetchall()
    bad, broken = broken_runs()
    return [*figures_of(rows, crew, bad, broken)], notes_of(crew, took, broken)


def trouble(crew: Crew, database: Database) -> None:
    """Kill and freeze, evenly over the jobs' ends and at random moments, until all of them are over."""
    until = time.monotonic() + LONGEST
    while (over := over_of(database)) < JOBS or crew.frozen:
        if time.monotonic() > until:
            print(f"Given up after {LONGEST} s: {over} of {JOBS} jobs are over.", flush=True)
            return
        crew.look_after()
        # a few more than half of the jobs: whoever was frozen in vain is still to be made up for
        share = min(1.0, over / (0.6 * JOBS) + 1 / KILLS)
        if crew.count["killed"] < share * KILLS:
            crew.kill()
        if crew.count["frozen"] + len(crew.frozen) < share * FREEZES:
            crew.freeze()
        time.sleep(random.uniform(0.1, 0.9))


def over_of(database: Database) -> int:
    row = database.execute(OVER).fetchone()
    return int(row[0]) if row else 0


def figures_of(rows: list[Any], crew: Crew, bad: int, broken: int) -> list[Figure]:
    ends: Counter[str] = Counter()
    twice = lost = stale = 0
    for ended, reason, effects, of_stale, _ in rows:
        states = ended or []
        ends.update(states[:1])
        twice += effects > 1 or len(states) > 1 or (effects == 1 and states != ["done"])
        lost += not states or (states == ["done"] and not effects)
        lost += states == ["failed"] and not reason
        stale += of_stale
    tried = sum(attempts > 1 for *_, attempts in rows)
    return [
        Figure("jobs.twice", twice, "≤ 0", f"of {len(rows)} jobs: two effects, two ends, or an effect of a job that failed"),
        Figure("jobs.lost", lost + JOBS - len(rows), "≤ 0", "neither done with its effect nor failed with a reason"),
        Figure("jobs.stale", stale, "≤ 0", "effects of a worker that was woken when another had its job"),
        Figure("jobs.bad_promotions", bad, "≤ 0", f"of {broken} broken trainings: the current model touched, or no word of it"),
        Figure("jobs.killed", crew.count["killed"], f"≥ {KILLS}", "SIGKILL in the middle of a job"),
        Figure("jobs.frozen", crew.count["frozen"], f"≥ {FREEZES}", "SIGSTOP until another had the job, then SIGCONT"),
        Figure("jobs.frozen_in_vain", crew.count["frozen in vain"], "", "the same, but nobody had taken it yet; not counted"),
        Figure("jobs.done", ends["done"], "", ""),
        Figure("jobs.given_up", ends["failed"], "", "hit in each of three attempts, failed with the reason"),
        Figure("jobs.tried_again", tried, "", "jobs with more than one attempt"),
    ]  # fmt: skip


def broken_runs() -> tuple[int, int]:
    """How many of the tests' broken trainings did not end as they must, and how many there are."""
    report = ROOT / "build" / "broken-runs.xml"
    command = [
        "-m",
        "pytest",
        "-q",
        BROKEN_RUNS,
        f"--junitxml={report}",
        "-o",
        "junit_family=xunit1",
    ]
    subprocess.run([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL, check=False)
    told = {one.get("name"): one.get("value") for one in ET.parse(report).iter("property")}
    if "broken_runs" not in told:
        raise RuntimeError(f"{BROKEN_RUNS} did not come to its end; see {report}.")
    return int(told["bad_promotions"] or 0), int(told["broken_runs"] or 0)


def notes_of(crew: Crew, took: float, broken: int) -> str:
    return (
        f"{JOBS} jobs of {SECONDS[0]:.0f} to {SECONDS[1]:.0f} s over the queues of the platform as it runs, with its workers "
        f"and those of {MACHINES} more machines beside them; leases of {LEASE:.0f} s, three attempts. Half of the jobs never "
        "ask whether they still hold their lease; each effect is a row of a table without any key, and the transaction that "
        f"writes it is held open for up to half a second, so that kills fall into it too. In {took:.0f} s workers were killed "
        f"{crew.count['killed']} times (one process, or it with all its siblings) and {crew.count['frozen']} times stopped for "
        f"{FROZEN_LEASES[0]} to {FROZEN_LEASES[1]:.0f} leases, until another worker had the job, all with jobs in hand. A trigger of the database wrote down each change of state.\n\n"
        f"The {broken} broken trainings are those of `{BROKEN_RUNS}`, the fourteen of the promise among them; after each the "
        "current model must be the same row with whole weights, and its run must say why it ended.\n"
    )
