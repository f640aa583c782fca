"""The demo's knee MR studies: a few are read already, with the boxes that the phantoms' truth gives."""

from functools import partial
from pathlib import Path

import numpy as np

from annotation.forms import Answers
from archive.deidentify import archived_uid
from config.demo.plan import STUDY, Answer, Plan
from config.demo.regions import box_item
from phantoms.mr.cohort import TRUTH_FILE, KneeMRTruth, PlaceTruth, read_truth, write_knees_mr

TASK, TEMPLATE = "Knee tears (MR)", "knee-tears-mr"
READS = 44


def plan(cases: int) -> Plan:
    return Plan(
        task=TASK,
        template=TEMPLATE,
        folder="phantom-knees-mr",
        truth_file=TRUTH_FILE,
        what=f"{cases} phantom MR studies of knees",
        draw=partial(write_knees_mr, cases=cases),
        answers=answers,
        key=STUDY,
        reads=min(READS, max(cases // 2, cases - 4)),
    )


def answers(folder: Path) -> dict[str, Answer]:
    return {
        archived_uid(knee.study_instance_uid): partial(_answer, knee) for knee in read_truth(folder)
    }


def _answer(knee: KneeMRTruth, _rng: np.random.Generator) -> Answers:
    found: Answers = {"acl": _answered("complete" if knee.acl else "intact")}
    if knee.acl:
        found["acl_level"] = _answered("mid")
    for side in ("medial", "lateral"):
        whole = "degeneration" if side in knee.degeneration else "intact"
        found[f"meniscus@{side}"] = _answered("tear" if side == knee.meniscus else whole)
    if knee.meniscus:
        places = enumerate(knee.meniscus_places[:1])
        boxes = [_box(number, place) for number, place in places]
        found[f"zones@{knee.meniscus}"] = _answered([knee.zone])
        found[f"tear_type@{knee.meniscus}"] = _answered(knee.type)
        found[f"tear_boxes@{knee.meniscus}"] = _answered(boxes)
    return found


def _box(number: int, place: PlaceTruth) -> dict[str, object]:
    first, last = (
        {"image": archived_uid(image), "frame": 1} for image in (place.first, place.last)
    )
    return box_item(number, place.image, place.box, extent={"first": first, "last": last})


def _answered(value: object) -> dict[str, object]:
    return {"state": "answered", "value": value}
