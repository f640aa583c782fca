"""Several processes that bring the same files at once make one row of each, and one patient of each."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from archive.models import Instance, Patient, Series, Study
from tests.factories.archive import make_file

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
PATIENTS, IMAGES, PROCESSES = 10, 6, 4


@pytest.mark.django_db(transaction=True)
def test_it_makes_one_row_of_a_file_that_several_bring(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for patient in range(PATIENTS):
        for image in range(IMAGES):
            uids: dict[str, Any] = {
                "StudyInstanceUID": f"1.2.{patient + 1}",
                "SeriesInstanceUID": f"1.3.{patient + 1}",
            }
            (folder / f"{patient}-{image}").write_bytes(make_file(PatientID=f"P{patient}", **uids))
    database = connection.settings_dict
    url = f"postgresql://{quote(database['USER'])}@/{database['NAME']}?host={quote(str(database['HOST']), safe='')}"
    environment = os.environ | {
        "DATABASE_URL": url,
        "STORAGE_URL": (tmp_path / "originals").as_uri(),
        "OSTEON_DATA": str(tmp_path),
        "SECRET_KEY": settings.SECRET_KEY,
    }

    running = [
        subprocess.Popen(
            [sys.executable, str(MANAGE), "ingest", str(folder)],
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    said = [process.communicate(timeout=120)[0] for process in running]

    assert [process.returncode for process in running] == [0] * PROCESSES
    taken = [int(text.splitlines()[-1].split()[0]) for text in said]
    assert sum(taken) == Instance.objects.count() == PATIENTS * IMAGES
    assert all("0 refused" in text for text in said)
    assert (Patient.objects.count(), Study.objects.count(), Series.objects.count()) == (
        PATIENTS,
    ) * 3
    assert len(list((tmp_path / "originals").rglob("*.dcm"))) == PATIENTS * IMAGES
    assert not list((tmp_path / "originals").glob(".coming-*"))
