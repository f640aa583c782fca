"""The demo's fractures: wrists and lower legs, half of them broken; the demo readers' boxes are the phantoms' own."""

from functools import partial
from pathlib import Path

import numpy as np

from annotation.forms import Answers
from archive.deidentify import archived_uid
from config.demo.plan import STUDY, Answer, Plan
from config.demo.regions import box_item
from phantoms.limbs.cohort import TRUTH_FILE, LimbTruth, read_truth, write_limbs

TASK, TEMPLATE = "Fracture (radiograph)", "fracture-radiograph"
READS = 100


def plan(cases: int) -> Plan:
    return Plan(
        task=TASK,
        template=TEMPLATE,
        folder="phantom-fractures",
        truth_file=TRUTH_FILE,
        what=f"{cases} phantom limbs, some of them broken",
        draw=partial(write_limbs, cases=cases),
        answers=answers,
        key=STUDY,
        reads=min(READS, max(cases // 2, cases - 20)),
        apart=True,  # its rule takes the knees too
    )


def answers(folder: Path) -> dict[str, Answer]:
    return {
        archived_uid(limb.study_instance_uid): partial(_answer, limb) for limb in read_truth(folder)
    }


def _answer(limb: LimbTruth, _rng: np.random.Generator) -> Answers:
    if not limb.present:
        return {"fracture": {"state": "answered", "value": "absent"}}
    said = {
        "bone": limb.bone,
        "segment": limb.segment,
        "certainty": "definite",
        "displaced": "yes" if limb.displaced else "no",
        "acuity": "acute",
    }
    boxes = [
        box_item(number, view.sop_instance_uid, view.box, attributes=said)
        for number, view in enumerate(limb.views)
        if view.box
    ]
    return {
        "fracture": {"state": "answered", "value": "present"},
        "fractures": {"state": "answered", "value": boxes},
    }
