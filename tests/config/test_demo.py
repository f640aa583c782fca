"""The demo beside somebody's own images, which arrived while it was loading."""

from pathlib import Path

import pytest

from annotation.cases import build_cases
from annotation.models import Annotation
from annotation.tasks import create_task
from archive.ingest import ingest_paths
from config import demo
from phantoms.cohort import write_knees
from tests.factories.annotation import make_reader


@pytest.mark.django_db(transaction=True)
def test_the_demo_reads_only_its_own_phantoms(tmp_path: Path) -> None:
    own, phantoms = tmp_path / "own", tmp_path / "phantoms"
    write_knees(own, cases=3, large=0, seed=99)
    write_knees(phantoms, cases=6, large=0)
    ingest_paths([own, phantoms])
    task = create_task(demo.TEMPLATE, demo.TASK)
    build_cases(task)
    grades = demo.truth(phantoms)

    demo.read(task, [make_reader(task)], grades, 9)

    read = Annotation.objects.filter(case__task=task, state="submitted")
    uids = set(read.values_list("case__series__instances__sop_instance_uid", flat=True))
    assert uids == set(grades)
