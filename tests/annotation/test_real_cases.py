"""Cases of real files that are not part of this repository: what their own headers say about side and view.

OSTEON_DICOM_FILES names their folder (default: shared/data/dicom beside the repository).
"""

import os
from pathlib import Path

import pytest

from annotation import cases
from annotation.case_rule import Rule
from annotation.models import Case, Task
from archive.ingest import ingest_paths
from archive.models import Instance
from tests.factories.annotation import make_task

HERE = Path(__file__).resolve()
ALL = Path(os.environ.get("OSTEON_DICOM_FILES", HERE.parents[3] / "shared" / "data" / "dicom"))

pytestmark = [
    pytest.mark.django_db,
    # the files break rules on purpose, and pydicom says so
    pytest.mark.filterwarnings("ignore::UserWarning:pydicom"),
    pytest.mark.skipif(not ALL.is_dir(), reason=f"the real DICOM files are not at {ALL}"),
]

VIEWS = ["AP", "PA", "FRONTAL", "", "LATERAL", "OBLIQUE", "AXIAL"]


def cases_of(folder: str, rule: Rule) -> Task:
    """A task with the cases that the rule makes of what its folder holds."""
    ingest_paths([ALL / folder])
    Instance.everything.update(state="ready")  # as an admin would who looked at them
    task = make_task()
    cases.build(task, rule, set(Instance.objects.values_list("series__study", flat=True)), {})
    return task


def test_a_cervical_spine_in_three_series_is_one_case_whose_obliques_contradict_their_tag() -> None:
    """Its tag says AP of the obliques; PatientOrientation says L\\F of all, the lateral one included."""
    rule = Rule(["CR"], ["CSPINE"], [""], VIEWS, ["study"])
    task = cases_of("pydicom/dicomdirtests/77654033", rule)
    case = Case.objects.get(task=task)
    assert case.series.count() == 3
    assert case.view_position == "LATERAL"
    assert case.flags == [
        {
            "code": "view_conflict",
            "sentence": "Tag says AP, description says oblique.",
            "said": {"tag": "AP", "description": "OBLIQUE"},
        }
    ]


def test_a_chest_whose_tag_and_protocol_name_other_sides_is_flagged() -> None:
    rule = Rule(["DX"], ["CHEST"], ["R", "L", ""], [], ["study", "laterality"])
    task = cases_of("highdicom/dx_image.dcm", rule)
    case = Case.objects.get(task=task)
    assert case.laterality == ""
    assert case.flags == [
        {
            "code": "laterality_conflict",
            "sentence": "Tag says left, description says right.",
            "said": {"tag": "L", "description": "R"},
        }
    ]
