"""The upload page's way in, and the list of studies."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from annotation.models import CaseSeries
from archive.ingest import ingest_bytes
from archive.models import Instance, Study, Upload
from jobs.models import Job
from tests.factories.accounts import client_of, make_user
from tests.factories.annotation import make_reader, make_task
from tests.factories.archive import make_compressed, make_instance
from tests.factories.uploads import announce, new_upload, patch, send, shown

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return client_of(make_user("ada", is_staff=True))


def test_it_lists_uploads_newest_first(staff: Client) -> None:
    uploads = [new_upload(staff), new_upload(staff)]

    listed = staff.get("/api/uploads/").json()

    assert [upload["id"] for upload in listed] == uploads[::-1]
    assert listed[0] == shown(staff, uploads[1])
    assert staff.get("/api/uploads/987654/").status_code == 404


def test_it_tells_an_old_client_that_files_come_another_way(staff: Client) -> None:
    answer = staff.post("/api/uploads/", {"files": SimpleUploadedFile("a", b"x")})

    assert answer.status_code == 415
    assert Upload.objects.count() == 0


def test_it_starts_only_what_has_arrived_whole(staff: Client) -> None:
    upload = new_upload(staff)
    nothing = staff.post(f"/api/uploads/{upload}/start/")
    patch(staff, announce(staff, upload, "a", 10), b"12345")
    half = staff.post(f"/api/uploads/{upload}/start/")

    assert (nothing.status_code, half.status_code) == (409, 409)
    assert half.json()["detail"].startswith("1 files have not arrived whole")


def test_it_starts_a_delivery_once(staff: Client) -> None:
    upload = send(staff, {"a": b"x"})

    answers = [staff.post(f"/api/uploads/{upload}/start/").status_code for _ in range(2)]

    assert answers == [202, 409]
    assert Job.objects.count() == 1


def test_it_lists_studies_newest_first(staff: Client) -> None:
    make_instance(
        PatientID="A", StudyInstanceUID="1.2", SeriesInstanceUID="1.3", StudyDescription="Knees"
    )
    last = make_instance(
        PatientID="A", StudyInstanceUID="1.2", SeriesInstanceUID="1.4", ImageLaterality="L"
    )
    make_instance(StudyInstanceUID="1.9", StudyDescription="Hand", BodyPartExamined="HAND")

    answer = staff.get("/api/studies/").json()

    assert answer["counts"] == {"studies": 2, "instances": 3}
    assert answer["next"] is None
    assert [row["study_instance_uid"] for row in answer["results"]] == ["1.9", "1.2"]
    first = (
        Instance.objects.order_by("sop_instance_uid")
        .filter(series__study__study_instance_uid="1.2")
        .first()
    )
    assert first is not None
    assert answer["results"][1] == {
        "study_instance_uid": "1.2",
        "patient": last.series.study.patient.pseudonym,
        "study_date": "2024-01-31",
        "study_description": "Knees",
        "modality": "DX",
        "body_part_examined": "KNEE",
        "laterality": "B",
        "instances": 2,
        "thumbnail": f"/api/instances/{first.sop_instance_uid}/thumbnail/",
    }


@pytest.mark.parametrize(
    ("search", "found"), [("hand", 1), ("knee dx", 2), ("P-", 3), ("nothing", 0), ("%", 0)]
)
def test_it_searches_studies(staff: Client, search: str, found: int) -> None:
    make_instance()
    make_instance()
    make_instance(BodyPartExamined="HAND")

    answer = staff.get("/api/studies/", {"search": search}).json()

    assert len(answer["results"]) == found
    assert answer["counts"] == {"studies": found, "instances": found}


def test_it_pages_through_studies_while_others_come_in(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.studies.PAGE", 2)
    uids = [make_instance().series.study.study_instance_uid for _ in range(5)]

    seen, cursor = [], ""
    while cursor is not None:
        page = staff.get("/api/studies/", {"cursor": cursor}).json()
        seen += [row["study_instance_uid"] for row in page["results"]]
        make_instance()
        cursor = page["next"]

    assert seen == uids[::-1]


@pytest.mark.parametrize("studies", [1, 3])
def test_it_asks_as_little_for_many_studies_as_for_one(staff: Client, studies: int) -> None:
    for _ in range(studies):
        make_instance()

    with CaptureQueriesContext(connection) as queries:
        staff.get("/api/studies/")

    assert len(queries) == 5  # session, user, two counts, the page


def test_it_shows_a_reader_the_studies_of_his_tasks_only() -> None:
    task = make_task()
    mine, _ = make_instance(), make_instance()
    case = task.cases.create(patient=mine.series.study.patient, key="k", name="n")
    CaseSeries.objects.create(case=case, series=mine.series)
    reader = client_of(make_reader(task))

    answer = reader.get("/api/studies/").json()

    assert [row["study_instance_uid"] for row in answer["results"]] == [
        mine.series.study.study_instance_uid
    ]
    assert answer["counts"] == {"studies": 1, "instances": 1}
    assert reader.get(answer["results"][0]["thumbnail"]).status_code == 200


def test_it_makes_a_thumbnail_once(staff: Client, originals: Any) -> None:
    instance = make_instance()
    url = f"/api/instances/{instance.sop_instance_uid}/thumbnail/"

    first = staff.get(url)
    (originals / instance.file).unlink()

    assert first["Content-Type"] == "image/jpeg"
    assert first["Cache-Control"].startswith("private")
    assert staff.get(url).content == first.content


def test_it_says_when_there_is_no_picture_to_be_had(staff: Client) -> None:
    from pydicom.uid import RLELossless

    ingest_bytes("broken", make_compressed([b"no RLE"], RLELossless))
    uid = Instance.objects.get().sop_instance_uid

    response = staff.get(f"/api/instances/{uid}/thumbnail/")

    assert response.status_code == 422
    assert "cannot be decoded" in response.json()["detail"]
    assert Study.objects.count() == 1
