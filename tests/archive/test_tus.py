"""The tus protocol, request by request; a real client against a real server is in test_tus_client.py."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from archive.models import Upload, UploadFile
from archive.receive import MAX_BYTES
from tests.factories.accounts import client_of, make_user
from tests.factories.uploads import BYTES, TUS, announce, metadata, new_upload, patch

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    return client_of(make_user("ada", is_staff=True))


@pytest.fixture
def upload(staff: Client) -> int:
    return new_upload(staff)


def head(client: Client, url: str) -> Any:
    return client.head(url, headers=TUS)


def on_disk(tmp_path: Path) -> bytes:
    [path] = (tmp_path / "incoming").iterdir()
    return path.read_bytes()


def test_it_says_what_it_speaks(staff: Client, upload: int) -> None:
    answer = staff.options(f"/api/uploads/{upload}/files/")

    assert answer.status_code == 204
    assert (answer["Tus-Resumable"], answer["Tus-Version"]) == ("1.0.0", "1.0.0")
    assert set(answer["Tus-Extension"].split(",")) >= {"creation", "termination", "expiration"}
    assert answer["Tus-Max-Size"] == str(MAX_BYTES)


def test_it_takes_a_file_in_pieces(staff: Client, upload: int, tmp_path: Path) -> None:
    url = announce(staff, upload, "knees/IM1", 10)

    first = patch(staff, url, b"01234")
    asked = head(staff, url)
    second = patch(staff, url, b"56789", 5)

    assert (first.status_code, first["Upload-Offset"]) == (204, "5")
    assert (asked.status_code, asked["Upload-Offset"], asked["Upload-Length"]) == (200, "5", "10")
    assert asked["Cache-Control"] == "no-store"
    assert asked["Upload-Expires"].endswith("GMT")
    assert (second.status_code, second["Upload-Offset"]) == (204, "10")
    assert on_disk(tmp_path) == b"0123456789"


def test_a_file_may_bring_its_bytes_along(staff: Client, upload: int, tmp_path: Path) -> None:
    headers = TUS | {"Upload-Length": "5"} | metadata(filename="IM1", filetype="")

    answer = staff.generic(
        "POST", f"/api/uploads/{upload}/files/", b"01234", BYTES, headers=headers
    )

    assert (answer.status_code, answer["Upload-Offset"]) == (201, "5")
    assert on_disk(tmp_path) == b"01234"


@pytest.mark.parametrize("offset", [0, 4, 6])
def test_it_refuses_bytes_for_another_place(
    staff: Client, upload: int, tmp_path: Path, offset: int
) -> None:
    url = announce(staff, upload, "IM1", 10)
    patch(staff, url, b"01234")

    answer = patch(staff, url, b"zzzz", offset)

    assert answer.status_code == 409
    assert answer.json()["detail"] == f"The file has 5 bytes here, not {offset}; go on there."
    assert head(staff, url)["Upload-Offset"] == "5"
    assert on_disk(tmp_path) == b"01234"


def test_it_writes_over_what_was_never_counted(staff: Client, upload: int, tmp_path: Path) -> None:
    url = announce(staff, upload, "IM1", 10)
    patch(staff, url, b"01234")
    [path] = (tmp_path / "incoming").iterdir()
    path.write_bytes(b"01234 and what a dying server wrote")

    patch(staff, url, b"56789", 5)

    assert on_disk(tmp_path) == b"0123456789"


def test_it_never_takes_more_than_was_announced(staff: Client, upload: int) -> None:
    url = announce(staff, upload, "IM1", 4)

    answer = patch(staff, url, b"01234")

    assert answer.status_code == 413
    assert head(staff, url)["Upload-Offset"] == "0"


def test_it_asks_for_the_version(staff: Client, upload: int) -> None:
    url = announce(staff, upload, "IM1", 4)

    answers = [
        staff.head(url),
        staff.patch(url, b"0123", BYTES, headers={"Tus-Resumable": "0.2.2", "Upload-Offset": "0"}),
        staff.post(f"/api/uploads/{upload}/files/", headers={"Upload-Length": "4"}),
    ]

    assert [answer.status_code for answer in answers] == [412, 412, 412]
    assert all(answer["Tus-Version"] == "1.0.0" for answer in answers)
    assert UploadFile.objects.count() == 1


def test_it_removes_a_file(
    staff: Client, upload: int, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    url = announce(staff, upload, "IM1", 4)
    patch(staff, url, b"01")

    with django_capture_on_commit_callbacks(execute=True):
        gone = staff.delete(url, headers=TUS)

    assert gone.status_code == 204
    assert head(staff, url).status_code == 404
    assert list((tmp_path / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "1e9"}, 400),
        ({"Upload-Defer-Length": "1"}, 400),
        ({"Upload-Length": str(MAX_BYTES + 1)}, 413),
        ({"Upload-Length": "4", "Upload-Metadata": "filename ???"}, 400),
    ],
)
def test_it_refuses_what_it_does_not_understand(
    staff: Client, upload: int, headers: dict[str, str], status: int
) -> None:
    answer = staff.post(f"/api/uploads/{upload}/files/", headers=TUS | headers)

    assert answer.status_code == status
    assert answer.json()["detail"].endswith(".")
    assert UploadFile.objects.count() == 0


def test_it_takes_only_bytes(staff: Client, upload: int) -> None:
    url = announce(staff, upload, "IM1", 4)

    answer = staff.patch(url, b"0123", "text/plain", headers=TUS | {"Upload-Offset": "0"})

    assert answer.status_code == 415


def test_clients_that_know_no_patch_say_so(staff: Client, upload: int) -> None:
    url = announce(staff, upload, "IM1", 4)
    override = TUS | {"X-HTTP-Method-Override": "PATCH", "Upload-Offset": "0"}

    answer = staff.generic("POST", url, b"0123", BYTES, headers=override)

    assert (answer.status_code, answer["Upload-Offset"]) == (204, "4")


def test_it_takes_no_file_once_started(staff: Client, upload: int) -> None:
    url = announce(staff, upload, "IM1", 4)
    Upload.objects.update(state=Upload.State.WAITING)

    answers = [
        staff.post(f"/api/uploads/{upload}/files/", headers=TUS | {"Upload-Length": "4"}),
        patch(staff, url, b"0123"),
        staff.delete(url, headers=TUS),
    ]

    assert [answer.status_code for answer in answers] == [409, 409, 409]


def test_a_file_belongs_to_its_upload(staff: Client, upload: int) -> None:
    token = announce(staff, upload, "IM1", 4).split("/")[-2]
    other = new_upload(staff)

    assert head(staff, f"/api/uploads/{other}/files/{token}/").status_code == 404
    assert patch(staff, f"/api/uploads/{other}/files/{token}/", b"0123").status_code == 404


def test_a_full_disk_keeps_nothing_by_halves(
    staff: Client, upload: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = announce(staff, upload, "IM1", 10)
    patch(staff, url, b"01234")

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        refused = patch(staff, url, b"56789", 5)
    again = patch(staff, url, b"56789", 5)

    assert refused.status_code == 507
    assert refused.json()["detail"].startswith("The server's disk is full")
    assert again.status_code == 204
    assert on_disk(tmp_path) == b"0123456789"


def test_it_does_not_begin_what_the_disk_cannot_hold(
    staff: Client, upload: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("archive.receive.SPARE_BYTES", 1 << 60)

    answer = staff.post(f"/api/uploads/{upload}/files/", headers=TUS | {"Upload-Length": "4"})

    assert answer.status_code == 507


def test_it_leaves_room_for_the_database_whoever_else_sends(
    staff: Client, upload: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = announce(staff, upload, "IM1", 10)
    patch(staff, url, b"01234")
    with monkeypatch.context() as patched:
        patched.setattr("archive.receive.SPARE_BYTES", 1 << 60)
        refused = patch(staff, url, b"56789", 5)

    assert refused.status_code == 507
    assert on_disk(tmp_path) == b"01234"
    assert patch(staff, url, b"56789", 5).status_code == 204


def test_it_says_when_its_part_is_lost(staff: Client, upload: int, tmp_path: Path) -> None:
    url = announce(staff, upload, "IM1", 10)
    patch(staff, url, b"01234")
    [path] = (tmp_path / "incoming").iterdir()
    path.unlink()

    assert patch(staff, url, b"56789", 5).status_code == 410
