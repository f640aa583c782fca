"""The upload page's way in, and the list of studies."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from archive.models import Study, Upload
from jobs.models import Job
from tests.factories.accounts import client_of, make_user
from tests.factories.archive import make_instance
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


def test_it_makes_a_thumbnail_once(staff: Client, originals: Any) -> None:
    instance = make_instance()
    url = f"/api/instances/{instance.sop_instance_uid}/thumbnail/"

    first = staff.get(url)
    (originals / instance.file).unlink()

    assert first["Content-Type"] == "image/jpeg"
    assert first["Cache-Control"].startswith("private")
    assert staff.get(url).content == first.content


def test_it_shows_a_thumbnail_although_the_disk_is_full(
    staff: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    instance = make_instance()
    monkeypatch.setattr(Path, "replace", full)

    answer = staff.get(f"/api/instances/{instance.sop_instance_uid}/thumbnail/")

    assert answer.content.startswith(b"\xff\xd8")
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_it_says_when_there_is_no_picture_to_be_had(staff: Client, originals: Any) -> None:
    instance = make_instance(np.zeros((1200, 1200), np.uint16))  # kept as HTJ2K
    [[[offset, length]]] = instance.frames
    path = originals / instance.file
    path.write_bytes(path.read_bytes()[:offset] + bytes(length))

    response = staff.get(f"/api/instances/{instance.sop_instance_uid}/thumbnail/")

    assert response.status_code == 422
    assert "cannot be decoded" in response.json()["detail"]
    assert Study.objects.count() == 1
