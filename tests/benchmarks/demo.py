"""What the demo promises: each of its three tasks trains, passes the gate and has its open cases pre-annotated.

`manage.py up --demo` in a folder of its own, as `make demo` starts it; from outside is looked at what stands in its database.

OSTEON_BENCH_DEMO_MINUTES="60" says how long it may take.
"""

import os
import time
from typing import Any, NamedTuple

import psycopg
from psycopg.rows import class_row

from config.demo import fractures, knees, tears
from tests.benchmarks.figures import Figure
from tests.instance import running

MINUTES = float(os.environ.get("OSTEON_BENCH_DEMO_MINUTES", "60"))
PAUSE_SECONDS = 5
# of each task the figure that stands for it
MAIN = {
    knees.TEMPLATE: ("kl_qwk", "kl", "qwk"),
    fractures.TEMPLATE: ("fracture_auc", "fracture", "auc"),
    tears.TEMPLATE: ("tear_auc", "acl", "auc"),
}
TASKS = """
SELECT task.template,
       coalesce(job.state, '') AS state,
       coalesce(job.text, '') AS text,
       coalesce(nullif(job.error, ''), made.gate ->> 'reason', '') AS reason,
       used.id IS NOT NULL AS current,
       coalesce(used.metrics, '{}') AS metrics,
       waiting.cases, waiting.predicted, waiting.aside
FROM annotation_task task
LEFT JOIN LATERAL (
    SELECT id, job_id FROM training_trainingrun WHERE task_id = task.id ORDER BY id DESC LIMIT 1
) run ON true
LEFT JOIN jobs_job job ON job.id = run.job_id
LEFT JOIN training_modelversion made ON made.run_id = run.id
LEFT JOIN training_modelversion used ON used.task_id = task.id AND used.state = 'current'
CROSS JOIN LATERAL (
    SELECT count(*) AS cases,
           count(*) FILTER (WHERE prediction.slots != '{}') AS predicted,
           count(*) FILTER (WHERE aside.tries >= 3 AND aside.reason != '') AS aside
    FROM annotation_case open
    LEFT JOIN inference_prediction prediction
        ON prediction.case_id = open.id AND prediction.model_id = used.id
    LEFT JOIN inference_unreadable aside ON aside.case_id = open.id
    WHERE open.task_id = task.id AND open.state = 'waiting'
) waiting
ORDER BY task.id
"""


class Task(NamedTuple):
    """How one stands: its latest training, the version in use, and the cases that wait to be read."""

    template: str
    state: str  # of the training's job; "" before there is one
    text: str
    reason: str  # why the latest training failed, or the gate's sentence on it
    current: bool  # whether a version is, be it of that training or of one before
    metrics: dict[str, Any]
    cases: int
    predicted: int  # by the current version
    aside: int  # without a prediction, and it is said why

    @property
    def preannotated(self) -> bool:
        return self.current and self.cases > 0 and self.cases == self.predicted + self.aside

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        trained = self.state not in ("", "queued", "running")
        return trained and (self.preannotated or not self.current)

    def __str__(self) -> str:
        how = self.text or self.state or "no training yet"
        how = f"a version is current, {how}" if self.current else how
        return f"{self.template}: {how}, {self.predicted} of {self.cases} open cases predicted"


def measure() -> tuple[list[Figure], str]:
    began = time.monotonic()
    with (
        running("demo", "--demo") as instance,
        psycopg.connect(instance.environment["DATABASE_URL"], autocommit=True) as database,
    ):
        tasks = wait(database, began + MINUTES * 60)
    return figures_of(tasks, (time.monotonic() - began) / 60), notes_of(tasks)


def wait(database: psycopg.Connection[Any], until: float) -> list[Task]:
    """Until all three are over, or the time is; each change of how they stand is printed."""
    before: list[Task] = []
    while time.monotonic() < until:
        tasks = database.cursor(row_factory=class_row(Task)).execute(TASKS).fetchall()
        for task in tasks:
            if task not in before:
                print(f"{time.strftime('%H:%M:%S')} {task}", flush=True)
        before = tasks
        if len(tasks) == len(MAIN) and all(task.over for task in tasks):
            break
        time.sleep(PAUSE_SECONDS)
    return before


def figures_of(tasks: list[Task], minutes: float) -> list[Figure]:
    current = sum(task.current for task in tasks)
    done = sum(task.preannotated for task in tasks)
    figures = [
        Figure("demo.tasks_current", current, "≥ 3", "tasks whose model passed the gate"),
        Figure(
            "demo.tasks_preannotated",
            done,
            "≥ 3",
            "tasks whose open cases all have a prediction of it, or a reason why not",
        ),
        Figure(
            "demo.minutes",
            minutes,
            "",
            "from the start in an empty folder to all of that, or to the end of its time",
        ),
    ]
    for task in tasks:
        key, slot, metric = MAIN[task.template]
        value = task.metrics.get(slot, {}).get(metric, {}).get("value")
        if value is not None:
            what = f"{slot}, on the locked test"
            figures.append(Figure(f"demo.{key}", value, "", what))
    return figures


def notes_of(tasks: list[Task]) -> str:
    said = "".join(f"- {task}. {task.reason}\n" for task in tasks)
    return (
        "`manage.py up --demo` in an empty folder: phantoms drawn and taken in, the demo readers' reads, a fast training of "
        f"each task, predictions of what waits. What came of each training, by its gate:\n\n{said}"
    )
