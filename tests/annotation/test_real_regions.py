"""Boxes that others drew on real MR images: imported, checked against the images, exported, compared.

The images are not part of this repository; OSTEON_LUMBAR_MRI names their folder (default: shared/data/lumbar-mri beside
it).
"""

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from annotation import cases, catalogue
from annotation.case_rule import Rule
from annotation.export.references import write_csv
from annotation.imports import Imported, import_labels, read_table
from annotation.kinds import KINDS
from annotation.models import Case, Form, Task
from annotation.snapshots import freeze
from archive.deidentify import patient_key
from archive.ingest import ingest_paths
from archive.models import Instance
from tests.factories.annotation import make_task, make_user

HERE = Path(__file__).resolve()
ALL = Path(os.environ.get("OSTEON_LUMBAR_MRI", HERE.parents[3] / "shared/data/lumbar-mri"))
COUNT = 6
DISCS: dict[str, Any] = {
    "key": "discs",
    "kind": "boxes",
    "label": "Discs",
    "required": True,
    "sites": [],
    "attributes": [
        {
            "key": "disc",
            "kind": "choice",
            "label": "Disc",
            "required": True,
            "options": [
                {"value": value, "label": value} for value in ("normal", "bulging", "herniation")
            ],
        }
    ],
}

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not ALL.is_dir(), reason=f"the real MR images are not at {ALL}"),
]


@pytest.fixture
def published() -> list[dict[str, str]]:
    with (ALL / "labels.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[:COUNT]


@pytest.fixture
def task(tmp_path: Path, published: list[dict[str, str]]) -> Task:
    table = tmp_path / "whose.csv"
    lines = [f"{Path(row['file']).name},{row['source_id']},,LSPINE" for row in published]
    table.write_text("\n".join(["file,patient_id,laterality,body_part_examined", *lines]))
    ingest_paths([ALL / row["file"] for row in published], csv=table)
    Instance.everything.update(state="ready")  # as an admin would who looked at them
    task = make_task()
    content = {**catalogue.load("knee-oa-kl"), "fields": [DISCS]}
    Form.objects.create(task=task, version=2, content=content)
    studies = set(Instance.objects.values_list("series__study", flat=True))
    cases.build(task, Rule(["OT"], ["LSPINE"], [""], [], ["study"]), studies, {})
    return task


def boxes(row: dict[str, str], image: Instance) -> list[dict[str, Any]]:
    """YOLO's fractions of the image as boxes in its pixels."""
    found = []
    for number, (disc, x, y, width, height) in enumerate(json.loads(row["boxes_yolo"])):
        corners = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
        sides = (image.columns, image.rows, image.columns, image.rows)
        found.append(
            {
                "id": f"r{number}",
                "image": image.sop_instance_uid,
                "frame": 1,
                "box": [round(a * side, 2) for a, side in zip(corners, sides, strict=True)],
                "attributes": {"disc": disc},
            }
        )
    return found


def table_of(rows: list[tuple[str, Any]]) -> io.StringIO:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["patient_id", "laterality", "discs"])
    writer.writerows([patient, "", json.dumps(value)] for patient, value in rows)
    file.seek(0)
    return file


def test_real_boxes_come_in_fit_their_images_and_go_out_as_they_came(
    task: Task, published: list[dict[str, str]]
) -> None:
    drawn = {}
    for row in published:
        case = Case.objects.get(task=task, patient__patient_id=patient_key(row["source_id"]))
        drawn[row["source_id"]] = boxes(row, Instance.objects.get(series__cases=case))

    done = import_labels(task, read_table(table_of(list(drawn.items()))), make_user("students"))

    assert done == Imported(COUNT, 0, [], [])
    file = io.StringIO(newline="")
    write_csv(file, freeze(task))
    rows = list(csv.DictReader(io.StringIO(file.getvalue(), newline="")))
    written = [json.loads(row["discs"]) for row in rows]
    assert {value[0]["image"]: value for value in written} == {
        value[0]["image"]: value for value in drawn.values()
    }
    assert [int(row["discs_count"]) for row in rows] == [len(value) for value in written]
    assert KINDS["boxes"].agreement(DISCS, written, written) == {"f1": 1.0}


def test_boxes_of_another_image_or_beyond_it_are_named_with_their_line(
    task: Task, published: list[dict[str, str]]
) -> None:
    one, other = published[:2]
    images = [
        Instance.objects.get(
            series__cases__patient__patient_id=patient_key(row["source_id"]),
            series__cases__task=task,
        )
        for row in (one, other)
    ]
    outside = [{**box, "box": [0, 0, 5000, 10]} for box in boxes(other, images[1])[:1]]
    rows = [(one["source_id"], boxes(one, images[1])), (other["source_id"], outside)]

    done = import_labels(task, read_table(table_of(rows)), make_user("students"))

    assert done.written == 0
    assert [sentence.split(": ", 1)[1] for sentence in done.wrong] == [
        "Item 1: its image does not belong to this case; remove it.",
        f"Item 1: it lies outside its image of {images[1].columns} x {images[1].rows} pixels.",
    ]
