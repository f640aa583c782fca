"""What was drawn into the demo's phantoms, by the study's UID as the archive has it."""

import json
from typing import Any

from tests.instance import Instance

TELL = """
import json
from dataclasses import asdict
from django.conf import settings
from archive.deidentify import archived_uid
from phantoms.{package}.cohort import read_truth

UIDS = ("study_instance_uid", "sop_instance_uid", "first", "last", "image")

def archived(value):
    if isinstance(value, dict):
        return {{key: archived_uid(one) if key in UIDS else archived(one) for key, one in value.items()}}
    return [archived(one) for one in value] if isinstance(value, (list, tuple)) else value

told = [archived(asdict(study)) for study in read_truth(settings.DATA / "{folder}")]
print(json.dumps({{study["study_instance_uid"]: study for study in told}}))
"""

GRADES = """
import csv, json
from django.conf import settings
from archive.deidentify import archived_uid
with (settings.DATA / "phantoms" / "truth.csv").open(newline="") as file:
    rows = list(csv.DictReader(file))
print(json.dumps({archived_uid(row["sop_instance_uid"]): row["grade"] for row in rows}))
"""


def of_knees(instance: Instance) -> dict[str, str]:
    """The grade by the image's UID."""
    return _printed(instance, GRADES)


def _told(instance: Instance, package: str, folder: str) -> dict[str, Any]:
    return _printed(instance, TELL.format(package=package, folder=folder))


def _printed(instance: Instance, script: str) -> dict[str, Any]:
    said = instance.manage("shell", "--no-imports", "-v0", "-c", script)
    found: dict[str, Any] = json.loads(said.strip().splitlines()[-1])
    return found


def of_limbs(instance: Instance) -> dict[str, Any]:
    return _told(instance, "limbs", "phantom-fractures")


def of_knees_mr(instance: Instance) -> dict[str, Any]:
    return _told(instance, "mr", "phantom-knees-mr")
