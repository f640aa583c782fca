"""The demo's knees: most get their grade from a reader who is right nine times in ten."""

import csv
from functools import partial
from pathlib import Path

import numpy as np

from annotation.forms import Answers
from archive.deidentify import archived_uid
from config.demo.plan import IMAGE, Answer, Plan
from phantoms.cohort import TRUTH_FILE, write_knees

TASK, TEMPLATE = "Knee OA (KL grade)", "knee-oa-kl"
ERRORS = 0.1  # a demo reader's grade is off by one that often


def plan(cases: int, large: int, reads: int) -> Plan:
    return Plan(
        task=TASK,
        template=TEMPLATE,
        folder="phantoms",
        truth_file=TRUTH_FILE,
        what=f"{cases} phantom knees",
        draw=partial(write_knees, cases=cases, large=large),
        answers=answers,
        key=IMAGE,
        reads=reads,
    )


def answers(folder: Path) -> dict[str, Answer]:
    with (folder / TRUTH_FILE).open(newline="") as file:
        return {
            archived_uid(row["sop_instance_uid"]): partial(_answer, int(row["grade"]))
            for row in csv.DictReader(file)
        }


def _answer(grade: int, rng: np.random.Generator) -> Answers:
    if rng.random() < ERRORS:
        grade = int(np.clip(grade + rng.choice([-1, 1]), 0, 4))
    return {"kl": {"state": "answered", "value": grade}}
